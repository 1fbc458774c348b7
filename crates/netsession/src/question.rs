//! What can be asked of a server, and how its answer is put together.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use netsession_proto::client::Limits;
use netsession_proto::query::{OneCall, Query};
use netsession_proto::srvs::{CodedResponse, Operation, RpcCall};

use crate::error::Error;
use crate::memory_budget::MemoryShare;
use crate::server_memory::ServerMemory;
use crate::server_name::Server;
use crate::session::Caller;
use crate::system_call::SystemCall;
use crate::{Level, ServerName};

/// A question to a server: what [`Client::ask`](crate::blocking::Client::ask) and `Fleet` take.
///
/// Each is a value that is made once and put to any number of servers. It cannot be implemented outside of this
/// crate.
pub trait Question: Put<Output = <Self as Question>::Answer> + Clone + Send + Sync + 'static {
    /// What a server answers.
    type Answer: Send + 'static;
}

/// How a question is put over an open connection: one query, or several, one after the other. Sealed.
pub trait Put {
    /// [`Question::Answer`].
    type Output: Send + 'static;

    /// The first thing that it asks for: what a failure before it is labelled with.
    const OPERATION: Operation;

    /// Over a connection of the caller's thread the future is ready when it is polled first: see [`now`].
    fn put<C: Carrier>(
        &self,
        carrier: &mut C,
        deadline: Instant,
    ) -> impl Future<Output = Result<Self::Output, Error>> + Send;
}

/// An open connection that carries queries.
pub trait Carrier: Send {
    fn ask<Q: Ask + Clone + Send + Sync + 'static>(
        &mut self,
        question: &Q,
        deadline: Instant,
    ) -> impl Future<Output = Result<Q::Output, Error>> + Send;

    /// Asks two questions, at the same time where the connection has a pipe for each of them. The first one's failure is
    /// that of both; what the server refuses to answer to the second one is a result.
    fn ask_both<A, B>(
        &mut self,
        first: &A,
        second: &B,
        deadline: Instant,
    ) -> impl Future<Output = BothAnswers<A, B>> + Send
    where
        A: Ask + Clone + Send + Sync + 'static,
        B: Ask + Clone + Send + Sync + 'static,
    {
        one_after_the_other(self, first, second, deadline)
    }

    /// Waits.
    fn pause(&mut self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The answers to two questions.
pub(crate) type BothAnswers<A, B> = Result<(<A as Ask>::Output, Result<<B as Ask>::Output, Error>), Error>;

/// Asks two questions over one pipe.
pub(crate) async fn one_after_the_other<C, A, B>(
    carrier: &mut C,
    first: &A,
    second: &B,
    deadline: Instant,
) -> BothAnswers<A, B>
where
    C: Carrier + ?Sized,
    A: Ask + Clone + Send + Sync + 'static,
    B: Ask + Clone + Send + Sync + 'static,
{
    let first = carrier.ask(first, deadline).await?;
    match carrier.ask(second, deadline).await {
        Err(error) if !error.is_answer() => Err(error),
        second => Ok((first, second)),
    }
}

/// A question of one query.
impl<Q: Ask + Clone + Send + Sync + 'static> Put for Q {
    type Output = <Q as Ask>::Output;

    const OPERATION: Operation = <Q as Ask>::Query::OPERATION;

    async fn put<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<Self::Output, Error> {
        carrier.ask(self, deadline).await
    }
}

/// The result of a future that never waits; `None` if it would.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

/// How a question becomes a query, and what the query finds an answer. Sealed: it speaks of types of the protocol.
pub trait Ask {
    type Query: Query<Call: SystemCall + Send, Item: Send> + Send + 'static;
    /// [`Question::Answer`].
    type Output: Send + 'static;
    /// What is kept of the items, as they come in.
    type Found: Default + Send + 'static;

    /// The query for one server.
    fn query(&self, target: &Target) -> Result<Self::Query, Error>;

    /// What is there before the first item. The caller is not known where Windows asks, which logs on by itself.
    fn begin(&self, _caller: Option<&Caller>) -> Self::Found {
        Self::Found::default()
    }

    /// Bytes of memory that the finds take.
    fn held_bytes(found: &Self::Found) -> usize;

    /// Takes the memory of finds that the answer keeps. By default it is given back.
    fn charge(_found: &mut Self::Found, _share: MemoryShare) {}

    /// Takes some of what the query found.
    fn collect(found: &mut Self::Found, items: Vec<<Self::Query as Query>::Item>);

    /// The answer, once the query is at its end.
    fn answer(&self, query: &Self::Query, found: Self::Found, circumstances: Circumstances) -> Self::Output;

    /// Keeps what makes the next question to this server shorter.
    fn remember(&self, _query: &Self::Query, _server: &ServerName, _memory: &ServerMemory) {}

    /// Forgets what the server has shown to be wrong by its refusal.
    fn refused(&self, _server: &ServerName, _memory: &ServerMemory) {}
}

/// A question that one call answers: no levels, no pages. Sealed: it speaks of types of the protocol.
pub trait AskOnce {
    type Call: RpcCall<Response: CodedResponse + Send> + SystemCall + Clone + Send + 'static;
    /// [`Question::Answer`].
    type Output: Send + 'static;

    /// The call, for the server with this name ([`Target::unc`]).
    fn call(&self, unc: Option<String>) -> Self::Call;

    /// The answer out of the response, which has no error code, and came after `took`.
    fn answer(&self, response: Option<Response<Self>>, took: Duration) -> Self::Output;
}

/// The response to the call of a question.
pub(crate) type Response<Q> = <<Q as AskOnce>::Call as RpcCall>::Response;

impl<Q: AskOnce> Ask for Q {
    type Query = OneCall<Q::Call>;
    type Output = <Q as AskOnce>::Output;
    type Found = Option<Response<Q>>;

    fn query(&self, target: &Target) -> Result<Self::Query, Error> {
        Ok(OneCall(self.call(target.unc.clone())))
    }

    /// One response, which is as small as its call: a name and a comment at most.
    fn held_bytes(_: &Self::Found) -> usize {
        0
    }

    fn collect(found: &mut Self::Found, responses: Vec<Response<Q>>) {
        *found = responses.into_iter().next_back();
    }

    fn answer(
        &self,
        _: &Self::Query,
        found: Self::Found,
        circumstances: Circumstances,
    ) -> <Q as AskOnce>::Output {
        AskOnce::answer(self, found, circumstances.took)
    }
}

/// What is kept of the items of a question.
pub(crate) type Found<Q> = <Q as Ask>::Found;

/// The server that a query is for.
#[derive(Debug)]
pub struct Target {
    /// Its name as the call takes it, such as `\\fs1`; nothing for this machine.
    pub(crate) unc: Option<String>,
    pub(crate) limits: Limits,
    /// The level that it gave before; `Auto` where nothing is known.
    pub(crate) level: Level,
}

/// What is known beside the answer itself.
#[derive(Debug)]
pub struct Circumstances {
    /// Which server was asked.
    pub(crate) server: Server,
    /// Who asked; nothing where Windows asked, which logs on by itself.
    pub(crate) caller: Option<Caller>,
    /// From the question to the end of its answer.
    pub(crate) took: Duration,
}
