use std::ptr;
use std::slice;
use std::sync::Arc;

use netsession_proto::auth::SessionKey;
use netsession_proto::auth::kerberos::{GssContext, GssStep, KerberosCause, KerberosError};

use super::buffer::{Buffer, bytes, input};
use super::library::Functions;
use super::status::check;
use super::types::{CONTINUE_NEEDED, FLAGS, MUTUAL, Oid, RawBufferSet, RawContext, Status, failure};
use super::{Credential, Name};

/// One log-on with one server: `gss_init_sec_context` from its first call to its last. Deleted on drop.
pub(in crate::kerberos) struct Context {
    functions: &'static Functions,
    credential: Arc<Credential>,
    server: Name,
    raw: RawContext,
    flags: u32,
}

// SAFETY: a context is not tied to the thread that made it; it must only not be used by two at once, and every
// method that uses it takes `&mut self`.
unsafe impl Send for Context {}

impl Context {
    /// Begins with the first call of [`GssContext::step`].
    pub(in crate::kerberos) fn new(credential: Arc<Credential>, server: Name) -> Self {
        Self { functions: server.functions, credential, server, raw: ptr::null_mut(), flags: 0 }
    }
}

impl GssContext for Context {
    fn step(&mut self, message: &[u8]) -> Result<GssStep, KerberosError> {
        let (message, mechanism) = (input(message), Oid::KERBEROS.raw());
        let mut minor = 0;
        let mut token = Buffer::empty(self.functions);
        // SAFETY: the credential and the name are valid ones, and the context is one or null, as before the
        // first call; the other pointers are to variables of this function. Neither channel bindings nor the
        // mechanism in use nor the time are asked for.
        let major = unsafe {
            (self.functions.gss_init_sec_context)(
                &raw mut minor,
                self.credential.raw,
                &raw mut self.raw,
                self.server.raw,
                &raw const mechanism,
                FLAGS,
                0,
                ptr::null(),
                &raw const message,
                ptr::null_mut(),
                token.out(),
                &raw mut self.flags,
                ptr::null_mut(),
            )
        };
        check(self.functions, major, minor)?;
        let complete = major & CONTINUE_NEEDED == 0;
        if complete && self.flags & MUTUAL == 0 {
            return Err(KerberosError::new(KerberosCause::NotMutual));
        }
        Ok(GssStep { token: token.to_vec(), complete })
    }

    fn session_key(&mut self) -> Result<SessionKey, KerberosError> {
        let which = Oid::SESSION_KEY.raw();
        let (mut minor, mut raw) = (0, ptr::null_mut::<RawBufferSet>());
        // SAFETY: the context is a valid one, the pointers are to variables of this function.
        let major = unsafe {
            (self.functions.gss_inquire_sec_context_by_oid)(
                &raw mut minor,
                self.raw,
                &raw const which,
                &raw mut raw,
            )
        };
        let set = KeySet { functions: self.functions, raw };
        check(self.functions, major, minor)?;
        set.key()
    }

    fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> bool {
        let (message, mic) = (input(message), input(mic));
        let mut minor = 0;
        // SAFETY: the context is a valid one, and both buffers outlive the call; the quality of protection is
        // not asked for.
        let major = unsafe {
            (self.functions.gss_verify_mic)(
                &raw mut minor,
                self.raw,
                &raw const message,
                &raw const mic,
                ptr::null_mut(),
            )
        };
        failure(major) == 0
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if self.raw.is_null() {
            return;
        }
        let mut minor: Status = 0;
        // SAFETY: the context is a valid one, and no reference to it is left. No token is asked for: none
        // would be sent.
        unsafe {
            (self.functions.gss_delete_sec_context)(&raw mut minor, &raw mut self.raw, ptr::null_mut())
        };
    }
}

/// The key, and the number of its kind. Wiped and released on drop.
struct KeySet {
    functions: &'static Functions,
    raw: *mut RawBufferSet,
}

impl KeySet {
    fn key(&self) -> Result<SessionKey, KerberosError> {
        let none = || KerberosError {
            cause: KerberosCause::Other,
            details: "the library hands out no session key".to_owned(),
        };
        if self.raw.is_null() {
            return Err(none());
        }
        // SAFETY: the library filled the set in, which lives until the drop.
        let set = unsafe { &*self.raw };
        if set.count == 0 || set.elements.is_null() {
            return Err(none());
        }
        // SAFETY: the set has at least one buffer, which the library filled in.
        let key = unsafe { bytes(&*set.elements) };
        if key.is_empty() { Err(none()) } else { Ok(SessionKey::new(key.to_vec())) }
    }
}

impl Drop for KeySet {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        if self.raw.is_null() {
            return;
        }
        // SAFETY: the library filled the set in, and nothing else refers to its bytes.
        unsafe {
            let set = &*self.raw;
            if set.count > 0 && !set.elements.is_null() {
                let key = &*set.elements;
                if !key.value.is_null() {
                    slice::from_raw_parts_mut(key.value.cast::<u8>(), key.length).zeroize();
                }
            }
        }
        let mut minor: Status = 0;
        // SAFETY: as above, and it is not used any more.
        unsafe { (self.functions.gss_release_buffer_set)(&raw mut minor, &raw mut self.raw) };
    }
}
