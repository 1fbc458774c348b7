//! The C types of GSSAPI (RFC 2744), as the system's header files have them.

use std::ffi::{c_char, c_void};

pub(super) type Status = u32;
pub(super) type RawName = *mut c_void;
pub(super) type RawCredential = *mut c_void;
pub(super) type RawContext = *mut c_void;

/// `gss_OID_desc`, which Apple packs on Intel.
#[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), repr(C, packed(2)))]
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
pub(super) struct RawOid {
    pub(super) length: u32,
    pub(super) elements: *const c_void,
}

/// `gss_OID_set_desc`.
#[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), repr(C, packed(2)))]
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
pub(super) struct RawOidSet {
    pub(super) count: usize,
    pub(super) elements: *const RawOid,
}

/// `gss_buffer_desc`.
#[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), repr(C, packed(2)))]
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
pub(super) struct RawBuffer {
    pub(super) length: usize,
    pub(super) value: *mut c_void,
}

/// `gss_buffer_set_desc`.
#[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), repr(C, packed(2)))]
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
pub(super) struct RawBufferSet {
    pub(super) count: usize,
    pub(super) elements: *mut RawBuffer,
}

/// `gss_key_value_element_desc`.
#[repr(C)]
pub(super) struct RawPair {
    pub(super) key: *const c_char,
    pub(super) value: *const c_char,
}

/// `gss_key_value_set_desc`.
#[repr(C)]
pub(super) struct RawPairs {
    pub(super) count: u32,
    pub(super) elements: *const RawPair,
}

/// An object identifier that lives as long as the program.
#[derive(Clone, Copy)]
pub(super) struct Oid(pub(super) &'static [u8]);

impl Oid {
    /// Kerberos 5, 1.2.840.113554.1.2.2.
    pub(super) const KERBEROS: Self = Self(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02]);
    /// `GSS_KRB5_NT_PRINCIPAL_NAME`, 1.2.840.113554.1.2.2.1.
    pub(super) const PRINCIPAL: Self = Self(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01]);
    /// `GSS_C_INQ_SSPI_SESSION_KEY`, 1.2.840.113554.1.2.2.5.5.
    pub(super) const SESSION_KEY: Self =
        Self(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x05, 0x05]);

    pub(super) fn raw(self) -> RawOid {
        // Every one of them is a few bytes long.
        RawOid { length: u32::try_from(self.0.len()).unwrap_or(0), elements: self.0.as_ptr().cast() }
    }
}

/// `GSS_C_INITIATE`.
pub(super) const INITIATE: i32 = 1;
/// `GSS_C_INDEFINITE`.
pub(super) const INDEFINITE: u32 = u32::MAX;
/// Mutual authentication, and detection of replayed and reordered messages and of changes: what every SMB
/// client asks for. Delegation is not asked for.
pub(super) const FLAGS: u32 = MUTUAL | 0x04 | 0x08 | 0x20;
/// `GSS_C_MUTUAL_FLAG`.
pub(super) const MUTUAL: u32 = 0x02;
/// `GSS_S_CONTINUE_NEEDED`.
pub(super) const CONTINUE_NEEDED: u32 = 1;

/// The part of a major status that says what failed; zero if nothing did.
pub(super) const fn failure(major: Status) -> u32 {
    major & 0xffff_0000
}
