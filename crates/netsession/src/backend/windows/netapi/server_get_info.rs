use std::ptr;

use netsession_proto::client::Cause;
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{ServerGetInfoRequest, ServerGetInfoResponse, ServerInfo101};
use windows_sys::Win32::NetworkManagement::NetManagement::{NetServerGetInfo, SERVER_INFO_101};

use super::answer::{Buffer, fault_behind, left_behind};
use super::strings::{Wide, text};
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for ServerGetInfoRequest {
    fn call(&self, _: usize) -> SystemAnswer<ServerGetInfoResponse> {
        // What is in the buffer depends on it.
        self.check_level().map_err(Cause::Malformed)?;
        let (server, mut buffer) = (Wide::new(self.machine.as_deref())?, Buffer(ptr::null_mut()));
        // SAFETY: the name is null or ends with a NUL, by the invariant of `Wide`; the other pointer is to a local.
        let code = Win32Error(unsafe { NetServerGetInfo(server.as_ptr(), Self::LEVEL, &raw mut buffer.0) });
        // SAFETY: after a success the buffer is null or holds one SERVER_INFO_101.
        let info: Option<SERVER_INFO_101> = unsafe { left_behind(code, &buffer)? };
        let info = info.map(|info| ServerInfo101 {
            // SAFETY: null, or with a NUL at its end in the buffer, which lives until the end of this function.
            name: unsafe { text(info.sv101_name) },
            version: (info.sv101_version_major, info.sv101_version_minor),
            kind: info.sv101_type,
            // SAFETY: as the name.
            comment: unsafe { text(info.sv101_comment) },
        });
        Ok(fault_behind(code).map_or(Ok(ServerGetInfoResponse { level: Self::LEVEL, info, code }), Err))
    }
}
