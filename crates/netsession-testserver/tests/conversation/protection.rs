//! Signatures and encryption: what is missing counts as wrong, and what is wrong ends the connection.

use netsession_proto::client::{Cause, Encryption as Wanted, Misbehaviour, Tampering};
use netsession_proto::erref::NtStatus;
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{
    DialectNumber, Encryption, Fault, FaultKind, SigningName, Step, shipped,
};

use crate::talk::{expected, talk};

const DIALECTS: [DialectNumber; 3] = [DialectNumber::Smb210, DialectNumber::Smb302, DialectNumber::Smb311];

const AFTER_LOG_ON: [Step; 5] = [Step::TreeConnect, Step::Create, Step::Bind, Step::Enumerate, Step::Read];

fn server(dialect: DialectNumber, encryption: Encryption) -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    let one = scenario.sessions()[0].clone();
    scenario = scenario.with_sessions(vec![one; 300]);
    scenario.smb.dialects = vec![dialect];
    scenario.smb.encryption = encryption;
    scenario
}

#[test]
fn a_missing_signature_ends_the_connection() {
    for dialect in DIALECTS {
        for encryption in [Encryption::Off, Encryption::Offered] {
            for step in AFTER_LOG_ON.into_iter().chain([Step::LogOn]) {
                let scenario =
                    server(dialect, encryption).with_fault(Fault::new(step, FaultKind::Unprotected));
                let transcript = talk(&scenario).run();
                let cause = transcript.cause();
                assert!(matches!(cause, Cause::Integrity(_)), "{dialect:?} {step:?}: {cause:?}");
            }
        }
    }
}

#[test]
fn an_error_without_signature_is_not_believed_either() {
    for step in AFTER_LOG_ON {
        let scenario = server(DialectNumber::Smb311, Encryption::Off)
            .with_fault(Fault::new(step, FaultKind::Status(NtStatus::ACCESS_DENIED.0)))
            .with_fault(Fault::new(step, FaultKind::Unprotected));
        let transcript = talk(&scenario).run();
        assert!(matches!(transcript.cause(), Cause::Integrity(_)), "{step:?}: {:?}", transcript.cause());
    }
}

#[test]
fn a_wrong_signature_ends_the_connection() {
    for signing in [SigningName::HmacSha256, SigningName::AesCmac, SigningName::AesGmac] {
        for step in AFTER_LOG_ON {
            // In the body, behind header and signature.
            let fault = Fault::new(step, FaultKind::FlipBit(64 * 8 + 3));
            let mut scenario = server(DialectNumber::Smb311, Encryption::Off).with_fault(fault);
            scenario.smb.signing = vec![signing];
            let transcript = talk(&scenario).run();
            assert!(matches!(transcript.cause(), Cause::Integrity(_)), "{signing:?} {step:?}");
        }
    }
}

#[test]
fn in_an_encrypted_session_everything_is_encrypted() {
    for dialect in [DialectNumber::Smb300, DialectNumber::Smb311] {
        for step in AFTER_LOG_ON {
            let scenario =
                server(dialect, Encryption::Offered).with_fault(Fault::new(step, FaultKind::SignedOnly));
            let transcript = talk(&scenario).run();
            let cause = Cause::Integrity(Tampering::NotEncrypted);
            assert_eq!(transcript.cause(), &cause, "{dialect:?} {step:?}");
        }
    }
}

#[test]
fn guest_or_anonymous_session_is_always_an_error() {
    for kind in [FaultKind::Guest, FaultKind::NullSession] {
        for dialect in DIALECTS {
            for protected in [true, false] {
                let mut scenario =
                    server(dialect, Encryption::Offered).with_fault(Fault::new(Step::LogOn, kind.clone()));
                if !protected {
                    scenario = scenario.with_fault(Fault::new(Step::LogOn, FaultKind::Unprotected));
                }
                assert_eq!(talk(&scenario).run().cause(), &Cause::Guest, "{kind:?} {dialect:?}");
            }
        }
    }
}

