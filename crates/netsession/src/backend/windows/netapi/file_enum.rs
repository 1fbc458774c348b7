use netsession_proto::client::Cause;
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{EnumResponse, FileEnumRequest, FileInfo, FileLevel, InfoLevel as _};
use windows_sys::Win32::NetworkManagement::NetManagement::MAX_PREFERRED_LENGTH;
use windows_sys::Win32::Storage::FileSystem::{FILE_INFO_2, FILE_INFO_3, NetFileEnum};

use super::answer::{Listed, entry};
use super::strings::{Wide, text};
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
