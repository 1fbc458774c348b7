use super::Paging;
use crate::client::Cause;
use crate::rpce::FaultStatus;
use crate::srvs::{Operation, ResponseError, RpcCall};

/// One question, which takes one call or several, over any carrier.
///
/// An answer means the same over the wire and from `netapi32`: which level to ask for next, which sessions a filter
/// leaves, when a page does not move on. Every carrier therefore asks through this trait.
pub trait Query {
    /// The call that it makes, once or several times.
    type Call: RpcCall;
    /// What it finds.
    type Item;

    /// What failures of its calls are labelled with, and whether it may be asked again after one.
    const OPERATION: Operation = <Self::Call as RpcCall>::OPERATION;

    /// The call that is next.
    fn next(&self) -> Self::Call;

    /// Takes the answer to that call: its response, or the fault in its place.
    ///
    /// # Errors
    /// The question has failed: a refusal without a way round it, a page that does not move on, a limit.
    fn answered(
        &mut self,
        answer: Result<<Self::Call as RpcCall>::Response, FaultStatus>,
    ) -> Result<Progress<Self::Item>, Cause>;

    /// Reads what can be read of an answer that is still coming in, takes that out of the front of `stub`, and gives
    /// what was found. By default nothing: the answer is read when it is complete.
    ///
    /// # Errors
    /// The end of the question: the answer is malformed, or a limit is reached.
    fn read_ahead(&mut self, stub: &mut Vec<u8>) -> Result<Vec<Self::Item>, Cause> {
        let _ = stub;
        Ok(Vec::new())
    }

    /// Reads the response from the stub of a complete answer, without what [`Self::read_ahead`] took out.
    ///
    /// # Errors
    /// As [`RpcCall::decode_response`].
    fn read_response(
        &mut self,
        call: &Self::Call,
        stub: &[u8],
        max_entries: usize,
    ) -> Result<<Self::Call as RpcCall>::Response, ResponseError> {
        call.decode_response(stub, max_entries)
    }

    /// Bytes of the answer under way that [`Self::read_ahead`] holds.
    fn held_bytes(&self) -> usize {
        0
    }

    /// Where it stands among its pages, if its call pages.
    fn paging(&self) -> Option<&Paging> {
        None
    }
}

/// What an answer gave, and what is next.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it says whether to ask again"]
pub enum Progress<I> {
    /// These items, and more to come: make the [next](Query::next) call.
    Ask(Vec<I>),
    /// These items, and no more: the question is answered.
    Done(Vec<I>),
}
