use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};

use super::Name;
use super::buffer::input;
use super::library::{Functions, functions};
use super::status::check;
use super::types::{INDEFINITE, INITIATE, Oid, RawCredential, RawName, RawOidSet, RawPair, RawPairs, Status};

/// What tickets are asked for with: a cache, or the key of an account. Released on drop.
pub(in crate::kerberos) struct Credential {
    functions: &'static Functions,
    pub(super) raw: RawCredential,
}

// SAFETY: MIT Kerberos and Heimdal let a credential be used by several threads at once, each with a context of its own.
unsafe impl Send for Credential {}
// SAFETY: as above.
unsafe impl Sync for Credential {}

impl Credential {
    /// The tickets in the user's caches, of this principal, or of the default cache.
    pub(in crate::kerberos) fn from_cache(principal: Option<&Name>) -> Result<Self, KerberosError> {
        Self::acquire(|functions, minor, mechanisms, raw| {
            let name = principal.map_or(ptr::null_mut(), |name| name.raw);
            // SAFETY: the name is a valid one or none, the other pointers are to variables that outlive the
            // call; neither mechanisms nor time are asked for.
            unsafe {
                (functions.gss_acquire_cred)(
                    minor,
                    name,
                    INDEFINITE,
                    mechanisms,
                    INITIATE,
                    raw,
                    ptr::null_mut(),
                    ptr::null_mut(),
                )
            }
        })
    }

    /// The key of `principal` in a keytab, with a cache of its own in memory: that of the user is not touched.
    pub(in crate::kerberos) fn from_keytab(principal: &Name, keytab: &Path) -> Result<Self, KerberosError> {
        let Some(acquire) = functions()?.gss_acquire_cred_from else {
            return Err(unable("the system's Kerberos library takes no keytab: run kinit -k -t KEYTAB"));
        };
        let bad_path = |_| KerberosError::new(KerberosCause::NoKey);
        let keytab = CString::new(keytab.as_os_str().as_bytes()).map_err(bad_path)?;
        let cache = CString::new(unique_cache()).map_err(bad_path)?;
        let pairs = [
            RawPair { key: c"client_keytab".as_ptr(), value: keytab.as_ptr() },
            RawPair { key: c"ccache".as_ptr(), value: cache.as_ptr() },
        ];
        let store = RawPairs { count: 2, elements: pairs.as_ptr() };
        Self::acquire(|_, minor, mechanisms, raw| {
            // SAFETY: the name is a valid one, the store and all its texts outlive the call, and so do the
            // variables; neither mechanisms nor time are asked for.
            unsafe {
                acquire(
                    minor,
                    principal.raw,
                    INDEFINITE,
                    mechanisms,
                    INITIATE,
                    &raw const store,
                    raw,
                    ptr::null_mut(),
                    ptr::null_mut(),
                )
            }
        })
    }

    /// A password, with a cache of its own in memory.
    pub(in crate::kerberos) fn from_password(
        principal: &Name,
        password: &str,
    ) -> Result<Self, KerberosError> {
        let Some(acquire) = functions()?.gss_acquire_cred_with_password else {
            return Err(unable("the system's Kerberos library takes no password: run kinit"));
        };
        let password = input(password.as_bytes());
        Self::acquire(|_, minor, mechanisms, raw| {
            // SAFETY: the name is a valid one, and the password and the variables outlive the call; neither
            // mechanisms nor time are asked for.
            unsafe {
                acquire(
                    minor,
                    principal.raw,
                    &raw const password,
                    INDEFINITE,
                    mechanisms,
                    INITIATE,
                    raw,
                    ptr::null_mut(),
                    ptr::null_mut(),
                )
            }
        })
    }

    fn acquire(
        call: impl FnOnce(&'static Functions, *mut Status, *const RawOidSet, *mut RawCredential) -> Status,
    ) -> Result<Self, KerberosError> {
        let functions = functions()?;
        let kerberos = Oid::KERBEROS.raw();
        let mechanisms = RawOidSet { count: 1, elements: &raw const kerberos };
        let (mut minor, mut raw) = (0, ptr::null_mut());
        let major = call(functions, &raw mut minor, &raw const mechanisms, &raw mut raw);
        let credential = Self { functions, raw };
        check(functions, major, minor)?;
        Ok(credential)
    }

    /// Whose it is, and for how many seconds a ticket in it is good: 0 if it has expired.
    ///
    /// With a password or a key this asks the domain controller, if that has not been done yet.
    pub(in crate::kerberos) fn inquire(&self) -> Result<(String, u32), KerberosError> {
        let (mut name, mut lifetime) = (ptr::null_mut(), 0);
        // Alone at first: MIT's library forgets to release the name where the ticket has expired.
        self.ask(ptr::null_mut(), &raw mut lifetime)?;
        let asked = self.ask(&raw mut name, ptr::null_mut());
        let name = Name { functions: self.functions, raw: name };
        asked?;
        if name.raw.is_null() {
            return Err(KerberosError::new(KerberosCause::NoTicket));
        }
        Ok((name.display()?, lifetime))
    }

    /// `gss_inquire_cred`. Both are pointers to variables of the caller, or null for what is not asked for.
    fn ask(&self, name: *mut RawName, lifetime: *mut u32) -> Result<(), KerberosError> {
        let mut minor = 0;
        // SAFETY: the credential is a valid one, the pointers are to variables that outlive the call or null; neither
        // usage nor mechanisms are asked for.
        let major = unsafe {
            (self.functions.gss_inquire_cred)(
                &raw mut minor,
                self.raw,
                name,
                lifetime,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        check(self.functions, major, minor)
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        if self.raw.is_null() {
            return;
        }
        let mut minor: Status = 0;
        // SAFETY: the credential is a valid one, and no reference to it is left.
        unsafe { (self.functions.gss_release_cred)(&raw mut minor, &raw mut self.raw) };
    }
}

fn unable(details: &str) -> KerberosError {
    KerberosError { cause: KerberosCause::Other, details: details.to_owned() }
}

/// A cache in memory that nothing else in this process uses.
fn unique_cache() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("MEMORY:netsession-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
