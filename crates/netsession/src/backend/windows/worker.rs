use std::thread;
use std::time::Instant;

use netsession_proto::client::{self, Course, Enumeration};
use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;

use super::netapi::{self, Names};
use super::{Answer, Plan, STEP, failed, timed_out};
use crate::error::{Cause, Error, Step};
use crate::oneshot::{self, Receiver};
use crate::{Listing, Session};

/// Asks in a thread that nobody waits for: `NetSessionEnum` cannot be interrupted, and the end of a
/// runtime waits for its blocking tasks. Whoever holds the taker looks at the deadline.
pub(super) fn start(
    plan: &Plan,
    question: Enumeration,
    deadline: Instant,
) -> Result<Receiver<Answer>, Error> {
    let (giver, taker) = oneshot::channel();
    let plan = plan.clone();
    let server = plan.server.to_string();
    let span = tracing::Span::current();
    let asks = move || {
        let _entered = span.entered();
        // Nobody waits for the rest of an answer that comes too late.
        let is_wanted = || giver.is_awaited() && Instant::now() < deadline;
        let answer = ask(&plan, question, &is_wanted);
        giver.send(answer);
    };
    match thread::Builder::new().name("netsession-windows".into()).spawn(asks) {
        Ok(_detached) => Ok(taker),
        Err(error) => {
            let cause = Cause::Local(format!("no thread for the call: {error}"));
            Err(Error::new(Step::Conversation(STEP), cause).at(server))
        }
    }
}

/// One call for each level and page, until there is nothing more to ask.
fn ask(plan: &Plan, mut question: Enumeration, is_wanted: &dyn Fn() -> bool) -> Answer {
    let names = Names::new(plan.server.unc().as_deref(), question.client(), question.user());
    let names = names.map_err(|cause| failed(plan, cause))?;
    let mut sessions = Vec::new();
    loop {
        if !is_wanted() {
            return Err(timed_out(plan));
        }
        let progress = call(&names, &mut question).map_err(|cause| failed(plan, cause))?;
        sessions.extend(progress.sessions.into_iter().map(Session::from_wire));
        if let Course::Done(client::Answer { level, asked, pages }) = progress.course {
            let server = plan.server.to_string();
            tracing::debug!(server, %level, %asked, pages, sessions = sessions.len(), "listed by Windows");
            // Which session is the caller's own cannot be told: Windows logs on by itself.
            return Ok(Listing::from_parts(server, level.into(), asked.into(), pages, sessions));
        }
    }
}

fn call(names: &Names, question: &mut Enumeration) -> Result<client::Progress, client::Cause> {
    let (level, resume) = (question.level(), question.resume());
    tracing::debug!(level = level.number(), resume, "asking NetSessionEnum");
    let page = netapi::session_enum(names, level, resume);
    if let Some(fault) = fault_behind(page.code()) {
        return question.faulted(fault);
    }
    if page.entries() > question.entries_left() {
        return Err(question.too_many_entries());
    }
    let sessions = page.sessions()?;
    question.answered(page.code(), sessions, Some(page.resume()))
}

/// The RPC fault of which Windows has made a return code (\[MS-RPCE\] 3.1.1.5.5), so that it is handled and
/// named as on the wire.
fn fault_behind(code: Win32Error) -> Option<FaultStatus> {
    match FaultStatus(code.0) {
        FaultStatus::RPC_S_INVALID_TAG => Some(FaultStatus::INVALID_TAG),
        FaultStatus::RPC_S_PROCNUM_OUT_OF_RANGE => Some(FaultStatus::OP_RNG_ERROR),
        FaultStatus::BAD_STUB_DATA => Some(FaultStatus::BAD_STUB_DATA),
        _ => None,
    }
}
