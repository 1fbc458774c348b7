//! Somebody in between who weakens what is agreed on.

use netsession_proto::client::Cause;
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, FSCTL_VALIDATE_NEGOTIATE_INFO, Header, IoctlRequest, ValidateNegotiateRequest,
};
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{DialectNumber, Encryption, Fault, FaultKind, Step, shipped};

use crate::talk::{Passed, Side, expected, talk};

const BEFORE_311: [DialectNumber; 4] =
    [DialectNumber::Smb202, DialectNumber::Smb210, DialectNumber::Smb300, DialectNumber::Smb302];

/// Where the fields of the NEGOTIATE answer stand in its frame.
const BODY: usize = 4 /* length of the frame */ + Header::SIZE;
const SECURITY_MODE: usize = BODY + 2;
const DIALECT: usize = BODY + 4;
const SERVER_GUID: usize = BODY + 8;
const CAPABILITIES: usize = BODY + 24;

fn server(dialect: DialectNumber) -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.smb.dialects = vec![dialect];
    scenario
}

fn integrity(cause: &Cause) -> bool {
    matches!(cause, Cause::Integrity(_))
}

#[test]
fn the_negotiation_is_confirmed_on_every_dialect_but_311() {
    for dialect in BEFORE_311.into_iter().chain([DialectNumber::Smb311]) {
        let mut scenario = server(dialect);
        scenario.smb.encryption = Encryption::Off;
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1));
        let asked: Vec<_> = transcript
            .traffic
            .requests
            .iter()
            .filter_map(|message| IoctlRequest::decode(message).ok())
            .filter(|ioctl| ioctl.code == FSCTL_VALIDATE_NEGOTIATE_INFO)
            .map(|ioctl| ValidateNegotiateRequest::decode(ioctl.input).unwrap())
            .collect();
        match dialect {
            DialectNumber::Smb311 => assert!(asked.is_empty()),
            _ => assert_eq!(asked.len(), 1, "{dialect:?}"),
        }
        for said in asked {
            assert_eq!(said.dialects, [0x0202, 0x0210, 0x0300, 0x0302, 0x0311], "all that was offered");
        }
    }
}

#[test]
fn an_answer_that_is_unsigned_or_access_denied_ends_the_connection() {
    for dialect in BEFORE_311 {
        for encryption in [Encryption::Off, Encryption::Offered] {
            for kinds in [
                vec![FaultKind::Unprotected],
                vec![FaultKind::Status(NtStatus::ACCESS_DENIED.0)],
                vec![FaultKind::Status(NtStatus::NOT_SUPPORTED.0), FaultKind::Unprotected],
            ] {
                let mut scenario = server(dialect);
                scenario.smb.encryption = encryption;
                for kind in &kinds {
                    scenario = scenario.with_fault(Fault::new(Step::Validate, kind.clone()));
                }
                let transcript = talk(&scenario).run();
                assert!(integrity(transcript.cause()), "{dialect:?} {kinds:?}: {:?}", transcript.cause());
            }
        }
    }
}

#[test]
fn a_signed_error_is_accepted() {
    for dialect in BEFORE_311 {
        let mut scenario = server(dialect);
        scenario.smb.validates_negotiation = false;
        assert_eq!(talk(&scenario).run().rows(), expected(&scenario, Level::L1), "{dialect:?}");
        for status in [NtStatus::FILE_CLOSED, NtStatus::INVALID_DEVICE_REQUEST] {
            let kind = FaultKind::Status(status.0);
            let scenario = server(dialect).with_fault(Fault::new(Step::Validate, kind));
            assert_eq!(talk(&scenario).run().rows().len(), 4, "{dialect:?} {status}");
        }
    }
}

#[test]
fn no_row_before_the_answer() {
    for dialect in BEFORE_311 {
        // All comes, but this one answer never does.
        let kind = FaultKind::InterimWithoutEnd(500);
        let scenario = server(dialect).with_fault(Fault::new(Step::Validate, kind));
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.cause(), &Cause::TimedOut, "{dialect:?}");
    }
}

