#![expect(unsafe_code, reason = "this is where Windows is called, and nowhere else in this backend")]

use std::ptr;

use netsession_proto::client::{Cause, InvalidRequest, Limit, Misbehaviour};
use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse, SessionInfo};
use netsession_proto::srvs::{RemoteTodRequest, RemoteTodResponse, TimeOfDay};
use netsession_proto::srvs::{ServerGetInfoRequest, ServerGetInfoResponse, ServerInfo101};
use netsession_proto::wire::DecodeError;
use windows_sys::Win32::NetworkManagement::NetManagement::{MAX_PREFERRED_LENGTH, NetApiBufferFree};
use windows_sys::Win32::NetworkManagement::NetManagement::{NetRemoteTOD, TIME_OF_DAY_INFO};
use windows_sys::Win32::NetworkManagement::NetManagement::{NetServerGetInfo, SERVER_INFO_101};
use windows_sys::Win32::Storage::FileSystem::{
    NetSessionEnum, SESSION_INFO_0, SESSION_INFO_1, SESSION_INFO_2, SESSION_INFO_10, SESSION_INFO_502,
};

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

/// A copy of the one structure that a call has left behind; `None` after an error, whatever there is.
///
/// # Safety
///
/// `code` is what the call that has filled the buffer returned, and after a success the buffer is null or holds a `T`.
unsafe fn left_behind<T: Copy>(code: Win32Error, buffer: &Buffer) -> Result<Option<T>, Cause> {
    if !code.is_success() {
        return Ok(None);
    }
    if buffer.0.is_null() {
        return Err(Cause::Misbehaved(Misbehaviour::SuccessWithoutStructure));
    }
    // SAFETY: as the caller promises, and it is not null; no alignment is asked for.
    Ok(Some(unsafe { buffer.0.cast::<T>().read_unaligned() }))
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

/// The names of a question, as Windows takes them.
#[derive(Debug)]
pub(super) struct Names {
    server: Wide,
    client: Wide,
    user: Wide,
}

impl Names {
    pub(super) fn new(server: Option<&str>, client: Option<&str>, user: Option<&str>) -> Result<Self, Cause> {
        Ok(Self { server: Wide::new(server)?, client: Wide::new(client)?, user: Wide::new(user)? })
    }
}

/// UTF-16 with a NUL at its end, or nothing at all.
// INVARIANT: what is there ends with a NUL.
#[derive(Debug)]
pub(super) struct Wide(Option<Vec<u16>>);

impl Wide {
    pub(super) fn new(text: Option<&str>) -> Result<Self, Cause> {
        match text {
            // Windows would take the part in front of it, and so ask for something else.
            Some(text) if text.contains('\0') => Err(Cause::InvalidRequest(InvalidRequest::NulInName)),
            text => Ok(Self(text.map(|text| text.encode_utf16().chain([0]).collect()))),
        }
    }

    /// Valid as long as `self` is.
    pub(super) fn as_ptr(&self) -> *const u16 {
        self.0.as_ref().map_or(ptr::null(), |text| text.as_ptr())
    }
}

/// What one call has left behind.
// INVARIANT: after ERROR_SUCCESS and ERROR_MORE_DATA `buffer` is null or holds `entries` entries of `level`.
#[derive(Debug)]
pub(super) struct Page {
    code: Win32Error,
    level: Level,
    buffer: Buffer,
    entries: u32,
    resume: u32,
}

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

/// Asks once, and waits for as long as Windows does.
pub(super) fn session_enum(names: &Names, level: Level, resume: u32) -> Page {
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
    pub(super) fn code(&self) -> Win32Error {
        self.code
    }

    /// The resume handle for the next call. It means something only with ERROR_MORE_DATA.
    pub(super) fn resume(&self) -> u32 {
        self.resume
    }

    /// How many entries there are; after an error none, whatever the call has written.
    pub(super) fn entries(&self) -> usize {
        match self.code {
            Win32Error::SUCCESS | Win32Error::MORE_DATA => {
                usize::try_from(self.entries).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }

    /// Copies of all entries: nothing of them points into the buffer.
    pub(super) fn sessions(&self) -> Result<Vec<SessionInfo>, Cause> {
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

/// A string of Windows, as on the wire: a null pointer is an empty one, and what is no valid UTF-16 becomes
/// U+FFFD.
///
/// # Safety
///
/// `start` is null, or points to UTF-16 units with a NUL behind them.
pub(super) unsafe fn text(start: *const u16) -> String {
    if start.is_null() {
        return String::new();
    }
    let mut length = 0_usize;
    // SAFETY: `length` stops at the NUL at the latest, so every unit up to it may be read.
    let units = unsafe {
        while *start.add(length) != 0 {
            length = length.saturating_add(1);
        }
        std::slice::from_raw_parts(start, length)
    };
    String::from_utf16_lossy(units)
}
