use std::fmt::Debug;

use netsession_proto::client::Limits;
use netsession_proto::query::Query;
use netsession_proto::srvs::RpcCall;

use super::fuzzed_call::FuzzedCall;
use crate::input::Input;

/// What a query brings to the targets: how it is made from an input, what must hold, and an honest server.
pub(crate) trait FuzzedQuery:
    Query<Call: FuzzedCall, Item: Clone + Debug + PartialEq> + Debug + Sized + 'static
{
    /// What is asked for.
    type Wanted: Clone + Debug + 'static;

    /// What the input asks for. The high half of its first byte has chosen the query; the low half is free.
    fn wanted(input: &mut Input<'_>) -> Self::Wanted;

    /// The query that asks for it.
    fn new_query(wanted: &Self::Wanted, limits: Limits) -> Self;

    /// Bytes that the texts of an item had on the wire, at least.
    fn text_bytes(item: &Self::Item) -> usize;

    /// Whether both are true answers to the same question, a while apart.
    fn agree(one: &Self::Item, other: &Self::Item) -> bool {
        one == other
    }

    /// Panics where these cannot be the items of an answer to what was asked for.
    fn assert_answered(&self, wanted: &Self::Wanted, items: &[Self::Item]);

    /// A server that answers this query truly, with what the input says. As in [`Self::wanted`], the low half of
    /// the first byte is free.
    fn honest(input: &mut Input<'_>) -> Honest<Self::Wanted, Self::Item, Self::Call>;
}

/// The response to a call.
pub(crate) type Answering<Call> = Box<dyn Fn(&Call) -> <Call as RpcCall>::Response>;

/// What a server has that tells the truth.
pub(crate) struct Honest<Wanted, Item, Call: RpcCall> {
    /// What is asked of it.
    pub(crate) wanted: Wanted,
    /// What the answer must be, over all pages.
    pub(crate) items: Vec<Item>,
    /// Whether the answer may have several pages.
    pub(crate) may_page: bool,
    /// What it answers to one call.
    pub(crate) answer: Answering<Call>,
}
