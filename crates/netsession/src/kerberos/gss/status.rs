use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};

use super::buffer::Buffer;
use super::library::Functions;
use super::types::{Oid, Status, failure};

/// `GSS_S_BAD_NAME`, `GSS_S_BAD_NAMETYPE`.
const BAD_NAMES: [u32; 2] = [2 << 16, 3 << 16];
/// `GSS_S_NO_CRED`.
const NO_CREDENTIAL: u32 = 7 << 16;
/// `GSS_S_CREDENTIALS_EXPIRED`.
const EXPIRED: u32 = 11 << 16;

/// Success, or what these two numbers mean. To be asked on the thread that made the call: the library keeps
/// its words by thread.
pub(super) fn check(
    functions: &'static Functions,
    major: Status,
    minor: Status,
) -> Result<(), KerberosError> {
    if failure(major) == 0 {
        return Ok(());
    }
    // The number is a `krb5_error_code`, which is signed.
    let by_number = KerberosCause::from_library(minor.cast_signed());
    let cause = by_number.unwrap_or(match failure(major) {
        NO_CREDENTIAL => KerberosCause::NoTicket,
        EXPIRED => KerberosCause::Expired,
        major if BAD_NAMES.contains(&major) => KerberosCause::BadName,
        _ => KerberosCause::Other,
    });
    Err(KerberosError { cause, details: words(functions, major, minor) })
}

/// What the library says, the mechanism's words before the general ones.
fn words(functions: &'static Functions, major: Status, minor: Status) -> String {
    const GENERAL: i32 = 1;
    const OF_MECHANISM: i32 = 2;
    let of_mechanism = if minor == 0 { String::new() } else { display(functions, minor, OF_MECHANISM) };
    // MIT numbers even the absence of an error: a ticket that has expired is one, in its words, that is a "Success".
    match of_mechanism.as_str() {
        "" | "Success" => display(functions, failure(major), GENERAL),
        _ => of_mechanism,
    }
}

fn display(functions: &'static Functions, status: u32, kind: i32) -> String {
    let mechanism = Oid::KERBEROS.raw();
    let (mut minor, mut more) = (0, 0);
    let mut text = Buffer::empty(functions);
    // SAFETY: every pointer is to a variable of this function, or to constants, and lives beyond the call.
    let major = unsafe {
        (functions.gss_display_status)(
            &raw mut minor,
            status,
            kind,
            &raw const mechanism,
            &raw mut more,
            text.out(),
        )
    };
    if failure(major) == 0 {
        String::from_utf8_lossy(&text.to_vec()).trim().to_owned()
    } else {
        String::new()
    }
}
