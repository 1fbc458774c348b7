//! What the calls leave behind: a buffer of Windows, and a code.

use std::ptr;

use netsession_proto::client::{Cause, Limit, Misbehaviour};
use netsession_proto::erref::Win32Error;
use netsession_proto::query::Page;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{CodeAlone, Entry, EnumResponse};
use windows_sys::Win32::NetworkManagement::NetManagement::NetApiBufferFree;

use crate::system_call::SystemAnswer;

/// Memory that Windows has given, and that goes back to it whatever happens.
// INVARIANT: null, or a buffer of netapi32 that nothing else frees.
#[derive(Debug)]
pub(super) struct Buffer(pub(super) *mut u8);

impl Drop for Buffer {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: by the invariant of `Buffer` it came from netapi32 and has not been freed; nothing that
            // was read from it borrows it.
            let _ = unsafe { NetApiBufferFree(self.0.cast()) };
        }
    }
}

/// What one call has listed.
// INVARIANT: after ERROR_SUCCESS and ERROR_MORE_DATA `buffer` is null or holds `entries` entries of the level asked for.
pub(in crate::backend::windows) struct Listed {
    pub(super) code: Win32Error,
    pub(super) buffer: Buffer,
    pub(super) entries: u32,
}

impl Listed {
    pub(super) fn new() -> Self {
        Self { code: Win32Error::SUCCESS, buffer: Buffer(ptr::null_mut()), entries: 0 }
    }

    /// Copies of all entries: nothing of them points into the buffer. After an error none, whatever the call has written.
    ///
    /// # Safety
    ///
    /// `read` reads an entry of the level that was asked for, and nothing beyond it and its strings.
    pub(super) unsafe fn read<E>(
        &self,
        max_entries: usize,
        read: impl Fn(*const u8, usize) -> E,
    ) -> Result<Vec<E>, Cause> {
        if Page::from_code(self.code).is_none() {
            return Ok(Vec::new());
        }
        let count = usize::try_from(self.entries).unwrap_or(usize::MAX);
        if count > max_entries {
            return Err(Cause::Limit(Limit::Entries(max_entries)));
        }
        if count > 0 && self.buffer.0.is_null() {
            return Err(Cause::Misbehaved(Misbehaviour::EntriesWithoutBuffer));
        }
        // Not sized by what was told: it grows with what is there.
        let mut entries = Vec::new();
        for index in 0..count {
            entries.push(read(self.buffer.0.cast_const(), index));
        }
        Ok(entries)
    }

    pub(super) fn finish<E: Entry>(
        self,
        level: E::Level,
        entries: Vec<E>,
        resume: Option<u32>,
    ) -> SystemAnswer<EnumResponse<E>> {
        if let Some(fault) = fault_behind(self.code) {
            return Ok(Err(fault));
        }
        Ok(Ok(EnumResponse { level, entries, total_entries: 0, resume, code: self.code }))
    }
}

/// # Safety
///
/// `buffer` points to more than `index` values of `T`.
pub(super) unsafe fn entry<T: Copy>(buffer: *const u8, index: usize) -> T {
    // SAFETY: as the caller promises; no alignment is asked for.
    unsafe { buffer.cast::<T>().add(index).read_unaligned() }
}

/// A copy of the one structure that a call has left behind; `None` after an error, whatever there is.
///
/// # Safety
///
/// `code` is what the call that has filled the buffer returned, and after a success the buffer is null or holds a `T`.
pub(super) unsafe fn left_behind<T: Copy>(code: Win32Error, buffer: &Buffer) -> Result<Option<T>, Cause> {
    if !code.is_success() {
        return Ok(None);
    }
    if buffer.0.is_null() {
        return Err(Cause::Misbehaved(Misbehaviour::SuccessWithoutStructure));
    }
    // SAFETY: as the caller promises, and it is not null; no alignment is asked for.
    Ok(Some(unsafe { buffer.0.cast::<T>().read_unaligned() }))
}

pub(super) fn returned(code: u32) -> SystemAnswer<CodeAlone> {
    let code = Win32Error(code);
    Ok(fault_behind(code).map_or(Ok(CodeAlone(code)), Err))
}

/// The RPC fault of which Windows has made a return code (\[MS-RPCE\] 3.1.1.5.5), so that it is handled and
/// named as on the wire.
pub(super) fn fault_behind(code: Win32Error) -> Option<FaultStatus> {
    match FaultStatus(code.0) {
        FaultStatus::RPC_S_INVALID_TAG => Some(FaultStatus::INVALID_TAG),
        FaultStatus::RPC_S_PROCNUM_OUT_OF_RANGE => Some(FaultStatus::OP_RNG_ERROR),
        FaultStatus::BAD_STUB_DATA => Some(FaultStatus::BAD_STUB_DATA),
        FaultStatus::RPC_S_CANNOT_SUPPORT => Some(FaultStatus::RPC_S_CANNOT_SUPPORT),
        FaultStatus::ENUM_VALUE_OUT_OF_RANGE => Some(FaultStatus::ENUM_VALUE_OUT_OF_RANGE),
        _ => None,
    }
}
