#![expect(unsafe_code, reason = "this is where Windows is called for files, shares and the end of sessions")]

use std::ptr;

use netsession_proto::client::{Cause, Limit, Misbehaviour};
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{CodeAlone, Entry, EnumResponse, FileCloseRequest, FileEnumRequest, FileInfo};
use netsession_proto::srvs::{ConnectionEnumRequest, ConnectionInfo, ConnectionLevel, ShareLevel};
use netsession_proto::srvs::{FileLevel, InfoLevel as _, SessionDelRequest, ShareEnumRequest, ShareInfo};
use windows_sys::Win32::NetworkManagement::NetManagement::MAX_PREFERRED_LENGTH;
use windows_sys::Win32::Storage::FileSystem::{CONNECTION_INFO_1, NetConnectionEnum};
use windows_sys::Win32::Storage::FileSystem::{FILE_INFO_2, FILE_INFO_3, SHARE_INFO_1, SHARE_INFO_2};
use windows_sys::Win32::Storage::FileSystem::{NetFileClose, NetFileEnum, NetSessionDel, NetShareEnum};

use super::netapi::{Buffer, Wide, fault_behind, text};
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for FileEnumRequest {
    fn call(&self, max_entries: usize) -> SystemAnswer<EnumResponse<FileInfo>> {
        let level = FileLevel::requested(self.level).map_err(Cause::Malformed)?;
        let server = Wide::new(self.server.as_deref())?;
        let (path, user) = (Wide::new(self.base_path.as_deref())?, Wide::new(self.user.as_deref())?);
        let mut answer = Listed::new();
        // A DWORD_PTR here, and a DWORD on the wire: what comes back fits.
        let mut resume = usize::try_from(self.resume.unwrap_or(0)).unwrap_or(0);
        let mut total = 0;
        // SAFETY: the names are null or end with a NUL, by the invariant of `Wide`, and live until the call is over;
        // every other pointer is to a local variable of the type that the call writes.
        let code = unsafe {
            NetFileEnum(
                server.as_ptr(),
                path.as_ptr(),
                user.as_ptr(),
                self.level,
                &raw mut answer.buffer.0,
                MAX_PREFERRED_LENGTH,
                &raw mut answer.entries,
                &raw mut total,
                &raw mut resume,
            )
        };
        answer.code = Win32Error(code);
        // SAFETY: the reader takes the structure of the level that was asked for.
        let entries = unsafe {
            answer.read(max_entries, |buffer, index| match level {
                FileLevel::L2 => {
                    let entry: FILE_INFO_2 = entry(buffer, index);
                    FileInfo { id: entry.fi2_id, ..FileInfo::default() }
                }
                FileLevel::L3 => {
                    let entry: FILE_INFO_3 = entry(buffer, index);
                    FileInfo {
                        id: entry.fi3_id,
                        permissions: Some(entry.fi3_permissions),
                        locks: Some(entry.fi3_num_locks),
                        path: Some(text(entry.fi3_pathname)),
                        user: Some(text(entry.fi3_username)),
                    }
                }
            })
        };
        answer.finish(level, entries?, u32::try_from(resume).ok())
    }
}

impl SystemCall for ShareEnumRequest {
    fn call(&self, max_entries: usize) -> SystemAnswer<EnumResponse<ShareInfo>> {
        let level = ShareLevel::requested(self.level).map_err(Cause::Malformed)?;
        let server = Wide::new(self.server.as_deref())?;
        let mut answer = Listed::new();
        let (mut resume, mut total) = (self.resume.unwrap_or(0), 0);
        // SAFETY: as for `NetFileEnum`.
        let code = unsafe {
            NetShareEnum(
                server.as_ptr(),
                self.level,
                &raw mut answer.buffer.0,
                MAX_PREFERRED_LENGTH,
                &raw mut answer.entries,
                &raw mut total,
                &raw mut resume,
            )
        };
        answer.code = Win32Error(code);
        // SAFETY: the reader takes the structure of the level that was asked for.
        let entries = unsafe {
            answer.read(max_entries, |buffer, index| match level {
                ShareLevel::L1 => {
                    let entry: SHARE_INFO_1 = entry(buffer, index);
                    ShareInfo {
                        name: text(entry.shi1_netname),
                        kind: entry.shi1_type,
                        comment: text(entry.shi1_remark),
                        ..ShareInfo::default()
                    }
                }
                ShareLevel::L2 => {
                    let entry: SHARE_INFO_2 = entry(buffer, index);
                    ShareInfo {
                        name: text(entry.shi2_netname),
                        kind: entry.shi2_type,
                        comment: text(entry.shi2_remark),
                        current_uses: Some(entry.shi2_current_uses),
                        max_uses: Some(entry.shi2_max_uses),
                        path: Some(text(entry.shi2_path)),
                    }
                }
            })
        };
        answer.finish(level, entries?, Some(resume))
    }
}

