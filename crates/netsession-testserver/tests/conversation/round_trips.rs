//! How often the client waits, on every dialect and with every algorithm.

use netsession_proto::query::WantedLevel;
use netsession_proto::smb2::{Command, Dialect};
use netsession_proto::srvs::Level;
use netsession_testserver::scenario::{
    CipherName, CompoundReplies, DialectNumber, Encryption, SHIPPED, SigningName, shipped,
};

use crate::talk::{Sessions, expected, named, talk};

const DIALECTS: [(DialectNumber, Dialect); 5] = [
    (DialectNumber::Smb202, Dialect::Smb202),
    (DialectNumber::Smb210, Dialect::Smb210),
    (DialectNumber::Smb300, Dialect::Smb300),
    (DialectNumber::Smb302, Dialect::Smb302),
    (DialectNumber::Smb311, Dialect::Smb311),
];

#[test]
fn level_1_takes_five_round_trips_on_every_server() {
    for name in SHIPPED {
        let scenario = shipped(name).unwrap();
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{name}");
        assert_eq!(transcript.traffic.round_trips, 5, "{name}");
        assert_eq!((transcript.answer().shown(), transcript.answer().pages()), (Level::L1, 1), "{name}");
    }
}

#[test]
fn auto_takes_one_more_where_502_does_not_exist() {
    for (name, level, round_trips) in [
        ("windows", Level::L502, 5),
        ("windows-hardened", Level::L502, 5),
        ("samba", Level::L1, 6),
        ("illumos", Level::L502, 5),
        ("nas-level-1", Level::L1, 6),
    ] {
        let scenario = shipped(name).unwrap();
        let transcript = talk(&scenario).asking(Sessions::default()).run();
        assert_eq!(transcript.rows(), expected(&scenario, level), "{name}");
        assert_eq!(transcript.answer().shown(), level, "{name}");
        assert_eq!(transcript.traffic.round_trips, round_trips, "{name}");
    }
}

#[test]
fn every_dialect_signed_and_encrypted() {
    for (number, dialect) in DIALECTS {
        for encryption in [Encryption::Off, Encryption::Offered] {
            let mut scenario = shipped("windows").unwrap();
            scenario.smb.dialects = vec![number];
            scenario.smb.encryption = encryption;
            let transcript = talk(&scenario).run();
            assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{dialect}");
            assert_eq!(transcript.traffic.round_trips, 5, "{dialect}");
            let negotiated = transcript.negotiated.unwrap();
            assert_eq!(negotiated.dialect, dialect);
            assert_eq!(negotiated.encrypted, encryption == Encryption::Offered && dialect.is_smb3());
        }
    }
}

#[test]
fn the_client_chooses_the_dialect_from_its_own_range() {
    for (_, dialect) in DIALECTS {
        let scenario = shipped("windows").unwrap();
        let transcript = talk(&scenario).configured(move |config| config.max_dialect = dialect).run();
        assert_eq!(transcript.negotiated.unwrap().dialect, dialect);
        assert_eq!(transcript.rows().len(), 4, "{dialect}");
    }
}

#[test]
fn every_cipher() {
    for cipher in [CipherName::Aes128Ccm, CipherName::Aes128Gcm, CipherName::Aes256Ccm, CipherName::Aes256Gcm]
    {
        let mut scenario = shipped("windows-hardened").unwrap();
        scenario.smb.ciphers = vec![cipher];
        scenario.smb.dialects = vec![DialectNumber::Smb311];
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{cipher:?}");
        assert!(transcript.negotiated.unwrap().encrypted, "{cipher:?}");
        assert_eq!(transcript.traffic.round_trips, 5);
        // Nothing but the log-on is to be read by others.
        let commands = [Command::NEGOTIATE, Command::SESSION_SETUP, Command::SESSION_SETUP];
        assert_eq!(transcript.commands(), commands, "{cipher:?}");
    }
}

#[test]
fn every_signing_algorithm() {
    for signing in
        [vec![SigningName::HmacSha256], vec![SigningName::AesCmac], vec![SigningName::AesGmac], Vec::new()]
    {
        for replies in [CompoundReplies::Joined, CompoundReplies::FirstAlone] {
            let mut scenario = shipped("windows").unwrap();
            scenario.smb.signing = signing.clone();
            scenario.smb.encryption = Encryption::Off;
            scenario.smb.compound_replies = replies;
            let transcript = talk(&scenario).run();
            assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{signing:?}");
            assert_eq!(transcript.traffic.round_trips, 5, "{signing:?}");
        }
    }
}

#[test]
fn a_thousand_sessions_take_six() {
    let mut scenario = shipped("samba").unwrap();
    let one = scenario.sessions()[0].clone();
    scenario = scenario.with_sessions(vec![one; 1005]);
    let transcript = talk(&scenario).run();
    assert_eq!(transcript.rows().len(), 1005);
    assert_eq!(transcript.traffic.round_trips, 6);
}

#[test]
fn a_level_that_is_known_saves_one_and_what_has_changed_costs_one() {
    let scenario = shipped("samba").unwrap();
    let from = |level| Sessions { level: WantedLevel::AutoFrom(level), ..Sessions::default() };
    let transcript = talk(&scenario).asking(from(Level::L1)).run();
    assert_eq!((transcript.answer().shown(), transcript.traffic.round_trips), (Level::L1, 5));
    let transcript = talk(&scenario).asking(from(Level::L10)).run();
    assert_eq!((transcript.answer().shown(), transcript.traffic.round_trips), (Level::L1, 7));
}

#[test]
fn another_question_on_the_same_pipe_takes_one() {
    let scenario = shipped("windows").unwrap();
    let again = Sessions { level: WantedLevel::Auto, ..Sessions::default() };
    let transcript = talk(&scenario).then_asking(again).then_asking(named(Level::L10)).run();
    let levels: Vec<Level> =
        transcript.listings.iter().map(|(_, answer)| answer.as_ref().unwrap().shown()).collect();
    assert_eq!(levels, [Level::L1, Level::L502, Level::L10]);
    assert_eq!(transcript.traffic.round_trips, 7);
}
