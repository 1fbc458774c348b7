use std::fmt;

/// Replaces secret bytes in a `Debug` output by their length.
pub(crate) struct Hidden<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hidden({})", crate::plural::bytes(self.0.len()))
    }
}
