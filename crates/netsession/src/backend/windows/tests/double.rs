#![expect(unsafe_code, reason = "asks the double for its counts")]

use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};

/// What the double has counted for one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Calls of NetSessionEnum.
    pub(super) calls: i32,
    /// Buffers that have not been freed.
    pub(super) live: i32,
    /// Frees of what is no buffer, or none any more; of the whole process.
    pub(super) bad_frees: i32,
    /// Calls that have slept and come to their end.
    pub(super) slept: i32,
}

impl Counts {
    /// Fails where the `netapi32.dll` of this process is not the double.
    pub(super) fn for_server(server: &str) -> Self {
        type Tell = unsafe extern "system" fn(*const u16, *mut i32, *mut i32, *mut i32, *mut i32);
        let server: Vec<u16> = server.encode_utf16().chain([0]).collect();
        let mut counts = Self::default();
        // SAFETY: both names end with a NUL. Only the double has this export, whose type this is; its
        // parameters are a string with a NUL at its end and pointers to local numbers.
        unsafe {
            let netapi32 = GetModuleHandleA(c"netapi32.dll".as_ptr().cast());
            let tell = GetProcAddress(netapi32, c"NetsessionDoubleCounts".as_ptr().cast());
            let tell: Tell = std::mem::transmute(tell.expect("netapi32.dll is not the double of the tests"));
            tell(
                server.as_ptr(),
                &raw mut counts.calls,
                &raw mut counts.live,
                &raw mut counts.bad_frees,
                &raw mut counts.slept,
            );
        }
        counts
    }
}
