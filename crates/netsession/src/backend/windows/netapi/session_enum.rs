use netsession_proto::client::Cause;
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse, SessionInfo};
use netsession_proto::wire::DecodeError;
use windows_sys::Win32::NetworkManagement::NetManagement::MAX_PREFERRED_LENGTH;
use windows_sys::Win32::Storage::FileSystem::{
    NetSessionEnum, SESSION_INFO_0, SESSION_INFO_1, SESSION_INFO_2, SESSION_INFO_10, SESSION_INFO_502,
};

use super::answer::{Listed, entry, fault_behind};
use super::strings::{Wide, text};
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for SessionEnumRequest {
    fn call(&self, max_entries: usize) -> SystemAnswer<SessionEnumResponse> {
        let level = Level::from_number(self.level).ok_or(Cause::Malformed(DecodeError::invalid(
            "Level",
            0,
            u64::from(self.level),
        )))?;
        let (answer, resume) = session_enum(self)?;
        // SAFETY: the reader takes the structure of the level that was asked for.
        let sessions = unsafe { answer.read(max_entries, |buffer, index| session(level, buffer, index))? };
        if let Some(fault) = fault_behind(answer.code) {
            return Ok(Err(fault));
        }
        let code = answer.code;
        Ok(Ok(SessionEnumResponse { level, sessions, total_entries: 0, resume: Some(resume), code }))
    }
}

/// Asks once, and waits for as long as Windows does. The resume handle beside the answer is for the next call; it means
/// something only with ERROR_MORE_DATA.
pub(in crate::backend::windows) fn session_enum(
    request: &SessionEnumRequest,
) -> Result<(Listed, u32), Cause> {
    let server = Wide::new(request.server.as_deref())?;
    let (client, user) = (Wide::new(request.client.as_deref())?, Wide::new(request.user.as_deref())?);
    let mut answer = Listed::new();
    let (mut resume, mut total) = (request.resume.unwrap_or(0), 0);
    // SAFETY: the names are null or end with a NUL, by the invariant of `Wide`, and live until the call is over; every
    // other pointer is to a local variable of the type that the call writes.
    let code = unsafe {
        NetSessionEnum(
            server.as_ptr(),
            client.as_ptr(),
            user.as_ptr(),
            request.level,
            &raw mut answer.buffer.0,
            MAX_PREFERRED_LENGTH,
            &raw mut answer.entries,
            &raw mut total,
            &raw mut resume,
        )
    };
    answer.code = Win32Error(code);
    Ok((answer, resume))
}

/// # Safety
///
/// `buffer` has more than `index` entries of `level`, with the strings that they point to.
unsafe fn session(level: Level, buffer: *const u8, index: usize) -> SessionInfo {
    // SAFETY: the type of each entry is the one of its level, as the caller promises. Its strings are null or end with a
    // NUL, and lie in the same buffer.
    unsafe {
        match level {
            Level::L0 => {
                let entry: SESSION_INFO_0 = entry(buffer, index);
                SessionInfo { client: text(entry.sesi0_cname), ..SessionInfo::default() }
            }
            Level::L1 => {
                let entry: SESSION_INFO_1 = entry(buffer, index);
                SessionInfo {
                    client: text(entry.sesi1_cname),
                    user: Some(text(entry.sesi1_username)),
                    opens: Some(entry.sesi1_num_opens),
                    time: Some(entry.sesi1_time),
                    idle_time: Some(entry.sesi1_idle_time),
                    flags: Some(entry.sesi1_user_flags),
                    ..SessionInfo::default()
                }
            }
            Level::L2 => {
                let entry: SESSION_INFO_2 = entry(buffer, index);
                SessionInfo {
                    client: text(entry.sesi2_cname),
                    user: Some(text(entry.sesi2_username)),
                    opens: Some(entry.sesi2_num_opens),
                    time: Some(entry.sesi2_time),
                    idle_time: Some(entry.sesi2_idle_time),
                    flags: Some(entry.sesi2_user_flags),
                    client_type: Some(text(entry.sesi2_cltype_name)),
                    ..SessionInfo::default()
                }
            }
            Level::L10 => {
                let entry: SESSION_INFO_10 = entry(buffer, index);
                SessionInfo {
                    client: text(entry.sesi10_cname),
                    user: Some(text(entry.sesi10_username)),
                    time: Some(entry.sesi10_time),
                    idle_time: Some(entry.sesi10_idle_time),
                    ..SessionInfo::default()
                }
            }
            Level::L502 => {
                let entry: SESSION_INFO_502 = entry(buffer, index);
                SessionInfo {
                    client: text(entry.sesi502_cname),
                    user: Some(text(entry.sesi502_username)),
                    opens: Some(entry.sesi502_num_opens),
                    time: Some(entry.sesi502_time),
                    idle_time: Some(entry.sesi502_idle_time),
                    flags: Some(entry.sesi502_user_flags),
                    client_type: Some(text(entry.sesi502_cltype_name)),
                    transport: Some(text(entry.sesi502_transport)),
                }
            }
        }
    }
}