impl SystemCall for ConnectionEnumRequest {
    fn call(&self, max_entries: usize) -> SystemAnswer<EnumResponse<ConnectionInfo>> {
        let level = ConnectionLevel::requested(self.level).map_err(Cause::Malformed)?;
        let (server, qualifier) = (Wide::new(self.server.as_deref())?, Wide::new(self.qualifier.as_deref())?);
        let mut answer = Listed::new();
        let (mut resume, mut total) = (self.resume.unwrap_or(0), 0);
        // SAFETY: as for `NetFileEnum`.
        let code = unsafe {
            NetConnectionEnum(
                server.as_ptr(),
                qualifier.as_ptr(),
                self.level,
                &raw mut answer.buffer.0,
                MAX_PREFERRED_LENGTH,
                &raw mut answer.entries,
                &raw mut total,
                &raw mut resume,
            )
        };
        answer.code = Win32Error(code);
        // SAFETY: the reader takes the structure of the level that was asked for.
        let entries = unsafe {
            answer.read(max_entries, |buffer, index| {
                let entry: CONNECTION_INFO_1 = entry(buffer, index);
                ConnectionInfo {
                    id: entry.coni1_id,
                    kind: entry.coni1_type,
                    opens: entry.coni1_num_opens,
                    users: entry.coni1_num_users,
                    seconds: entry.coni1_time,
                    user: text(entry.coni1_username),
                    name: text(entry.coni1_netname),
                }
            })
        };
        answer.finish(level, entries?, Some(resume))
    }
}

impl SystemCall for FileCloseRequest {
    fn call(&self, _: usize) -> SystemAnswer<CodeAlone> {
        let server = Wide::new(self.server.as_deref())?;
        // SAFETY: the name is null or ends with a NUL, by the invariant of `Wide`.
        returned(unsafe { NetFileClose(server.as_ptr(), self.id) })
    }
}

impl SystemCall for SessionDelRequest {
    fn call(&self, _: usize) -> SystemAnswer<CodeAlone> {
        let server = Wide::new(self.server.as_deref())?;
        let (client, user) = (Wide::new(Some(&self.client))?, Wide::new(Some(&self.user))?);
        // SAFETY: the names are null or end with a NUL, by the invariant of `Wide`.
        returned(unsafe { NetSessionDel(server.as_ptr(), client.as_ptr(), user.as_ptr()) })
    }
}

fn returned(code: u32) -> SystemAnswer<CodeAlone> {
    let code = Win32Error(code);
    Ok(fault_behind(code).map_or(Ok(CodeAlone(code)), Err))
}

/// What one call has listed.
// INVARIANT: after ERROR_SUCCESS and ERROR_MORE_DATA `buffer` is null or holds `entries` entries of the level asked for.
struct Listed {
    code: Win32Error,
    buffer: Buffer,
    entries: u32,
}

impl Listed {
    fn new() -> Self {
        Self { code: Win32Error::SUCCESS, buffer: Buffer(ptr::null_mut()), entries: 0 }
    }

    /// Copies of all entries: nothing of them points into the buffer. After an error none, whatever the call has written.
    ///
    /// # Safety
    ///
    /// `read` reads an entry of the level that was asked for, and nothing beyond it and its strings.
    unsafe fn read<E>(
        &self,
        max_entries: usize,
        read: impl Fn(*const u8, usize) -> E,
    ) -> Result<Vec<E>, Cause> {
        if self.code != Win32Error::SUCCESS && self.code != Win32Error::MORE_DATA {
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

    fn finish<E: Entry>(
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
unsafe fn entry<T: Copy>(buffer: *const u8, index: usize) -> T {
    // SAFETY: as the caller promises; no alignment is asked for.
    unsafe { buffer.cast::<T>().add(index).read_unaligned() }
}
