use std::collections::VecDeque;

/// The fixed parts of entries, which stand in front of all strings: held until the strings come, and freed piece by
/// piece.
#[derive(Debug, Clone)]
pub(super) struct FixedParts {
    pieces: VecDeque<Vec<u8>>,
    /// Bytes of the first piece that have been read.
    read: usize,
    /// Bytes of each entry.
    size: usize,
    held: usize,
}

/// The fixed part of one entry, of the level with the most fields.
pub(super) type FixedPart = [u8; 32];

impl FixedParts {
    /// Of entries with `size` bytes each, at most those of a [`FixedPart`].
    pub(super) fn new(size: usize) -> Self {
        Self { pieces: VecDeque::new(), read: 0, size, held: 0 }
    }

    /// Takes the bytes that follow.
    pub(super) fn push(&mut self, piece: Vec<u8>) {
        self.held = self.held.saturating_add(piece.capacity());
        self.pieces.push_back(piece);
    }

    /// The next entry, which stays; only the first `size` bytes are its own. Zeros stand for what has not come.
    pub(super) fn first(&self) -> FixedPart {
        let mut first = FixedPart::default();
        let (mut place, mut skip) = (first.iter_mut().take(self.size), self.read);
        // It lies in one piece, or at the end of one and the beginning of the next; a piece may be tiny.
        for piece in &self.pieces {
            let bytes = piece.get(skip..).unwrap_or_default();
            skip = 0;
            // `zip` asks for the byte first: a place is taken only where there is one.
            bytes.iter().zip(place.by_ref()).for_each(|(byte, place)| *place = *byte);
            if place.len() == 0 {
                break;
            }
        }
        first
    }

    /// Passes over the next entry.
    pub(super) fn pop(&mut self) {
        self.read = self.read.saturating_add(self.size);
        while let Some(piece) = self.pieces.front().filter(|piece| piece.len() <= self.read) {
            self.read = self.read.saturating_sub(piece.len());
            self.held = self.held.saturating_sub(piece.capacity());
            self.pieces.pop_front();
        }
    }

    /// Bytes of memory.
    pub(super) fn held_bytes(&self) -> usize {
        self.held
    }
}
