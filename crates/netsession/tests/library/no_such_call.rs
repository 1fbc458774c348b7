//! Servers that bind the pipe and do not have NetrSessionEnum.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use netsession::blocking::Client;
use netsession::{Credentials, Error, ErrorKind, Level, Password};
use netsession_testserver::scenario::{self, Fault, FaultKind, Missing, Step};
use netsession_testserver::{Scenario, Server};

fn ask(scenario: Scenario, level: Level) -> Error {
    let (address, _server) = Server::start(scenario).unwrap();
    let client = Client::builder(address.to_string())
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!")))
        .timeout(Duration::from_secs(30))
        .connect()
        .unwrap();
    client.sessions().level(level).list().unwrap_err()
}

/// `auto` was asked, and there is no level: the advice says what the server is, not to ask for `auto`.
#[test]
fn advice_names_the_servers_that_cannot_list() {
    let windows = || scenario::shipped("windows").unwrap();
    let without_levels = |missing| {
        let mut scenario = windows();
        scenario.session_enum.levels.clear();
        scenario.session_enum.missing_level = missing;
        scenario
    };
    let at_call = |kind| windows().with_fault(Fault::new(Step::Enumerate, kind));
    for (server, scenario, kind, code) in [
        ("ksmbd", at_call(FaultKind::Status(0xC000_00BB)), ErrorKind::Status, 0xC000_00BB),
        ("impacket", at_call(FaultKind::RpcFault(0x6E4)), ErrorKind::Status, 0x6E4),
        ("no levels, 124", without_levels(Missing::Code(124)), ErrorKind::LevelNotSupported, 124),
        ("no levels, 50", without_levels(Missing::Code(50)), ErrorKind::LevelNotSupported, 50),
        ("no levels, a fault", without_levels(Missing::Fault(0x6E4)), ErrorKind::Status, 0x6E4),
    ] {
        for level in [Level::Auto, Level::L502] {
            let error = ask(scenario.clone(), level);
            assert_eq!((error.kind(), error.code()), (kind, Some(code)), "{server} {level}: {error}");
            let advice = error.advice().unwrap();
            assert!(
                advice.contains("cannot list sessions (ksmbd of Linux cannot)"),
                "{server} {level}: {advice}"
            );
            assert!(!advice.contains("auto"), "{server} {level}: {advice}");
        }
    }
}
