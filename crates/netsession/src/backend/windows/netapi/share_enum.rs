use netsession_proto::client::Cause;
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{EnumResponse, InfoLevel as _, ShareEnumRequest, ShareInfo, ShareLevel};
use windows_sys::Win32::NetworkManagement::NetManagement::MAX_PREFERRED_LENGTH;
use windows_sys::Win32::Storage::FileSystem::{NetShareEnum, SHARE_INFO_1, SHARE_INFO_2};

use super::answer::{Listed, entry};
use super::strings::{Wide, text};
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for ShareEnumRequest {
    fn call(&self, max_entries: usize) -> SystemAnswer<EnumResponse<ShareInfo>> {
        let level = ShareLevel::requested(self.level).map_err(Cause::Malformed)?;
        let server = Wide::new(self.server.as_deref())?;
        let mut answer = Listed::new();
        let (mut resume, mut total) = (self.resume.unwrap_or(0), 0);
        // SAFETY: the name is null or ends with a NUL, by the invariant of `Wide`, and lives until the call is over; every
        // other pointer is to a local variable of the type that the call writes.
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