#[test]
fn an_answer_that_comes_last_releases_the_rows() {
    for dialect in BEFORE_311 {
        let mut scenario = server(dialect);
        scenario.smb.encryption = Encryption::Off;
        // NEGOTIATE, SESSION_SETUP twice, the compound; then the check, which changes places with the rows.
        let mut number = 0;
        let mut held = Vec::new();
        let transcript = talk(&scenario)
            .spoiling(move |bytes| {
                number += 1;
                match number {
                    5 => held = std::mem::take(bytes),
                    6 => bytes.append(&mut held),
                    _ => {}
                }
            })
            .run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{dialect:?}");
    }
}

#[test]
fn whatever_is_changed_in_the_servers_answer_is_found_out() {
    for dialect in BEFORE_311.into_iter().chain([DialectNumber::Smb311]) {
        for (at, bits) in [
            (SECURITY_MODE, 0x02),
            (SERVER_GUID, 0x01),
            (SERVER_GUID + 15, 0x80),
            (CAPABILITIES, 0x01),
            (CAPABILITIES, 0x40),
            (CAPABILITIES + 3, 0x80),
        ] {
            let scenario = server(dialect);
            let mut first = true;
            let transcript = talk(&scenario)
                .spoiling(move |bytes| {
                    if std::mem::take(&mut first) {
                        bytes[at] ^= bits;
                    }
                })
                .run();
            // A client that believes in encryption where there is none is not understood either.
            let cause = transcript.cause();
            assert!(integrity(cause) || *cause == Cause::Closed, "{dialect:?} {at}: {cause:?}");
        }
    }
}

#[test]
fn another_dialect_in_the_servers_answer_is_found_out() {
    for (dialect, pretended) in [
        (DialectNumber::Smb302, 0x0300_u16),
        (DialectNumber::Smb300, 0x0302),
        (DialectNumber::Smb300, 0x0210),
        (DialectNumber::Smb302, 0x0202),
        (DialectNumber::Smb311, 0x0302),
        (DialectNumber::Smb210, 0x0202),
        (DialectNumber::Smb202, 0x0210),
    ] {
        let mut first = true;
        let transcript = talk(&server(dialect))
            .spoiling(move |bytes| {
                if std::mem::take(&mut first) {
                    bytes[DIALECT..][..2].copy_from_slice(&pretended.to_le_bytes());
                }
            })
            .run();
        let cause = transcript.cause();
        assert!(integrity(cause) || *cause == Cause::Closed, "{dialect:?} as {pretended:#x}: {cause:?}");
    }
}

#[test]
fn dialects_taken_from_the_clients_offer_are_found_out() {
    for left in 1..5_usize {
        let scenario = shipped("windows").unwrap();
        let mut first = true;
        let transcript = talk(&scenario)
            .between(move |side, mut bytes| {
                if side == Side::Client && std::mem::take(&mut first) {
                    // Replaces a dialect with one that does not exist.
                    for gone in left..5 {
                        bytes[BODY + 36 + 2 * gone..][..2].copy_from_slice(&0x0fff_u16.to_le_bytes());
                    }
                }
                Passed::On(bytes)
            })
            .run();
        let cause = transcript.cause();
        assert!(integrity(cause) || *cause == Cause::Closed, "{left} left: {cause:?}");
    }
}

#[test]
fn encryption_taken_from_the_clients_offer_is_found_out() {
    for dialect in [DialectNumber::Smb300, DialectNumber::Smb302] {
        let mut first = true;
        let transcript = talk(&server(dialect))
            .between(move |side, mut bytes| {
                if side == Side::Client && std::mem::take(&mut first) {
                    bytes[BODY + 8] &= !0x40;
                }
                Passed::On(bytes)
            })
            .run();
        let cause = transcript.cause();
        assert!(integrity(cause) || *cause == Cause::Closed, "{dialect:?}: {cause:?}");
    }
}

#[test]
fn contexts_taken_from_either_side_are_found_out() {
    for side in [Side::Client, Side::Server] {
        let mut first = true;
        let transcript = talk(&server(DialectNumber::Smb311))
            .between(move |from, mut bytes| {
                if from == side && std::mem::take(&mut first) {
                    // Replaces the type of the encryption context with an unknown one.
                    let kind = [2, 0, if side == Side::Client { 10 } else { 4 }, 0];
                    let at = bytes.windows(4).rposition(|window| window == kind).unwrap();
                    bytes[at] = 0x77;
                }
                Passed::On(bytes)
            })
            .run();
        let cause = transcript.cause();
        assert!(integrity(cause) || *cause == Cause::Closed, "{side:?}: {cause:?}");
    }
}
