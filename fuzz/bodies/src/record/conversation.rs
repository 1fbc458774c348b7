use crate::structured::Direction;

/// An input for a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seed {
    /// The target.
    pub target: &'static str,
    /// The file's name.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// A conversation without signatures and encryption, and how it came about.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) name: String,
    pub(super) head: Head,
    pub(super) frames: Vec<(Direction, Vec<u8>)>,
}

/// Who talks to whom, as the targets read it from their input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) config: [u8; 4],
    pub(super) scenario: [u8; 9],
    pub(super) questions: [u8; 7],
}

impl Head {
    pub(super) fn bytes(&self) -> Vec<u8> {
        [&self.config[..], &self.scenario, &self.questions, &[0; 4]].concat()
    }
}
