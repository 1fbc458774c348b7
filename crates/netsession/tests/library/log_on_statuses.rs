//! Which answers to a log-on end the log-ons of the account on other servers, and which concern one server alone.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use netsession::blocking::Client;
use netsession::logon_guard::LogonGuard;
use netsession::{Credentials, Error, ErrorKind, Password};
use netsession_testserver::scenario::{self, DialectNumber, Encryption, Fault, FaultKind, Step};
use netsession_testserver::{Scenario, Server, ServerHandle};

fn start(scenario: Scenario) -> (String, ServerHandle) {
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

fn server(answer: Option<FaultKind>) -> (String, ServerHandle) {
    let mut scenario = scenario::shipped("windows").unwrap();
    if let Some(kind) = answer {
        scenario = scenario.with_fault(Fault::new(Step::LogOn, kind));
    }
    start(scenario)
}

fn list(server: &str, guard: &LogonGuard) -> Result<usize, Error> {
    let client = Client::builder(server)
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!")))
        .logon_guard(guard)
        .timeout(Duration::from_secs(30))
        .connect()?;
    Ok(client.sessions().list()?.len())
}

#[test]
fn server_that_refuses_whatever_the_password_is_silences_no_other() {
    let (good, _good) = server(None);
    for (answer, kind) in [
        (FaultKind::Status(0xC000_0466), ErrorKind::Status), // SERVER_UNAVAILABLE: NetApp, now and then
        (FaultKind::Status(0xC000_005E), ErrorKind::Status), // NO_LOGON_SERVERS
        (FaultKind::Status(0xC000_0418), ErrorKind::LogOnRefused), // NTLM_BLOCKED
        (FaultKind::Status(0xC000_00BB), ErrorKind::LogOnRefused), // NOT_SUPPORTED
        (FaultKind::Status(0xC000_015B), ErrorKind::LogOnRefused), // LOGON_TYPE_NOT_GRANTED
        (FaultKind::Status(0xC000_0022), ErrorKind::LogOnRefused), // ACCESS_DENIED
        (FaultKind::Guest, ErrorKind::Guest),
    ] {
        let guard = LogonGuard::default();
        let (odd, _odd) = server(Some(answer.clone()));
        let error = list(&odd, &guard).unwrap_err();
        assert_eq!(error.kind(), kind, "{answer:?}: {error}");
        let advice = error.advice().unwrap();
        assert!(!advice.contains("password is wrong"), "{answer:?}: {advice}");
        // Any number of such servers: two answers that leave the password open would hold its log-ons.
        let (other, _other) = server(Some(answer.clone()));
        assert_eq!(list(&other, &guard).unwrap_err().kind(), kind, "{answer:?}");
        assert!(!guard.is_blocked(&r"LAB\admin".parse().unwrap()), "{answer:?}");
        assert!(list(&good, &guard).is_ok(), "{answer:?}");
    }
}

#[test]
fn refusal_of_the_account_ends_its_log_ons() {
    let (good, _good) = server(None);
    for status in [0xC000_006D, 0xC000_006A, 0xC000_0064, 0xC000_0234, 0xC000_0072, 0xC000_0193, 0xC000_006F]
    {
        let guard = LogonGuard::default();
        let (odd, _odd) = server(Some(FaultKind::Status(status)));
        assert_eq!(list(&odd, &guard).unwrap_err().kind(), ErrorKind::LogOnRefused, "{status:#x}");
        assert_eq!(list(&good, &guard).unwrap_err().kind(), ErrorKind::LogOnBlocked, "{status:#x}");
    }
}

#[test]
fn unknown_status_says_nothing_about_the_password() {
    let (odd, _odd) = server(Some(FaultKind::Status(0xC000_0FFF)));
    let guard = LogonGuard::default();
    let error = list(&odd, &guard).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::LogOnRefused, Some(0xC000_0FFF)));
    // It counts as a log-on without an answer: one blocks no account, and two hold its log-ons.
    assert!(!guard.is_blocked(&r"LAB\admin".parse().unwrap()));
    let (other, _other) = server(Some(FaultKind::Status(0xC000_0FFF)));
    assert_eq!(list(&other, &guard).unwrap_err().kind(), ErrorKind::LogOnRefused);
    let (good, _good) = server(None);
    assert_eq!(list(&good, &guard).unwrap_err().kind(), ErrorKind::LogOnUnanswered);
    let advice = error.advice().unwrap();
    assert!(!advice.contains("wrong") && !advice.contains("password"), "{advice}");
}

/// Windows 10 1903 and some NetApp send a CHALLENGE without KEY_EXCH: the session key is the KeyExchangeKey
/// ([MS-NLMP] 3.1.5.1.2), and everything after it is signed or sealed with what is made from it.
#[test]
fn session_without_key_exchange_is_signed_and_sealed() {
    for dialect in [
        DialectNumber::Smb202,
        DialectNumber::Smb210,
        DialectNumber::Smb300,
        DialectNumber::Smb302,
        DialectNumber::Smb311,
    ] {
        for encryption in [Encryption::Off, Encryption::Offered] {
            let mut scenario = scenario::shipped("windows").unwrap();
            scenario.ntlm.key_exchange = false;
            (scenario.smb.dialects, scenario.smb.encryption) = (vec![dialect], encryption);
            let (odd, _odd) = start(scenario);
            let listed = list(&odd, &LogonGuard::default());
            assert!(
                listed.as_ref().is_ok_and(|sessions| *sessions > 0),
                "{dialect:?} {encryption:?}: {listed:?}"
            );
        }
    }
}

#[test]
fn challenge_without_target_info_is_refused_and_says_which_servers_send_it() {
    let mut scenario = scenario::shipped("windows").unwrap();
    scenario.ntlm.target_info = false;
    let (old, _old) = start(scenario);
    let guard = LogonGuard::default();
    let error = list(&old, &guard).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(error.to_string().contains("old Fritz!Box firmware and some old NAS"), "{error}");
    assert!(!guard.is_blocked(&r"LAB\admin".parse().unwrap()), "no password was sent");
}
