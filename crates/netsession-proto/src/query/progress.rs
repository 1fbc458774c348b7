use super::Paging;
use crate::client::Cause;
use crate::rpce::FaultStatus;
use crate::srvs::{Operation, RpcCall};

/// One question on its way through its calls, over whatever carries them.
///
/// What a server says means the same over the wire and from `netapi32`: which level to ask for next, what a
/// filter leaves, when a page does not move on. So every carrier asks through this.
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
    /// The end of the question: a refusal that nothing helps with, a page that does not move on, a limit.
    fn answered(
        &mut self,
        answer: Result<<Self::Call as RpcCall>::Response, FaultStatus>,
    ) -> Result<Progress<Self::Item>, Cause>;

    /// Where it stands among its pages, if its call pages.
    fn paging(&self) -> Option<&Paging> {
        None
    }
}

/// What an answer gave, and what is next.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it says whether to ask again"]
pub enum Progress<I> {
    /// These, and more: make the call that is [next](Query::next).
    Ask(Vec<I>),
    /// These, and no more: the question is answered.
    Done(Vec<I>),
}
