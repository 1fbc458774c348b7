use std::fmt;

use crate::plural::bytes;

/// Why bytes from the network are not what they should be: the field, the byte, the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeError {
    /// The field that was being read, by its name in the specification.
    pub field: &'static str,
    /// Where it was to stand, in bytes from the start of the message or buffer that was being read.
    pub offset: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The message ends before the field does.
    Truncated {
        /// Bytes that the field needs.
        needed: usize,
        /// Bytes that are left.
        left: usize,
    },
    /// An offset and length from the wire point outside the message.
    OutOfBounds {
        /// The offset that the wire gave.
        offset: usize,
        /// The length that the wire gave.
        length: usize,
        /// How long the message is.
        available: usize,
    },
    /// A value that the specification does not allow here.
    Invalid {
        /// The value found.
        found: u64,
    },
    /// Something that must be there and is not, or the reverse.
    Wrong(&'static str),
}

impl DecodeError {
    /// A value that the specification does not allow in this place.
    #[must_use]
    pub fn invalid(field: &'static str, offset: usize, found: u64) -> Self {
        Self { field, offset, problem: Problem::Invalid { found } }
    }

    /// A message that contradicts itself or the specification, in words.
    #[must_use]
    pub fn wrong(field: &'static str, offset: usize, what: &'static str) -> Self {
        Self { field, offset, problem: Problem::Wrong(what) }
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, offset, problem } = self;
        match problem {
            Problem::Truncated { needed, left } => {
                let are = if *left == 1 { "is" } else { "are" };
                write!(f, "{field} at byte {offset} needs {} and {left} {are} left", bytes(*needed))
            }
            Problem::OutOfBounds { offset: start, length, available } => write!(
                f,
                "{field} at byte {offset} points at {} from byte {start} of a message of {available}",
                bytes(*length)
            ),
            Problem::Invalid { found } => {
                write!(f, "{field} at byte {offset} has the impossible value {found:#x}")
            }
            Problem::Wrong(what) => write!(f, "{field} at byte {offset} {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_is_singular() {
        let text = |problem| DecodeError { field: "Length", offset: 1, problem }.to_string();
        for (needed, left, expected) in [
            (1, 0, "Length at byte 1 needs 1 byte and 0 are left"),
            (4, 1, "Length at byte 1 needs 4 bytes and 1 is left"),
            (4, 2, "Length at byte 1 needs 4 bytes and 2 are left"),
        ] {
            assert_eq!(text(Problem::Truncated { needed, left }), expected);
        }
        let outside = text(Problem::OutOfBounds { offset: 9, length: 1, available: 8 });
        assert_eq!(outside, "Length at byte 1 points at 1 byte from byte 9 of a message of 8");
    }
}
