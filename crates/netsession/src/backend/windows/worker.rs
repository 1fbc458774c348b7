use std::time::Instant;
use std::{env, thread};

use netsession_proto::client::{self, Failure, Limit, Refusal};
use netsession_proto::query::{Paging, Progress, Query};

use super::WindowsPlan;
use crate::error::{Cause, Error, LocalError, Step};
use crate::memory_budget::{MemoryShare, MemoryUse};
use crate::oneshot::{self, Receiver};
use crate::question::{Ask, Circumstances, Found, Target};
use crate::session::{Caller, Machine};
use crate::system_call::SystemCall;
use crate::{Account, Level};

/// Asks in a detached thread: a call of `netapi32` cannot be interrupted, and the end of a runtime waits for its
/// blocking tasks. The holder of the receiver looks at the deadline.
pub(super) fn start<Q: Ask + Clone + Send + 'static>(
    plan: &WindowsPlan,
    question: &Q,
    deadline: Instant,
) -> Result<Receiver<Result<Q::Output, Error>>, Error> {
    // This machine has no name, and no network between.
    let level = plan.server.name().map_or(Level::Auto, |server| plan.memory.level(server));
    let target = Target { unc: plan.server.unc(), limits: plan.limits, level };
    let query = question.query(&target).map_err(|error| error.with_server(plan.server.to_string()))?;
    let (sender, receiver) = oneshot::channel();
    let (plan, question) = (plan.clone(), question.clone());
    let server = plan.server.to_string();
    let span = tracing::Span::current();
    let asks = move || {
        let _entered = span.entered();
        // Further pages of a late answer are not requested.
        let is_wanted = || sender.is_awaited() && Instant::now() < deadline;
        let answer = ask(&plan, &question, query, &is_wanted);
        if let (Err(error), Some(server)) = (&answer, plan.server.name())
            && error.is_answer()
        {
            question.refused(server, &plan.memory);
        }
        sender.send(answer);
    };
    match thread::Builder::new().name("netsession-windows".into()).spawn(asks) {
        Ok(_detached) => Ok(receiver),
        Err(error) => {
            let cause = Cause::Local(LocalError::no_thread("for the call")(error));
            Err(Error::new(Step::for_call(Q::Query::OPERATION), cause).with_server(server))
        }
    }
}

pub(super) fn timed_out<Q: Ask>(plan: &WindowsPlan) -> Error {
    Error::timed_out(Step::for_call(Q::Query::OPERATION)).with_server(plan.server.to_string())
}

/// One call after the other, until the query is answered.
fn ask<Q: Ask>(
    plan: &WindowsPlan,
    question: &Q,
    mut query: Q::Query,
    is_wanted: &dyn Fn() -> bool,
) -> Result<Q::Output, Error> {
    let begun = Instant::now();
    let mut found = question.begin(None);
    let mut memory = plan.budget.begin();
    let collect = |found: &mut Found<Q>, memory: &mut MemoryUse, items| {
        Q::collect(found, items);
        let over = |limit| failed::<Q>(plan, client::Cause::Limit(Limit::Memory(limit)));
        memory.set(Q::held_bytes(found)).map_err(over)
    };
    loop {
        if !is_wanted() {
            return Err(timed_out::<Q>(plan));
        }
        match call(&mut query).map_err(|cause| failed::<Q>(plan, cause))? {
            Progress::Ask(items) => collect(&mut found, &mut memory, items)?,
            Progress::Done(items) => {
                collect(&mut found, &mut memory, items)?;
                Q::charge(&mut found, MemoryShare::new(memory));
                if let Some(server) = plan.server.name() {
                    question.remember(&query, server, &plan.memory);
                }
                let server = plan.server.clone();
                let circumstances = Circumstances { server, caller: caller(), took: begun.elapsed() };
                return Ok(question.answer(&query, found, circumstances));
            }
        }
    }
}

/// Who most likely asks: the user of this process, from this computer. Which session is the caller's own cannot be told,
/// since Windows logs on by itself; for a session that is to be ended, it is enough to know which one it may be.
fn caller() -> Option<Caller> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let account = Account::new(variable("USERNAME")?);
    let account = match variable("USERDOMAIN") {
        Some(domain) => account.in_domain(domain),
        None => account,
    };
    Some(Caller { account, machine: Machine::Name(variable("COMPUTERNAME")?) })
}

fn call<Q: Query<Call: SystemCall>>(query: &mut Q) -> Result<Progress<Q::Item>, client::Cause> {
    let call = query.next();
    let max_entries = query.paging().map_or(usize::MAX, Paging::entries_left);
    let answer = call.call(max_entries).map_err(|cause| match (cause, query.paging()) {
        (client::Cause::Limit(Limit::Entries(_)), Some(paging)) => paging.too_many_entries(),
        (cause, _) => cause,
    })?;
    query.answered(answer)
}

/// The error that a question ended with. A code may be the system's own: that it did not get through.
fn failed<Q: Ask>(plan: &WindowsPlan, cause: client::Cause) -> Error {
    let operation = Q::Query::OPERATION;
    let error = match cause {
        client::Cause::Refused(Refusal::Code(code)) => Error::from_system(operation, code),
        cause => Error::from_failure(Failure { step: client::Step::Call(operation), cause }),
    };
    error.with_server(plan.server.to_string())
}
