use std::ptr;

use netsession_proto::client::{Cause, Limit, Misbehaviour};
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse, SessionInfo};
use netsession_proto::wire::DecodeError;
use windows_sys::Win32::NetworkManagement::NetManagement::MAX_PREFERRED_LENGTH;
use windows_sys::Win32::Storage::FileSystem::{
    NetSessionEnum, SESSION_INFO_0, SESSION_INFO_1, SESSION_INFO_2, SESSION_INFO_10, SESSION_INFO_502,
};

use super::answer::{Buffer, fault_behind};
use super::strings::{Wide, text};
use crate::system_call::{SystemAnswer, SystemCall};

impl SystemCall for SessionEnumRequest {
    fn call(&self, max_entries: usize) -> SystemAnswer<SessionEnumResponse> {
        let names = Names::new(self.server.as_deref(), self.client.as_deref(), self.user.as_deref())?;
        let level = Level::from_number(self.level).ok_or(Cause::Malformed(DecodeError::invalid(
            "Level",
            0,
            u64::from(self.level),
        )))?;
        let page = session_enum(&names, level, self.resume.unwrap_or(0));
        if let Some(fault) = fault_behind(page.code()) {
            return Ok(Err(fault));
        }
        if page.entries() > max_entries {
            return Err(Cause::Limit(Limit::Entries(max_entries)));
        }
        let sessions = page.sessions()?;
        let (code, resume) = (page.code(), Some(page.resume()));
        Ok(Ok(SessionEnumResponse { level, sessions, total_entries: 0, resume, code }))
    }
}

/// The names of a question, as Windows takes them.
#[derive(Debug)]
pub(in crate::backend::windows) struct Names {
    server: Wide,
    client: Wide,
    user: Wide,
}

impl Names {
    pub(in crate::backend::windows) fn new(
        server: Option<&str>,
        client: Option<&str>,
        user: Option<&str>,
    ) -> Result<Self, Cause> {
        Ok(Self { server: Wide::new(server)?, client: Wide::new(client)?, user: Wide::new(user)? })
    }
}

/// What one call has left behind.
// INVARIANT: after ERROR_SUCCESS and ERROR_MORE_DATA `buffer` is null or holds `entries` entries of `level`.
#[derive(Debug)]
pub(in crate::backend::windows) struct Page {
    code: Win32Error,
    level: Level,
    buffer: Buffer,
    entries: u32,
    resume: u32,
}

/// Asks once, and waits for as long as Windows does.
pub(in crate::backend::windows) fn session_enum(names: &Names, level: Level, resume: u32) -> Page {
    let mut page =
        Page { code: Win32Error::SUCCESS, level, buffer: Buffer(ptr::null_mut()), entries: 0, resume };
    let mut total = 0;
    // SAFETY: the names are null or end with a NUL, by the invariant of `Wide`, and live as long as `names`;
    // every other pointer is to a local variable of the type that the call writes.
    let code = unsafe {
        NetSessionEnum(
            names.server.as_ptr(),
            names.client.as_ptr(),
            names.user.as_ptr(),
            level.number(),
            &raw mut page.buffer.0,
            MAX_PREFERRED_LENGTH,
            &raw mut page.entries,
            &raw mut total,
            &raw mut page.resume,
        )
    };
    page.code = Win32Error(code);
    page
}

impl Page {
    pub(in crate::backend::windows) fn code(&self) -> Win32Error {
        self.code
    }

    /// The resume handle for the next call. It means something only with ERROR_MORE_DATA.
    pub(in crate::backend::windows) fn resume(&self) -> u32 {
        self.resume
    }

    /// How many entries there are; after an error none, whatever the call has written.
    pub(in crate::backend::windows) fn entries(&self) -> usize {
        match self.code {
            Win32Error::SUCCESS | Win32Error::MORE_DATA => {
                usize::try_from(self.entries).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }

    /// Copies of all entries: nothing of them points into the buffer.
    pub(in crate::backend::windows) fn sessions(&self) -> Result<Vec<SessionInfo>, Cause> {
        let entries = self.entries();
        if entries > 0 && self.buffer.0.is_null() {
            return Err(Cause::Misbehaved(Misbehaviour::EntriesWithoutBuffer));
        }
        // Not sized by what was told: it grows with what is there.
        let mut sessions = Vec::new();
        for index in 0..entries {
            // SAFETY: the buffer is not null, and by the invariant of `Page` it has `entries` entries of this
            // level, of which `index` is one.
            sessions.push(unsafe { self.session(index) });
        }
        Ok(sessions)
    }

    /// # Safety
    ///
    /// The buffer has more than `index` entries of `self.level`.
    unsafe fn session(&self, index: usize) -> SessionInfo {
        /// # Safety
        ///
        /// `buffer` points to more than `index` values of `T`.
        unsafe fn entry<T: Copy>(buffer: *const u8, index: usize) -> T {
            // SAFETY: as the caller promises; no alignment is asked for.
            unsafe { buffer.cast::<T>().add(index).read_unaligned() }
        }
        let buffer = self.buffer.0.cast_const();
        // SAFETY: the type of each entry is the one of the level that was asked for. Its strings are null or
        // end with a NUL, and lie in the same buffer, which lives as long as `self`.
        unsafe {
            match self.level {
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
}
