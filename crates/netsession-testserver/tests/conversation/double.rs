//! The double takes nothing that is protected less than it demands: otherwise a client that is accepted by it
//! would show nothing.

use netsession_proto::client::Cause;
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Flags, Header, TRANSFORM_PROTOCOL_ID};
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{DialectNumber, Encryption, shipped};

use crate::talk::{Passed, Side, Transcript, talk};

const DIALECTS: [DialectNumber; 5] = [
    DialectNumber::Smb202,
    DialectNumber::Smb210,
    DialectNumber::Smb300,
    DialectNumber::Smb302,
    DialectNumber::Smb311,
];
const PREFIX: usize = 4;
const FLAGS: usize = PREFIX + 16;
const SIGNATURE: usize = PREFIX + 48;

fn server(dialect: DialectNumber, encryption: Encryption, signing_required: bool) -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.smb.dialects = vec![dialect];
    scenario.smb.encryption = encryption;
    scenario.smb.signing_required = signing_required;
    scenario
}

/// Whether the first message of this frame is signed.
fn is_signed(frame: &[u8]) -> bool {
    Header::decode(&frame[PREFIX..]).is_ok_and(|header| header.flags.contains(Flags::SIGNED))
}

/// What comes of it where somebody changes what the client has protected.
fn changing(scenario: &Scenario, change: impl Fn(&mut Vec<u8>) + 'static) -> Transcript {
    talk(scenario)
        .between(move |side, mut bytes| {
            if side == Side::Client {
                change(&mut bytes);
            }
            Passed::On(bytes)
        })
        .run()
}

#[test]
fn a_request_without_signature_is_refused_where_signing_is_mandatory() {
    let strip = |frame: &mut Vec<u8>| {
        if is_signed(frame) {
            frame[FLAGS] &= !0x08;
            frame[SIGNATURE..][..16].fill(0);
        }
    };
    for dialect in DIALECTS {
        let transcript = changing(&server(dialect, Encryption::Off, true), strip);
        assert_eq!(transcript.cause(), &Cause::Status(NtStatus::ACCESS_DENIED), "{dialect:?}");
        assert_eq!(transcript.traffic.round_trips, 4, "{dialect:?}: the log-on, and nothing after it");
    }
}

#[test]
fn a_request_with_a_wrong_signature_is_refused_always() {
    for dialect in DIALECTS {
        for signing_required in [true, false] {
            let transcript = changing(&server(dialect, Encryption::Off, signing_required), |frame| {
                if is_signed(frame) {
                    frame[SIGNATURE] ^= 1;
                }
            });
            assert_eq!(transcript.cause(), &Cause::Status(NtStatus::ACCESS_DENIED), "{dialect:?}");
        }
    }
}

#[test]
fn a_request_that_cannot_be_decrypted_ends_the_connection() {
    for dialect in [DialectNumber::Smb300, DialectNumber::Smb302, DialectNumber::Smb311] {
        let transcript = changing(&server(dialect, Encryption::Required, true), |frame| {
            if frame[PREFIX..].starts_with(&TRANSFORM_PROTOCOL_ID) {
                *frame.last_mut().unwrap() ^= 1;
            }
        });
        assert_eq!(transcript.cause(), &Cause::Closed, "{dialect:?}");
    }
}
