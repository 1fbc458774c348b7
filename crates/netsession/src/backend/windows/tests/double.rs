#![expect(unsafe_code, reason = "calls what only the double exports")]

use std::ffi::CStr;

use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};

/// What the double has counted for one server. Those named `held…` return a call when [`release`] lets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Calls of NetSessionEnum.
    pub(super) calls: i32,
    /// Buffers that have not been freed.
    pub(super) live: i32,
    /// Frees of what is no buffer, or none any more; of the whole process.
    pub(super) bad_frees: i32,
    /// Calls that were held and have returned.
    pub(super) returned: i32,
    /// Threads that made calls that were held, and have ended: no further call can come from them.
    pub(super) ended_threads: i32,
}

impl Counts {
    /// Fails where the `netapi32.dll` of this process is not the double.
    pub(super) fn for_server(server: &str) -> Self {
        type Tell = unsafe extern "system" fn(*const u16, *mut i32, *mut i32, *mut i32, *mut i32, *mut i32);
        let server = wide(server);
        let mut counts = Self::default();
        // SAFETY: both names end with a NUL. Only the double has this export, whose type this is; its
        // parameters are a string with a NUL at its end and pointers to local numbers.
        unsafe {
            let tell: Tell = std::mem::transmute(export(c"NetsessionDoubleCounts"));
            tell(
                server.as_ptr(),
                &raw mut counts.calls,
                &raw mut counts.live,
                &raw mut counts.bad_frees,
                &raw mut counts.returned,
                &raw mut counts.ended_threads,
            );
        }
        counts
    }
}

/// Lets one call return that the server holds, or will hold.
pub(super) fn release(server: &str) {
    type Release = unsafe extern "system" fn(*const u16);
    let server = wide(server);
    // SAFETY: the name ends with a NUL. Only the double has this export, whose type this is.
    unsafe {
        let release: Release = std::mem::transmute(export(c"NetsessionDoubleRelease"));
        release(server.as_ptr());
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Fails where the `netapi32.dll` of this process is not the double.
fn export(name: &CStr) -> unsafe extern "system" fn() -> isize {
    // SAFETY: both names end with a NUL.
    let found = unsafe {
        let netapi32 = GetModuleHandleA(c"netapi32.dll".as_ptr().cast());
        GetProcAddress(netapi32, name.as_ptr().cast())
    };
    found.expect("netapi32.dll is not the double of the tests")
}
