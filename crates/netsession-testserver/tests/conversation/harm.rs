//! The whole of what a server says, cut off at every byte and with every byte harmed.

use std::ops::Range;

use netsession_proto::client::Cause;
use netsession_proto::smb2::{Command, Header};
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{DialectNumber, Encryption, shipped};

use crate::talk::{Passed, Side, Talk, Transcript, expected, talk};

fn server(dialect: DialectNumber, encryption: Encryption) -> Scenario {
    let mut scenario = shipped("samba").unwrap();
    scenario.smb.dialects = vec![dialect];
    scenario.smb.encryption = encryption;
    scenario
}

/// One of each key derivation, and one that encrypts.
fn servers() -> Vec<Scenario> {
    vec![
        server(DialectNumber::Smb210, Encryption::Off),
        server(DialectNumber::Smb302, Encryption::Off),
        server(DialectNumber::Smb311, Encryption::Offered),
    ]
}

/// Those, and the other two ways in which messages are protected.
fn protections() -> Vec<Scenario> {
    let mut all = servers();
    all.push(server(DialectNumber::Smb302, Encryption::Offered));
    all.push(server(DialectNumber::Smb311, Encryption::Off));
    all
}

/// Counts the server's bytes over the frames.
fn bytewise(scenario: &Scenario, mut harm: impl FnMut(usize, &mut Vec<u8>) -> bool + 'static) -> Talk {
    let mut before = 0;
    talk(scenario).between(move |side, mut bytes| {
        if side == Side::Client {
            return Passed::On(bytes);
        }
        let length = bytes.len();
        let cut = harm(before, &mut bytes);
        before += length;
        if cut { Passed::ThenClosed(bytes) } else { Passed::On(bytes) }
    })
}

/// Where in the server's bytes the keys begin to count: behind the second frame.
fn before_keys(transcript: &Transcript) -> usize {
    frames_end(transcript, 2)
}

/// Where in the server's bytes the compound is answered: in the frame or frames between the log-on and the question.
fn compound(transcript: &Transcript) -> Range<usize> {
    frames_end(transcript, 3)..transcript.traffic.opened_after
}

/// The end of the server's first `frames` frames.
fn frames_end(transcript: &Transcript, frames: usize) -> usize {
    let mut at = 0;
    for _ in 0..frames {
        let prefix: [u8; 4] = transcript.traffic.from_server[at..][..4].try_into().unwrap();
        at += 4 + usize::try_from(u32::from_be_bytes(prefix)).unwrap();
    }
    at
}

#[test]
fn cut_off_at_every_byte() {
    for scenario in servers() {
        let whole = talk(&scenario).run();
        assert_eq!(whole.rows(), expected(&scenario, Level::L1));
        for end in 0..whole.traffic.from_server.len() {
            let transcript = bytewise(&scenario, move |before, bytes| {
                let cut = before + bytes.len() > end;
                bytes.truncate(end.saturating_sub(before));
                cut
            })
            .deaf_after_reconnect()
            .run();
            assert_eq!(
                transcript.cause(),
                &Cause::Closed,
                "byte {end} of {}",
                whole.traffic.from_server.len()
            );
        }
    }
}

#[test]
fn every_byte_harmed_once_there_are_keys() {
    for scenario in protections() {
        let whole = talk(&scenario).run();
        let start = before_keys(&whole);
        assert!(start > 200 && start < whole.traffic.from_server.len());
        let compound = compound(&whole);
        for at in start..whole.traffic.from_server.len() {
            // The harmed connection always ends. Where an answer to the compound was harmed, a second one follows.
            let transcript = flipped(&scenario, at, 1 << (at % 8), Connections::First).run();
            if transcript.traffic.reconnects == 0 {
                assert!(ends_a_connection(transcript.cause()), "byte {at}: {:?}", transcript.cause());
            } else {
                assert!(compound.contains(&at), "byte {at}");
                let [given_up] = transcript.traffic.given_up.as_slice() else { panic!("byte {at}") };
                assert!(ends_a_connection(given_up), "byte {at}: {given_up:?}");
                assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "byte {at}");
                assert!(
                    transcript.negotiated.unwrap().single_steps,
                    "byte {at}: the harmed connection went on"
                );
                let transcript = flipped(&scenario, at, 1 << (at % 8), Connections::All).run();
                assert!(ends_a_connection(transcript.cause()), "byte {at}: {:?}", transcript.cause());
                assert_eq!(transcript.traffic.reconnects, 1, "byte {at}");
            }
        }
    }
}

/// Whether the connection ends with this because a frame was harmed.
fn ends_a_connection(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::Integrity(_)
            | Cause::NotSmb(_)
            | Cause::Smb1Only
            | Cause::Malformed(_)
            | Cause::Misbehaved(_)
            | Cause::Limit(..)
            | Cause::TimedOut
            | Cause::Guest
            | Cause::LogOnRefused(_)
            | Cause::Authentication(_)
            | Cause::EncryptionDemanded(_)
    )
}

#[test]
fn every_byte_harmed_before_there_are_keys() {
    for scenario in servers() {
        let covered = scenario.smb.dialects == [DialectNumber::Smb311];
        let end = before_keys(&talk(&scenario).run());
        let mut harmless = 0;
        for at in 0..end {
            let transcript = flipped(&scenario, at, 0x80 >> (at % 8), Connections::First).run();
            if transcript.failed.is_none() && !covered {
                // A field that the client does not read: the answer does not change.
                assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "byte {at}");
                harmless += 1;
            } else {
                transcript.cause();
            }
        }
        // Most of what is harmless are reserved fields, times, and the challenge's names of the server.
        assert!(harmless * 2 < end, "{harmless} of {end} bytes");
    }
}

/// Which connections are harmed.
#[derive(Clone, Copy)]
enum Connections {
    First,
    All,
}

fn flipped(scenario: &Scenario, at: usize, bits: u8, connections: Connections) -> Talk {
    let mut before = 0;
    talk(scenario).between(move |side, mut bytes| {
        if side == Side::Client {
            if matches!(connections, Connections::All) && is_negotiate(&bytes) {
                before = 0;
            }
            return Passed::On(bytes);
        }
        let length = bytes.len();
        if let Some(byte) = at.checked_sub(before).and_then(|at| bytes.get_mut(at)) {
            *byte ^= bits;
        }
        before += length;
        Passed::On(bytes)
    })
}

/// Whether a connection begins with this.
fn is_negotiate(frame: &[u8]) -> bool {
    Header::decode(&frame[4..]).is_ok_and(|header| header.command == Command::NEGOTIATE)
}
