use std::ptr;

use netsession_proto::auth::kerberos::KerberosError;

use super::buffer::{Buffer, input};
use super::library::{Functions, functions};
use super::status::check;
use super::types::{Oid, RawName, Status};

/// A principal or a service. Released on drop.
pub(in crate::kerberos) struct Name {
    pub(super) functions: &'static Functions,
    pub(super) raw: RawName,
}

// SAFETY: a name is not tied to the thread that made it, and the library never changes it.
unsafe impl Send for Name {}
// SAFETY: as above.
unsafe impl Sync for Name {}

impl Name {
    /// `user@REALM`, or `cifs/HOST@` for a service in whatever realm the domain controllers find.
    pub(in crate::kerberos) fn principal(name: &str) -> Result<Self, KerberosError> {
        Self::import(name, Oid::PRINCIPAL)
    }

    fn import(name: &str, kind: Oid) -> Result<Self, KerberosError> {
        let functions = functions()?;
        let (text, kind) = (input(name.as_bytes()), kind.raw());
        let (mut minor, mut raw) = (0, ptr::null_mut());
        // SAFETY: every pointer is to a variable of this function, and the text outlives the call.
        let major = unsafe {
            (functions.gss_import_name)(&raw mut minor, &raw const text, &raw const kind, &raw mut raw)
        };
        let name = Self { functions, raw };
        check(functions, major, minor)?;
        Ok(name)
    }

    /// As the system's tools show it.
    pub(in crate::kerberos) fn display(&self) -> Result<String, KerberosError> {
        let mut minor = 0;
        let mut text = Buffer::empty(self.functions);
        // SAFETY: the name is a valid one, the other pointers are to variables of this function; no type is
        // asked for.
        let major = unsafe {
            (self.functions.gss_display_name)(&raw mut minor, self.raw, text.out(), ptr::null_mut())
        };
        check(self.functions, major, minor)?;
        Ok(String::from_utf8_lossy(&text.to_vec()).into_owned())
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        if self.raw.is_null() {
            return;
        }
        let mut minor: Status = 0;
        // SAFETY: the name is a valid one, and no reference to it is left.
        unsafe { (self.functions.gss_release_name)(&raw mut minor, &raw mut self.raw) };
    }
}
