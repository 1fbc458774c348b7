use std::time::Instant;

use super::{Paging, Progress, Query};
use crate::client::{Call, Cause, Failure, Limit, Limits, Step};
use crate::rpce::FaultStatus;
use crate::srvs::{ResponseError, RpcCall};

/// A [`Query`] with the call that is under way, whatever carries it: what is sent, and what its answer leads to.
pub(super) struct Steps<Q: Query> {
    query: Q,
    call: Q::Call,
    limits: Limits,
    deadline: Instant,
    /// What is left of the limit of stub bytes, over all pages.
    bytes_left: usize,
    /// What has come of the answer under way, and the query has not read yet.
    stub: Vec<u8>,
}

/// What is next after the answer to a call.
pub(super) enum Next<Q: Query> {
    /// Another call.
    Ask(Steps<Q>),
    /// Nothing: the query is answered, or the server refused its call.
    End(Result<Q, Failure>),
}

impl<Q: Query> Steps<Q> {
    /// The first call of a query.
    pub(super) fn new(query: Q, limits: Limits, deadline: Instant) -> Self {
        let (call, bytes_left) = (query.next(), limits.answer_bytes);
        Self { call, query, limits, deadline, bytes_left, stub: Vec::new() }
    }

    /// Hands on the request of the call.
    pub(super) fn send<T>(&self, send: impl FnOnce(&Call<'_>) -> T) -> T {
        send(&Call {
            operation: Q::OPERATION,
            opnum: Q::Call::OPNUM,
            stub: &self.call.encode(),
            max_answer: self.bytes_left,
            deadline: self.deadline,
        })
    }

    /// Reads what has come of the answer under way, so that it is freed before the rest is there.
    pub(super) fn read_ahead(&mut self, stub: Vec<u8>) -> Result<Vec<Q::Item>, Failure> {
        self.append(stub);
        self.query.read_ahead(&mut self.stub).map_err(failure::<Q>)
    }

    /// Takes the whole answer but what was read ahead of it: the items, and what is next. An error is one of the
    /// connection.
    pub(super) fn answered(
        mut self,
        answer: Result<Vec<u8>, FaultStatus>,
    ) -> Result<(Vec<Q::Item>, Next<Q>), Failure> {
        let progress = self.decode(answer).and_then(|answer| self.query.answered(answer));
        match progress {
            Ok(Progress::Ask(items)) => {
                self.call = self.query.next();
                Ok((items, Next::Ask(self)))
            }
            Ok(Progress::Done(items)) => Ok((items, Next::End(Ok(self.query)))),
            Err(cause) if cause.is_answer() => Ok((Vec::new(), Next::End(Err(failure::<Q>(cause))))),
            Err(cause) => Err(failure::<Q>(cause)),
        }
    }

    /// Bytes of the answer under way that are held here.
    pub(super) fn held_bytes(&self) -> usize {
        self.query.held_bytes().saturating_add(self.stub.capacity())
    }

    /// The response, by the stub; freed as soon as it is read.
    fn decode(
        &mut self,
        answer: Result<Vec<u8>, FaultStatus>,
    ) -> Result<Result<<Q::Call as RpcCall>::Response, FaultStatus>, Cause> {
        match answer {
            Ok(rest) => self.append(rest),
            Err(fault) => {
                self.stub = Vec::new();
                return Ok(Err(fault));
            }
        }
        let stub = std::mem::take(&mut self.stub);
        let max_entries = self.query.paging().map_or(self.limits.entries, Paging::entries_left);
        match self.query.read_response(&self.call, &stub, max_entries) {
            Ok(response) => Ok(Ok(response)),
            Err(ResponseError::Malformed(error)) => Err(Cause::Malformed(error)),
            Err(ResponseError::TooManyEntries { limit }) => {
                Err(self.query.paging().map_or(Cause::Limit(Limit::Entries(limit)), Paging::too_many_entries))
            }
        }
    }

    /// Appends, without a copy where there is nothing to append to.
    fn append(&mut self, more: Vec<u8>) {
        self.bytes_left = self.bytes_left.saturating_sub(more.len());
        if self.stub.is_empty() {
            self.stub = more;
        } else {
            self.stub.extend_from_slice(&more);
        }
    }
}

fn failure<Q: Query>(cause: Cause) -> Failure {
    Failure { step: Step::Call(Q::OPERATION), cause }
}
