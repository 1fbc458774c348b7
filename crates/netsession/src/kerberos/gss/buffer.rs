use std::ffi::c_void;
use std::ptr;
use std::slice;

use super::library::Functions;
use super::types::{RawBuffer, Status};

/// Bytes that a function of the library filled in. Released on drop.
pub(super) struct Buffer {
    functions: &'static Functions,
    raw: RawBuffer,
}

impl Buffer {
    pub(super) fn empty(functions: &'static Functions) -> Self {
        Self { functions, raw: RawBuffer { length: 0, value: ptr::null_mut() } }
    }

    /// Where a function is to put its bytes.
    pub(super) fn out(&mut self) -> *mut RawBuffer {
        &raw mut self.raw
    }

    pub(super) fn to_vec(&self) -> Vec<u8> {
        // SAFETY: the library filled both fields in, or they are as `empty` has set them.
        unsafe { bytes(&self.raw) }.to_vec()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut minor: Status = 0;
        // SAFETY: the bytes are the library's own, or there are none, and nothing else refers to them.
        unsafe { (self.functions.gss_release_buffer)(&raw mut minor, &raw mut self.raw) };
    }
}

/// The bytes of a buffer that the library has filled in.
///
/// # Safety
/// `value` points to `length` bytes that live as long as the buffer is borrowed, or is null.
pub(super) unsafe fn bytes(raw: &RawBuffer) -> &[u8] {
    if raw.value.is_null() || raw.length == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts(raw.value.cast::<u8>(), raw.length) }
}

/// Bytes of ours for a function that reads them during its call.
pub(super) fn input(bytes: &[u8]) -> RawBuffer {
    RawBuffer { length: bytes.len(), value: bytes.as_ptr().cast_mut().cast::<c_void>() }
}
