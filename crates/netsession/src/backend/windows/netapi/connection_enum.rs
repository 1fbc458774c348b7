use netsession_proto::client::Cause;
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{
    ConnectionEnumRequest, ConnectionInfo, ConnectionLevel, EnumResponse, InfoLevel as _,
};
use windows_sys::Win32::NetworkManagement::NetManagement::MAX_PREFERRED_LENGTH;
use windows_sys::Win32::Storage::FileSystem::{CONNECTION_INFO_1, NetConnectionEnum};

use super::answer::{Listed, entry};
use super::strings::{Wide, text};
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for ConnectionEnumRequest {
    fn call(&self, max_entries: usize) -> SystemAnswer<EnumResponse<ConnectionInfo>> {
        let level = ConnectionLevel::requested(self.level).map_err(Cause::Malformed)?;
        let (server, qualifier) = (Wide::new(self.server.as_deref())?, Wide::new(self.qualifier.as_deref())?);
        let mut answer = Listed::new();
        let (mut resume, mut total) = (self.resume.unwrap_or(0), 0);
        // SAFETY: the names are null or end with a NUL, by the invariant of `Wide`, and live until the call is over; every
        // other pointer is to a local variable of the type that the call writes.
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