#[test]
fn encryption_setting_holds_on_every_dialect() {
    let wants = |wanted: Wanted, scenario: &Scenario| {
        talk(scenario).configured(move |config| config.encryption = wanted).run()
    };
    for (dialect, encryption) in [
        (DialectNumber::Smb202, Encryption::Offered),
        (DialectNumber::Smb210, Encryption::Offered),
        (DialectNumber::Smb302, Encryption::Off),
        (DialectNumber::Smb311, Encryption::Off),
    ] {
        let transcript = wants(Wanted::Required, &server(dialect, encryption));
        assert_eq!(transcript.cause(), &Cause::EncryptionUnavailable, "{dialect:?}");
        assert_eq!(transcript.traffic.round_trips, 1, "no password is used on such a server");
    }
    for dialect in [DialectNumber::Smb302, DialectNumber::Smb311] {
        let scenario = server(dialect, Encryption::Required);
        assert_eq!(
            wants(Wanted::Off, &scenario).cause(),
            &Cause::EncryptionDemanded(Some(NtStatus::ACCESS_DENIED)),
            "{dialect:?}"
        );
        for wanted in [Wanted::Auto, Wanted::Required] {
            assert!(wants(wanted, &scenario).negotiated.unwrap().encrypted);
        }
        let scenario = server(dialect, Encryption::Offered);
        let transcript = wants(Wanted::Off, &scenario);
        assert!(!transcript.negotiated.unwrap().encrypted);
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1));
    }
}

#[test]
fn a_log_on_that_is_refused_says_why() {
    for (user, password) in [("admin", "wrong"), ("nobody", "Passw0rd!")] {
        for dialect in DIALECTS {
            let transcript = talk(&server(dialect, Encryption::Offered)).login(user, password).run();
            assert_eq!(transcript.cause(), &Cause::LogOnRefused(NtStatus::LOGON_FAILURE), "{user}");
            assert_eq!(transcript.traffic.round_trips, 3);
        }
    }
    for step in [Step::Challenge, Step::LogOn] {
        let status = NtStatus::ACCOUNT_LOCKED_OUT;
        let fault = Fault::new(step, FaultKind::Status(status.0));
        let transcript = talk(&server(DialectNumber::Smb311, Encryption::Offered).with_fault(fault)).run();
        assert_eq!(transcript.cause(), &Cause::LogOnRefused(status), "{step:?}");
    }
}

#[test]
fn a_reply_with_a_wrong_number_is_an_error() {
    for dialect in DIALECTS {
        for step in AFTER_LOG_ON.into_iter().chain([Step::Negotiate, Step::Challenge, Step::LogOn]) {
            let fault = Fault::new(step, FaultKind::WrongMessageId);
            let transcript = talk(&server(dialect, Encryption::Offered).with_fault(fault)).run();
            let cause = Cause::Misbehaved(Misbehaviour::UnknownMessageId);
            assert_eq!(transcript.cause(), &cause, "{dialect:?} {step:?}");
        }
    }
}

#[test]
fn a_server_without_credits_is_not_waited_for() {
    for step in [Step::Negotiate, Step::Challenge, Step::LogOn] {
        let fault = Fault::new(step, FaultKind::NoCredits);
        let transcript = talk(&server(DialectNumber::Smb210, Encryption::Off).with_fault(fault)).run();
        match step {
            // A reply without credits leaves those that came before.
            Step::Negotiate => assert!(matches!(transcript.cause(), Cause::Misbehaved(_))),
            _ => assert_eq!(transcript.rows().len(), 300, "{step:?}"),
        }
    }
    let mut scenario = server(DialectNumber::Smb311, Encryption::Offered);
    for step in [Step::Challenge, Step::LogOn, Step::TreeConnect, Step::Create, Step::Bind, Step::Enumerate] {
        scenario = scenario.with_fault(Fault::new(step, FaultKind::NoCredits));
    }
    scenario.smb.max_credits = 4;
    let transcript = talk(&scenario).run();
    assert!(matches!(transcript.cause(), Cause::Misbehaved(_)), "{:?}", transcript.cause());
    assert!(transcript.elapsed.is_zero());
}

#[test]
fn read_without_a_credit_fails_at_once() {
    let fault = Fault::new(Step::Enumerate, FaultKind::NoCredits);
    let mut scenario = server(DialectNumber::Smb311, Encryption::Offered).with_fault(fault);
    scenario.smb.max_credits = 1;
    let transcript = talk(&scenario).run();
    assert_eq!(transcript.cause(), &Cause::Misbehaved(Misbehaviour::NoCredits));
    assert!(transcript.elapsed.is_zero());
}

#[test]
fn unsolicited_replies_are_an_error() {
    for step in
        [Step::Negotiate, Step::Challenge, Step::TreeConnect, Step::Create, Step::Bind, Step::Enumerate]
    {
        for encryption in [Encryption::Off, Encryption::Offered] {
            let fault = Fault::new(step, FaultKind::UnsolicitedWithoutEnd(1));
            let mut scenario = server(DialectNumber::Smb311, encryption).with_fault(fault);
            // There is time for them to come.
            scenario.delay_ms = 10;
            let transcript = talk(&scenario).run();
            let cause = transcript.cause();
            assert!(matches!(cause, Cause::Misbehaved(_) | Cause::Integrity(_)), "{step:?}: {cause:?}");
        }
    }
}
