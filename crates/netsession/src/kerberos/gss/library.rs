use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};

use super::types::{
    RawBuffer, RawBufferSet, RawContext, RawCredential, RawName, RawOid, RawOidSet, RawPairs, Status,
};

/// Where the systems keep it: MIT Kerberos, Heimdal, Apple's framework.
const FILES: &[&str] = if cfg!(target_vendor = "apple") {
    &["/System/Library/Frameworks/GSS.framework/GSS", "libgssapi_krb5.dylib"]
} else {
    &["libgssapi_krb5.so.2", "libgssapi.so.3", "libgssapi_krb5.so", "libgssapi.so"]
};

/// Declares the functions that are looked up in the library, and nothing else.
macro_rules! functions {
    ($($name:ident($($argument:ty),* $(,)?);)*) => {
        /// The functions of the system's GSSAPI.
        pub(super) struct Functions {
            $(pub(super) $name: unsafe extern "C" fn($($argument),*) -> Status,)*
            pub(super) gss_acquire_cred_from: Option<AcquireFrom>,
            pub(super) gss_acquire_cred_with_password: Option<AcquireWithPassword>,
        }

        impl Functions {
            fn find(library: &libloading::Library) -> Result<Self, libloading::Error> {
                // SAFETY: the names are those of RFC 2744 and of MIT's extensions, and each type is that of
                // the function's declaration there. The pointers stay valid because the library is never
                // unloaded.
                unsafe {
                    Ok(Self {
                        $($name: *library.get(concat!(stringify!($name), "\0").as_bytes())?,)*
                        gss_acquire_cred_from: library.get(b"gss_acquire_cred_from\0").ok().map(|found| *found),
                        gss_acquire_cred_with_password:
                            library.get(b"gss_acquire_cred_with_password\0").ok().map(|found| *found),
                    })
                }
            }
        }
    };
}

/// `gss_acquire_cred_from`, of MIT Kerberos 1.11 and Heimdal 8.
pub(super) type AcquireFrom = unsafe extern "C" fn(
    *mut Status,
    RawName,
    u32,
    *const RawOidSet,
    c_int,
    *const RawPairs,
    *mut RawCredential,
    *mut *mut RawOidSet,
    *mut u32,
) -> Status;

/// `gss_acquire_cred_with_password`, of MIT Kerberos 1.9, Heimdal and Apple.
pub(super) type AcquireWithPassword = unsafe extern "C" fn(
    *mut Status,
    RawName,
    *const RawBuffer,
    u32,
    *const RawOidSet,
    c_int,
    *mut RawCredential,
    *mut *mut RawOidSet,
    *mut u32,
) -> Status;

functions! {
    gss_import_name(*mut Status, *const RawBuffer, *const RawOid, *mut RawName);
    gss_display_name(*mut Status, RawName, *mut RawBuffer, *mut *mut RawOid);
    gss_release_name(*mut Status, *mut RawName);
    gss_release_buffer(*mut Status, *mut RawBuffer);
    gss_release_buffer_set(*mut Status, *mut *mut RawBufferSet);
    gss_display_status(*mut Status, u32, c_int, *const RawOid, *mut u32, *mut RawBuffer);
    gss_acquire_cred(
        *mut Status, RawName, u32, *const RawOidSet, c_int, *mut RawCredential, *mut *mut RawOidSet, *mut u32,
    );
    gss_inquire_cred(
        *mut Status, RawCredential, *mut RawName, *mut u32, *mut c_int, *mut *mut RawOidSet,
    );
    gss_release_cred(*mut Status, *mut RawCredential);
    gss_init_sec_context(
        *mut Status, RawCredential, *mut RawContext, RawName, *const RawOid, u32, u32, *const c_void,
        *const RawBuffer, *mut *mut RawOid, *mut RawBuffer, *mut u32, *mut u32,
    );
    gss_delete_sec_context(*mut Status, *mut RawContext, *mut RawBuffer);
    gss_inquire_sec_context_by_oid(*mut Status, RawContext, *const RawOid, *mut *mut RawBufferSet);
    gss_verify_mic(*mut Status, RawContext, *const RawBuffer, *const RawBuffer, *mut u32);
}

/// The system's GSSAPI, loaded when it is first asked for and never unloaded.
pub(super) fn functions() -> Result<&'static Functions, KerberosError> {
    static FUNCTIONS: OnceLock<Result<Functions, String>> = OnceLock::new();
    FUNCTIONS
        .get_or_init(|| load(FILES))
        .as_ref()
        .map_err(|details| KerberosError { cause: KerberosCause::NoLibrary, details: details.clone() })
}

/// The first of these files that can be loaded and has all the functions; else why the first cannot.
fn load(files: &[&str]) -> Result<Functions, String> {
    let mut first = None;
    for file in files {
        // SAFETY: it is a system library at the place where the system keeps it, whose initialisers every
        // program that uses Kerberos runs.
        let loaded = unsafe { libloading::Library::new(*file) };
        match loaded.and_then(|library| Ok((Functions::find(&library)?, library))) {
            Ok((functions, library)) => {
                tracing::debug!(file, "loaded the Kerberos library");
                // Its functions are used until the program ends.
                std::mem::forget(library);
                return Ok(functions);
            }
            Err(error) => {
                // What the loader says is behind the error.
                let why = std::error::Error::source(&error).map(ToString::to_string);
                first.get_or_insert(why.unwrap_or_else(|| error.to_string()));
            }
        }
    }
    Err(first.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_without_kerberos_is_told() {
        let error = load(&["libno-such-gssapi.so.2", "libnor-this.so"]).err().unwrap();
        assert!(error.contains("libno-such-gssapi.so.2"), "{error}");
        // A library that is there and is another one.
        assert!(load(&["libc.so.6"]).is_err());
    }
}
