use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession_proto::auth::Authenticator;
use netsession_proto::auth::ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
use netsession_proto::client::Config;
use netsession_testserver::Scenario;
use netsession_testserver::core::{ServerConnection, Transmit};

use crate::client::{Client, ConversationReport, SESSION_KEY};
use crate::queries::Question;
use crate::server::{FILETIME, connection};

/// What a conversation may take before it is left as it is, and time runs out for it.
const MAX_TURNS: usize = 500;
/// Most pieces from the server in one turn, so that the turn ends where the server does not.
const MAX_TRANSMITS: usize = 50;
/// And in all.
const MAX_ALL_TRANSMITS: usize = 2_000;

/// Which way something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToServer,
    ToClient,
}

/// What comes out at the other end.
#[derive(Debug)]
pub(crate) enum Passed {
    Bytes(Vec<u8>),
    /// A frame that was signed or sealed and is no longer what it was: the client must not go on with this connection.
    Harmed(Vec<u8>),
    Wait(Duration),
    Close,
}

/// What is in between.
pub(crate) trait Between {
    fn pass(&mut self, direction: Direction, bytes: Vec<u8>) -> Vec<Passed>;
    /// The client has connected again.
    fn reconnected(&mut self);
    /// Whether the client has been told what it needs to be sure of the negotiation, if that is known.
    fn confirms(&self) -> bool;
    /// Whether the client has been told that it is a guest, if that is known.
    fn makes_guest(&self) -> bool;
}

pub(crate) fn converse(
    scenario: &Arc<Scenario>,
    config: Config,
    questions: &[Question],
    two_pipes: bool,
    between: &mut dyn Between,
    now: Instant,
) -> ConversationReport {
    let mut client = Client::new(config, Some(authenticator()), now);
    let mut server = Some(connection(Arc::clone(scenario), now));
    let mut transmits = 0;
    for _ in 0..MAX_TURNS {
        if client.wants_reconnect() {
            between.reconnected();
            server = Some(connection(Arc::clone(scenario), client.now));
            client.reconnect(Some(authenticator()));
        }
        if client.is_ready() && !client.is_busy() {
            let Some(question) = questions.get(client.outcome.listings.len()) else { break };
            if !two_pipes || !client.outcome.listings.is_empty() {
                client.ask(question);
            } else if client.has_tried_second {
                client.ask_both(questions);
            } else {
                client.open_second();
            }
        }
        if client.outcome.failed.is_some() {
            break;
        }
        if !client.is_busy() {
            // What had come before was the answer.
            continue;
        }
        if transmits > MAX_ALL_TRANSMITS {
            break;
        }
        transmits += turn(&mut client, &mut server, between);
    }
    client.finish()
}

/// Carries the messages of both; where there are none, the clock goes on to the next time-out. Returns how many
/// pieces the server sent.
fn turn(client: &mut Client, server: &mut Option<ServerConnection>, between: &mut dyn Between) -> usize {
    let mut moved = false;
    let mut transmits = 0;
    for bytes in client.transmits() {
        moved = true;
        for passed in between.pass(Direction::ToServer, bytes) {
            match (passed, &mut *server) {
                (Passed::Bytes(bytes) | Passed::Harmed(bytes), Some(server)) => {
                    server.handle_input(&bytes, client.now);
                }
                (Passed::Wait(time), _) => client.wait(time),
                (Passed::Close, _) => *server = None,
                (_, None) => {}
            }
        }
    }
    let Some(peer) = server else {
        client.close();
        return transmits;
    };
    for _ in 0..MAX_TRANSMITS {
        let passed = match peer.poll_transmit(client.now) {
            None => break,
            Some(Transmit::Bytes(bytes)) => between.pass(Direction::ToClient, bytes),
            Some(_) => vec![Passed::Close],
        };
        moved = true;
        transmits += 1;
        client.confirmed = between.confirms();
        client.is_guest = between.makes_guest();
        for passed in passed {
            if !deliver(client, passed) {
                *server = None;
                client.close();
                return transmits;
            }
        }
    }
    if !moved {
        let next = peer.poll_timeout().into_iter().chain(client.next_timeout()).min();
        let next = next.expect("both wait for each other, and no clock runs");
        client.wait(next.saturating_duration_since(client.now));
    }
    transmits
}

/// Whether the connection still stands.
fn deliver(client: &mut Client, passed: Passed) -> bool {
    match passed {
        Passed::Bytes(bytes) => client.input(&bytes),
        Passed::Harmed(bytes) => {
            let listens = client.is_busy() && !client.wants_reconnect();
            client.input(&bytes);
            // An answer to the compound may be followed by a new connection.
            let ended = client.outcome.failed.is_some() || client.wants_reconnect();
            assert!(!listens || ended, "a harmed frame was accepted");
        }
        Passed::Wait(time) => client.wait(time),
        Passed::Close => return false,
    }
    true
}

fn authenticator() -> Box<dyn Authenticator> {
    let identity = NtlmIdentity {
        domain: "LAB".to_owned(),
        user: "admin".to_owned(),
        password: "Passw0rd!".to_owned().into(),
        workstation: "WS1".to_owned(),
    };
    let entropy = NtlmEntropy { client_challenge: [0x5e; 8], exported_session_key: SESSION_KEY };
    Box::new(NtlmAuthenticator::new(identity, "fs1", entropy, FILETIME).expect("names are short"))
}
