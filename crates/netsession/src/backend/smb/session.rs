use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use netsession_proto::client::{Negotiated, RpcPipe};
use netsession_proto::query::Query as _;

use super::dialogue::OverPipe;
use super::holding::Holding;
use super::inquiry::{Answered, Inquiry, InquiryEnd};
#[cfg(feature = "tokio")]
use super::inquiry_both::{BothEnd, BothInquiry};
use super::opening::Opened;
use super::plan::SmbPlan;
#[cfg(feature = "tokio")]
use super::second_pipe::SecondPipeEnd;
use crate::Timings;
use crate::error::{Error, Step};
#[cfg(feature = "tokio")]
use crate::question::BothAnswers;
use crate::question::{Ask, Circumstances, Found, Target};
use crate::server_name::Server;
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
    /// Whether the next two questions at the same time open a second pipe. Once for a connection, whatever comes of it.
    #[cfg(feature = "tokio")]
    second_pipe_is_due: bool,
}

impl Session {
    pub(super) fn new(plan: Arc<SmbPlan>, opened: Opened) -> Self {
        let Opened { pipe, local, stopwatch } = opened;
        Self {
            plan,
            negotiated: pipe.negotiated(),
            pipe: Some(pipe),
            local,
            stopwatch,
            #[cfg(feature = "tokio")]
            second_pipe_is_due: true,
        }
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
    pub(super) fn begin<Q: Ask>(
        &mut self,
        question: &Q,
        deadline: Instant,
    ) -> Result<OverPipe<Inquiry<Q>>, Error> {
        let query = self.query(question)?;
        let pipe = self.take_pipe::<Q>()?;
        self.stopwatch.enter(Timed::Question, Instant::now());
        Ok(Inquiry::begin(*pipe, query, deadline, self.holding(question)))
    }

    fn query<Q: Ask>(&self, question: &Q) -> Result<Q::Query, Error> {
        let plan = &self.plan;
        let target = Target {
            unc: Some(format!(r"\\{}", plan.server.host_without_scope())),
            limits: plan.limits(),
            level: plan.memory.level(&plan.server),
        };
        question.query(&target).map_err(|error| error.with_server(plan.server.to_string()))
    }

    fn take_pipe<Q: Ask>(&mut self) -> Result<Box<RpcPipe>, Error> {
        let closed = || self.plan.named(Error::client_closed(Step::for_call(Q::Query::OPERATION)));
        self.pipe.take().ok_or_else(closed)
    }

    fn holding<Q: Ask>(&self, question: &Q) -> Holding<Q> {
        Holding::new(question.begin(Some(&self.caller())), self.plan.budget().begin())
    }

    /// Who is logged on, and from where.
    fn caller(&self) -> Caller {
        Caller { account: self.plan.credentials.account(), machine: Machine::Address(self.local) }
    }

    /// Takes the end of the question.
    pub(super) fn end<Q: Ask>(
        &mut self,
        question: &Q,
        end: Result<InquiryEnd<Q>, Error>,
    ) -> Result<Q::Output, Error> {
        let timings = self.stopwatch.stop(Instant::now());
        let (pipe, answer) = end.map_err(|error| self.error(error, timings))?;
        self.pipe = Some(pipe);
        self.answered(question, answer, timings)
    }

    fn answered<Q: Ask>(
        &self,
        question: &Q,
        answer: Answered<Q>,
        timings: Timings,
    ) -> Result<Q::Output, Error> {
        match answer {
            Ok((query, found)) => Ok(self.answer(question, &query, found, timings)),
            Err(failure) => {
                question.refused(&self.plan.server, &self.plan.memory);
                Err(self.error(Error::from_failure(failure), timings))
            }
        }
    }

    fn answer<Q: Ask>(&self, question: &Q, query: &Q::Query, found: Found<Q>, timings: Timings) -> Q::Output {
        let circumstances = Circumstances {
            server: Server::Named(self.plan.server.clone()),
            caller: Some(self.caller()),
            took: timings.question.unwrap_or_default(),
        };
        question.remember(query, &self.plan.server, &self.plan.memory);
        question.answer(query, found, circumstances)
    }

    fn error(&self, error: Error, timings: Timings) -> Error {
        self.plan.named(error).after(timings)
    }
}

/// Two questions at the same time.
#[cfg(feature = "tokio")]
impl Session {
    /// The pipe, where a second one is to be opened beside it now. If that is dropped before its end, the connection takes
    /// no other question.
    ///
    /// Not of a server that refused the first compound: impacket's serves one pipe at a time, to all of its clients, and the
    /// bind of a second one would block it for good. Until two questions are answered over two pipes, the memory of the
    /// server has it that it takes one alone: a server that ends the connection, or is silent, is not asked for a second
    /// pipe over each new connection.
    pub(super) fn begin_second_pipe(&mut self) -> Option<Box<RpcPipe>> {
        let SmbPlan { memory, server, .. } = &*self.plan;
        if !self.second_pipe_is_due || self.negotiated.single_steps || memory.is_one_pipe(server) {
            return None;
        }
        let pipe = self.pipe.take()?;
        self.second_pipe_is_due = false;
        memory.remember_one_pipe(server, true);
        self.stopwatch.enter(Timed::Question, Instant::now());
        Some(pipe)
    }

    /// Takes the end of the opening.
    ///
    /// # Errors
    ///
    /// The connection has failed.
    pub(super) fn end_second_pipe(&mut self, end: Result<SecondPipeEnd, Error>) -> Result<(), Error> {
        let timings = self.stopwatch.stop(Instant::now());
        let (pipe, opened) = end.map_err(|error| self.error(error, timings))?;
        self.pipe = Some(pipe);
        if let Err(failure) = opened {
            let SmbPlan { memory, server, .. } = &*self.plan;
            let (step, cause) = (failure.step, failure.cause);
            tracing::debug!(%server, %step, %cause, "no second pipe: asking one after the other");
            memory.remember_one_pipe(server, false);
        }
        Ok(())
    }

    /// Puts two questions. `None` where there is one pipe alone. If it is dropped before its end, the connection takes no
    /// other question.
    pub(super) fn begin_both<A: Ask, B: Ask>(
        &mut self,
        first: &A,
        second: &B,
        deadline: Instant,
    ) -> Result<Option<OverPipe<BothInquiry<A, B>>>, Error> {
        let queries = (self.query(first)?, self.query(second)?);
        let pipes = match self.take_pipe::<A>()?.into_pair() {
            Ok(pipes) => pipes,
            Err(pipe) => {
                self.pipe = Some(pipe);
                return Ok(None);
            }
        };
        self.stopwatch.enter(Timed::Question, Instant::now());
        let holding = (self.holding(first), self.holding(second));
        Ok(Some(BothInquiry::begin(pipes, queries, deadline, holding)))
    }

    /// Takes the end of two questions.
    pub(super) fn end_both<A: Ask, B: Ask>(
        &mut self,
        first: &A,
        second: &B,
        end: Result<BothEnd<A, B>, Error>,
    ) -> BothAnswers<A, B> {
        let timings = self.stopwatch.stop(Instant::now());
        let (pipe, first_answer, second_answer) = end.map_err(|error| self.error(error, timings))?;
        self.plan.memory.remember_one_pipe(&self.plan.server, false);
        self.pipe = Some(pipe);
        let first = self.answered(first, first_answer, timings);
        let second = self.answered(second, second_answer, timings);
        Ok((first?, second))
    }
}
