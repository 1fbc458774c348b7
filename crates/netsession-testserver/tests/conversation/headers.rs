//! The headers of what the client sends: a server that is lenient with one of the fields does not show a mistake in it.

use netsession_proto::client::{Cause, Encryption as Wanted, Misbehaviour, Refusal};
use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::smb2::{Command, Flags, Header};
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{DialectNumber, Encryption, Fault, FaultKind, Step, shipped};

use crate::talk::{expected, talk};

/// As \[MS-SMB2\] 3.2.4.1.4 has it for the session of the request before.
const SAME_SESSION: u64 = u64::MAX;
const SAME_TREE: u32 = u32::MAX;

fn server(dialect: DialectNumber, encryption: Encryption) -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.smb.dialects = vec![dialect];
    scenario.smb.encryption = encryption;
    scenario
}

/// The headers of a conversation that is signed only.
fn headers(dialect: DialectNumber, single_steps: bool) -> Vec<Header> {
    let scenario = server(dialect, Encryption::Off);
    let transcript = talk(&scenario).configured(move |config| config.single_steps = single_steps).run();
    transcript.rows();
    transcript.traffic.requests.iter().map(|message| Header::decode(message).unwrap()).collect()
}

#[test]
fn each_request_has_its_number_and_asks_for_credits() {
    for single_steps in [false, true] {
        for (number, header) in (0..).zip(headers(DialectNumber::Smb302, single_steps)) {
            assert_eq!(header.message_id, number, "{:?}", header.command);
            assert_eq!(header.credits, 256, "{:?}", header.command);
        }
    }
}

#[test]
fn each_request_after_the_negotiation_costs_one_credit_where_there_are_large_ones() {
    // In 2.0.2 the field is reserved.
    for (dialect, charge) in
        [(DialectNumber::Smb202, 0), (DialectNumber::Smb302, 1), (DialectNumber::Smb311, 1)]
    {
        for header in headers(dialect, false) {
            let expected = if header.command == Command::NEGOTIATE { 0 } else { charge };
            assert_eq!(header.credit_charge, expected, "{dialect:?} {:?}", header.command);
        }
    }
}

#[test]
fn each_request_names_its_session_and_tree() {
    for single_steps in [false, true] {
        let headers = headers(DialectNumber::Smb302, single_steps);
        let last = headers.last().unwrap();
        let (session_id, tree_id) = (last.session_id, last.tree_id());
        assert!(session_id != 0 && session_id != SAME_SESSION && tree_id != 0 && tree_id != SAME_TREE);
        let mut log_on_begun = false;
        for header in headers {
            let expected = match header.command {
                Command::NEGOTIATE => (0, 0),
                // The server gives the session its number with the answer to the first one.
                Command::SESSION_SETUP if !std::mem::replace(&mut log_on_begun, true) => (0, 0),
                Command::SESSION_SETUP | Command::TREE_CONNECT => (session_id, 0),
                // The tree is not known yet, the session is.
                _ if header.flags.contains(Flags::RELATED) => (session_id, SAME_TREE),
                _ => (session_id, tree_id),
            };
            assert_eq!((header.session_id, header.tree_id()), expected, "{:?}", header.command);
        }
    }
}

#[test]
fn only_what_follows_in_a_compound_is_related() {
    let related = |single_steps| -> Vec<Command> {
        let headers = headers(DialectNumber::Smb302, single_steps).into_iter();
        headers.filter(|header| header.flags.contains(Flags::RELATED)).map(|header| header.command).collect()
    };
    assert_eq!(related(false), [Command::CREATE, Command::IOCTL]);
    assert_eq!(related(true), []);
}

#[test]
fn a_share_that_demands_encryption_is_told_from_one_that_refuses() {
    for dialect in [DialectNumber::Smb302, DialectNumber::Smb311] {
        let scenario = server(dialect, Encryption::Share);
        let transcript = talk(&scenario).configured(|config| config.encryption = Wanted::Off).run();
        assert!(
            matches!(transcript.cause(), Cause::EncryptionDemanded(_)),
            "{dialect:?}: {:?}",
            transcript.cause()
        );
        // One that says it by a status.
        let fault = Fault::new(Step::TreeConnect, FaultKind::Status(NtStatus::ACCESS_DENIED.0));
        let scenario = server(dialect, Encryption::Offered).with_fault(fault);
        let transcript = talk(&scenario).configured(|config| config.encryption = Wanted::Off).run();
        let demanded = Cause::EncryptionDemanded(Some(NtStatus::ACCESS_DENIED));
        assert_eq!(transcript.cause(), &demanded, "{dialect:?}");
        // With encryption the same status is what it says.
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.cause(), &Cause::Status(NtStatus::ACCESS_DENIED), "{dialect:?}");
    }
}

#[test]
fn a_fault_that_answers_the_bind_is_a_refusal() {
    for single_steps in [false, true] {
        let scenario = server(DialectNumber::Smb311, Encryption::Off)
            .with_fault(Fault::new(Step::Bind, FaultKind::RpcFault(5)));
        let transcript = talk(&scenario).configured(move |config| config.single_steps = single_steps).run();
        assert_eq!(transcript.cause(), &Cause::Refused(Refusal::Fault(FaultStatus(5))));
    }
}

#[test]
fn a_status_that_is_no_error_confirms_no_negotiation() {
    for dialect in [DialectNumber::Smb210, DialectNumber::Smb302] {
        let fault = Fault::new(Step::Validate, FaultKind::Status(NtStatus::BUFFER_OVERFLOW.0));
        let transcript = talk(&server(dialect, Encryption::Off).with_fault(fault)).run();
        assert_eq!(transcript.cause(), &Cause::Misbehaved(Misbehaviour::MeaninglessStatus), "{dialect:?}");
    }
}

#[test]
fn an_encrypted_share_is_fine_in_an_encrypted_session() {
    for dialect in [DialectNumber::Smb302, DialectNumber::Smb311] {
        let scenario = server(dialect, Encryption::Share);
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{dialect:?}");
        assert!(transcript.negotiated.unwrap().encrypted, "{dialect:?}");
    }
}

#[test]
fn a_session_keeps_its_number_through_the_log_on() {
    const SESSION_ID: usize = 4 /* length of the frame */ + 40;
    let mut frames = 0;
    let transcript = talk(&server(DialectNumber::Smb302, Encryption::Off))
        .spoiling(move |frame| {
            frames += 1;
            // NEGOTIATE, then SESSION_SETUP twice.
            if frames == 3 {
                frame[SESSION_ID] ^= 1;
            }
        })
        .run();
    assert_eq!(transcript.cause(), &Cause::Misbehaved(Misbehaviour::OtherSession));
}
