use crate::memory_budget::MemoryShare;

/// The items of an answer as they come in, and the memory that they take of the budget of all answers.
#[derive(Debug)]
pub struct Collected<T> {
    items: Vec<T>,
    text_bytes: usize,
    share: MemoryShare,
}

/// An item with texts beside its structure.
pub trait HasTexts {
    /// Bytes of memory for the texts.
    fn text_bytes(&self) -> usize;
}

impl<T> Default for Collected<T> {
    fn default() -> Self {
        Self { items: Vec::new(), text_bytes: 0, share: MemoryShare::default() }
    }
}

impl<T: HasTexts> Collected<T> {
    pub(crate) fn extend(&mut self, items: impl Iterator<Item = T>) {
        for item in items {
            self.text_bytes = self.text_bytes.saturating_add(item.text_bytes());
            self.items.push(item);
        }
    }

    /// Bytes of memory, by the capacity.
    pub(crate) fn held_bytes(&self) -> usize {
        self.items.capacity().saturating_mul(size_of::<T>()).saturating_add(self.text_bytes)
    }

    /// Takes the memory that the answer keeps.
    pub(crate) fn charge(&mut self, share: MemoryShare) {
        self.share = share;
    }

    /// The items, and their memory: keep it as long as them.
    pub(crate) fn into_parts(mut self) -> (Vec<T>, MemoryShare) {
        // A vector that has grown may have twice the room.
        self.items.shrink_to_fit();
        (self.items, self.share)
    }
}
