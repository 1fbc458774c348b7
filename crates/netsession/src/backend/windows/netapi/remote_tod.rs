use std::ptr;

use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{RemoteTodRequest, RemoteTodResponse, TimeOfDay};
use windows_sys::Win32::NetworkManagement::NetManagement::{NetRemoteTOD, TIME_OF_DAY_INFO};

use super::answer::{Buffer, fault_behind, left_behind};
use super::strings::Wide;
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for RemoteTodRequest {
    fn call(&self, _: usize) -> SystemAnswer<RemoteTodResponse> {
        let (server, mut buffer) = (Wide::new(self.server.as_deref())?, Buffer(ptr::null_mut()));
        // SAFETY: the name is null or ends with a NUL, by the invariant of `Wide`; the other pointer is to a local.
        let code = Win32Error(unsafe { NetRemoteTOD(server.as_ptr(), &raw mut buffer.0) });
        // SAFETY: after a success the buffer is null or holds one TIME_OF_DAY_INFO.
        let info: Option<TIME_OF_DAY_INFO> = unsafe { left_behind(code, &buffer)? };
        let time = info.map(|info| TimeOfDay {
            elapsed: info.tod_elapsedt,
            hundredths: info.tod_hunds,
            timezone: info.tod_timezone,
        });
        let response = RemoteTodResponse { time: time.unwrap_or_default(), code };
        Ok(fault_behind(code).map_or(Ok(response), Err))
    }
}
