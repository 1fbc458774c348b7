use std::fmt;

/// Stands in a `Debug` output for bytes that must not be shown, and tells their length only.
pub(crate) struct Hidden<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hidden({})", crate::plural::bytes(self.0.len()))
    }
}
