//! Strings as Windows takes and leaves them.

use std::ptr;

use netsession_proto::client::{Cause, InvalidRequest};

/// UTF-16 with a NUL at its end, or nothing at all.
// INVARIANT: what is there ends with a NUL.
#[derive(Debug)]
pub(super) struct Wide(Option<Vec<u16>>);

impl Wide {
    pub(super) fn new(text: Option<&str>) -> Result<Self, Cause> {
        match text {
            // Windows would take the part in front of it, and so ask for something else.
            Some(text) if text.contains('\0') => Err(Cause::InvalidRequest(InvalidRequest::NulInName)),
            text => Ok(Self(text.map(|text| text.encode_utf16().chain([0]).collect()))),
        }
    }

    /// Valid as long as `self` is.
    pub(super) fn as_ptr(&self) -> *const u16 {
        self.0.as_ref().map_or(ptr::null(), |text| text.as_ptr())
    }
}

/// A string of Windows, as on the wire: a null pointer is an empty one, and what is no valid UTF-16 becomes
/// U+FFFD.
///
/// # Safety
///
/// `start` is null, or points to UTF-16 units with a NUL behind them.
pub(super) unsafe fn text(start: *const u16) -> String {
    if start.is_null() {
        return String::new();
    }
    let mut length = 0_usize;
    // SAFETY: `length` stops at the NUL at the latest, so every unit up to it may be read.
    let units = unsafe {
        while *start.add(length) != 0 {
            length = length.saturating_add(1);
        }
        std::slice::from_raw_parts(start, length)
    };
    String::from_utf16_lossy(units)
}
