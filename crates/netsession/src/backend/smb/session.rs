use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use netsession_proto::client::{Failure, Negotiated, RpcPipe};
use netsession_proto::query::Query as _;

use super::inquiry::{Inquiry, InquiryEnd};
use super::opening::Opened;
use super::plan::SmbPlan;
use crate::Timings;
use crate::error::{Error, Step};
use crate::question::{Ask, Circumstances, Target};
use crate::session::{Caller, Machine};
use crate::timings::{Stopwatch, Timed};

/// A logged-on connection between two questions, whatever carries its bytes.
pub(super) struct Session {
    plan: Arc<SmbPlan>,
    /// Taken out for each question and put back if it can go on.
    pipe: Option<Box<RpcPipe>>,
    negotiated: Negotiated,
    local: IpAddr,
    stopwatch: Stopwatch,
}

impl Session {
    pub(super) fn new(plan: Arc<SmbPlan>, opened: Opened) -> Self {
        let Opened { pipe, local, stopwatch } = opened;
        Self { plan, negotiated: pipe.negotiated(), pipe: Some(pipe), local, stopwatch }
    }

    pub(super) fn negotiated(&self) -> Negotiated {
        self.negotiated
    }

    /// Its plan, with another deadline.
    pub(super) fn plan_until(&self, deadline: Instant) -> Arc<SmbPlan> {
        Arc::new(self.plan.until(deadline))
    }

    /// How long each phase took, the one under way up to now.
    pub(super) fn timings(&mut self) -> Timings {
        self.stopwatch.stop(Instant::now())
    }

    /// Puts a question. If it is dropped before its end, the connection takes no other one.
    pub(super) fn begin<Q: Ask>(&mut self, question: &Q, deadline: Instant) -> Result<Inquiry<Q>, Error> {
        let plan = &self.plan;
        let target = Target {
            unc: Some(format!(r"\\{}", plan.server.host_without_scope())),
            limits: plan.limits(),
            level: plan.memory.level(&plan.server),
        };
        let query = question.query(&target).map_err(|error| error.with_server(plan.server.to_string()))?;
        let closed = || plan.named(Error::client_closed(Step::for_call(Q::Query::OPERATION)));
        let pipe = self.pipe.take().ok_or_else(closed)?;
        self.stopwatch.enter(Timed::Question, Instant::now());
        let found = question.begin(Some(&self.caller()));
        Ok(Inquiry::new(*pipe, query, deadline, found, self.plan.budget().begin()))
    }

    /// Who is logged on, and from where.
    fn caller(&self) -> Caller {
        Caller { account: self.plan.credentials.account(), machine: Machine::Address(self.local) }
    }

    /// Takes the end of the question.
    pub(super) fn end<Q: Ask>(&mut self, question: &Q, end: InquiryEnd<Q>) -> Result<Q::Output, Error> {
        let timings = self.stopwatch.stop(Instant::now());
        match end {
            InquiryEnd::Answered(pipe, query, found) => {
                self.pipe = Some(pipe);
                let circumstances = Circumstances {
                    server: self.plan.server.to_string(),
                    caller: Some(self.caller()),
                    took: timings.enumerate.unwrap_or_default(),
                };
                question.remember(&query, &self.plan.server, &self.plan.memory);
                Ok(question.answer(&query, found, circumstances))
            }
            InquiryEnd::Refused(pipe, failure) => {
                question.refused(&self.plan.server, &self.plan.memory);
                self.pipe = Some(pipe);
                Err(self.error(failure).after(timings))
            }
            InquiryEnd::Failed(failure) => Err(self.error(failure).after(timings)),
            InquiryEnd::Broken(error) => Err(self.plan.named(error).after(timings)),
        }
    }

    fn error(&self, failure: Failure) -> Error {
        self.plan.named(Error::from_failure(failure))
    }
}
