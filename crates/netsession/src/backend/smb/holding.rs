use netsession_proto::client::{Cause, Failure, Limit, Step};
use netsession_proto::query::Query as _;

use crate::memory_budget::{MemoryShare, MemoryUse};
use crate::question::{Ask, Found};

/// What is held of an answer that is coming in.
pub(super) struct Holding<Q: Ask> {
    found: Found<Q>,
    memory: MemoryUse,
}

impl<Q: Ask> Holding<Q> {
    pub(super) fn new(found: Found<Q>, memory: MemoryUse) -> Self {
        Self { found, memory }
    }

    pub(super) fn collect(&mut self, items: Vec<<Q::Query as netsession_proto::query::Query>::Item>) {
        Q::collect(&mut self.found, items);
    }

    /// Counts what is held by now, `unread` bytes that are no finds yet among it.
    ///
    /// # Errors
    ///
    /// It is more than the budget of all answers has left. The finds are freed at once: another server may need it.
    pub(super) fn count(&mut self, unread: usize) -> Result<(), Failure> {
        let held = unread.saturating_add(Q::held_bytes(&self.found));
        self.memory.set(held).map_err(|limit| {
            self.found = Found::<Q>::default();
            Failure { step: Step::Call(Q::Query::OPERATION), cause: Cause::Limit(Limit::Memory(limit)) }
        })
    }

    /// Takes the finds, and the memory that they use.
    pub(super) fn take(&mut self) -> Found<Q> {
        let mut found = std::mem::take(&mut self.found);
        Q::charge(&mut found, MemoryShare::new(self.memory.split_off()));
        found
    }
}
