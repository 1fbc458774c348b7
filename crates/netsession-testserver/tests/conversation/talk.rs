//! The two peers in memory, under a clock that stands still until somebody waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession_proto::auth::Authenticator;
use netsession_proto::auth::ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
use netsession_proto::client::{
    Answer, Cause, Config, Connection, Entropy, Event, Failure, ListRequest, Negotiated, WantedLevel,
};
use netsession_proto::smb2::{Command, FrameBuffer, Header, PROTOCOL_ID, split};
use netsession_proto::srvs::{Level, SessionInfo};
use netsession_testserver::Scenario;
use netsession_testserver::core::{self, ServerConnection, Start, Transmit};

const FILETIME: u64 = 0x01dc_5b00_1234_5678;
/// What a conversation may take before it is taken for one without end.
const MAX_TURNS: usize = 200_000;

/// Who is between the two peers: is given what one sends, and gives what the other one gets.
type Between = Box<dyn FnMut(Side, Vec<u8>) -> Passed>;

/// Who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

/// What comes out at the other end.
pub(crate) enum Passed {
    On(Vec<u8>),
    ThenClosed(Vec<u8>),
}

/// A conversation that is to be had.
pub(crate) struct Talk {
    scenario: Arc<Scenario>,
    config: Box<dyn Fn(&mut Config)>,
    requests: Vec<ListRequest>,
    login: (&'static str, &'static str),
    timeout: Duration,
    between: Between,
    deaf_after_reconnect: bool,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Outcome {
    /// One for each question that was answered, well or not.
    pub(crate) listings: Vec<(Vec<SessionInfo>, Result<Answer, Failure>)>,
    /// Rows of a question that had no end.
    pub(crate) loose_rows: Vec<SessionInfo>,
    pub(crate) failed: Option<Failure>,
    pub(crate) negotiated: Option<Negotiated>,
    /// How often the client waited for the server, over all connections.
    pub(crate) round_trips: usize,
    pub(crate) reconnects: usize,
    /// Requests that were not encrypted, whole messages.
    pub(crate) requests: Vec<Vec<u8>>,
    /// All that the server said.
    pub(crate) from_server: Vec<u8>,
    pub(crate) elapsed: Duration,
}

/// Has a conversation with this scenario as administrator, at level 1.
pub(crate) fn talk(scenario: &Scenario) -> Talk {
    Talk {
        scenario: Arc::new(scenario.clone()),
        config: Box::new(|_| ()),
        requests: vec![named(Level::L1)],
        login: ("admin", "Passw0rd!"),
        timeout: Duration::from_secs(10),
        between: Box::new(|_, bytes| Passed::On(bytes)),
        deaf_after_reconnect: false,
    }
}

pub(crate) fn named(level: Level) -> ListRequest {
    ListRequest { level: WantedLevel::Named(level), ..ListRequest::default() }
}

impl Talk {
    pub(crate) fn configured(mut self, config: impl Fn(&mut Config) + 'static) -> Self {
        self.config = Box::new(config);
        self
    }

    pub(crate) fn asking(mut self, request: ListRequest) -> Self {
        self.requests = vec![request];
        self
    }

    pub(crate) fn then_asking(mut self, request: ListRequest) -> Self {
        self.requests.push(request);
        self
    }

    pub(crate) fn login(mut self, user: &'static str, password: &'static str) -> Self {
        self.login = (user, password);
        self
    }

    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(crate) fn between(mut self, between: impl FnMut(Side, Vec<u8>) -> Passed + 'static) -> Self {
        self.between = Box::new(between);
        self
    }

    /// Spoils what the server sends.
    pub(crate) fn spoiling(self, mut spoil: impl FnMut(&mut Vec<u8>) + 'static) -> Self {
        self.between(move |side, mut bytes| {
            if side == Side::Server {
                spoil(&mut bytes);
            }
            Passed::On(bytes)
        })
    }

    /// A second connection is closed at once.
    pub(crate) fn deaf_after_reconnect(mut self) -> Self {
        self.deaf_after_reconnect = true;
        self
    }

    pub(crate) fn run(mut self) -> Outcome {
        let start = Instant::now();
        let mut now = start;
        let mut config = Config::new("fs1", now + self.timeout);
        (self.config)(&mut config);
        let deadline = config.deadline;
        let mut client = Connection::new(config, entropy(0), now);
        let mut server = Some(self.server(now));
        let mut authenticator = self.authenticator();
        let mut outcome = Outcome::default();
        let mut rows = Vec::new();
        let mut asked = 0;
        for _ in 0..MAX_TURNS {
            while let Some(event) = client.poll_event() {
                match event {
                    Event::NeedToken { input, stage } => {
                        client.provide_token(authenticator.step(stage, &input.0));
                    }
                    Event::Reconnect => {
                        outcome.reconnects += 1;
                        assert!(outcome.reconnects <= 1, "at most once");
                        server = (!self.deaf_after_reconnect).then(|| self.server(now));
                        authenticator = self.authenticator();
                        client.reconnected(entropy(1), now);
                    }
                    Event::Ready(negotiated) => {
                        outcome.negotiated = Some(negotiated);
                        client.list(&self.requests[0], deadline);
                        asked = 1;
                    }
                    Event::Page(page) => {
                        assert!(!page.is_empty(), "a page of nothing");
                        rows.extend(page);
                    }
                    Event::Done(answer) => outcome.listings.push((std::mem::take(&mut rows), Ok(answer))),
                    Event::Refused(failure) => {
                        outcome.listings.push((std::mem::take(&mut rows), Err(failure)));
                    }
                    Event::Failed(failure) => outcome.failed = Some(failure),
                    _ => {}
                }
                if outcome.listings.len() == asked && asked > 0 && asked < self.requests.len() {
                    client.list(&self.requests[asked], deadline);
                    asked += 1;
                }
            }
            if outcome.failed.is_some() || outcome.listings.len() == self.requests.len() {
                outcome.loose_rows = rows;
                outcome.elapsed = now - start;
                return outcome;
            }
            self.turn(&mut client, &mut server, &mut now, &mut outcome);
        }
        panic!("a conversation without end: {outcome:?}");
    }

    /// Carries what both have to say; where nobody has, the time comes that somebody waits for.
    fn turn(
        &mut self,
        client: &mut Connection,
        server: &mut Option<ServerConnection>,
        now: &mut Instant,
        outcome: &mut Outcome,
    ) {
        let mut waits = false;
        while let Some(bytes) = client.poll_transmit() {
            waits = true;
            outcome.requests.extend(plain_messages(&bytes));
            let (Passed::On(bytes) | Passed::ThenClosed(bytes)) = (self.between)(Side::Client, bytes);
            if let Some(server) = server {
                server.handle_input(&bytes, *now);
            }
        }
        outcome.round_trips += usize::from(waits);
        let Some(peer) = server else { return client.handle_close(*now) };
        let mut heard = false;
        while let Some(transmit) = peer.poll_transmit(*now) {
            heard = true;
            let passed = match transmit {
                Transmit::Bytes(bytes) => (self.between)(Side::Server, bytes),
                Transmit::Close | Transmit::Reset => Passed::ThenClosed(Vec::new()),
            };
            let closed = matches!(passed, Passed::ThenClosed(_));
            let (Passed::On(bytes) | Passed::ThenClosed(bytes)) = passed;
            outcome.from_server.extend_from_slice(&bytes);
            client.handle_input(&bytes, *now);
            if closed {
                *server = None;
                return client.handle_close(*now);
            }
        }
        if !heard && !waits {
            let next = peer.poll_timeout().into_iter().chain(client.poll_timeout()).min();
            *now = next.expect("both wait for each other, and no clock runs").max(*now);
            client.handle_timeout(*now);
        }
    }

    fn server(&self, now: Instant) -> ServerConnection {
        let entropy = core::Entropy {
            server_challenge: *b"\x01\x23\x45\x67\x89\xab\xcd\xef",
            preauth_salt: [0x5a; 32],
        };
        ServerConnection::new(
            Arc::clone(&self.scenario),
            entropy,
            Start { now, filetime: FILETIME, peer: None },
        )
    }

    fn authenticator(&self) -> NtlmAuthenticator {
        let identity = NtlmIdentity {
            domain: "LAB".to_owned(),
            user: self.login.0.to_owned(),
            password: self.login.1.to_owned().into(),
            workstation: "WS1".to_owned(),
        };
        let entropy = NtlmEntropy { client_challenge: [0x5e; 8], exported_session_key: *b"session-key-5e5e" };
        NtlmAuthenticator::new(identity, "fs1", entropy, FILETIME).unwrap()
    }
}

fn entropy(number: u8) -> Entropy {
    Entropy { client_guid: [number; 16], preauth_salt: [number ^ 0xa5; 32] }
}

/// The messages of frames that are not encrypted.
fn plain_messages(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = FrameBuffer::new(1 << 24);
    frames.push(bytes);
    let mut messages = Vec::new();
    while let Ok(Some(frame)) = frames.next_frame() {
        if frame.starts_with(&PROTOCOL_ID) {
            messages.extend(split(&frame).unwrap().into_iter().map(<[u8]>::to_vec));
        }
    }
    messages
}

/// Short: the rows of a thousand sessions help nobody.
impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let listings: Vec<_> = self.listings.iter().map(|(rows, answer)| (rows.len(), answer)).collect();
        f.debug_struct("Outcome")
            .field("listings", &listings)
            .field("loose_rows", &self.loose_rows.len())
            .field("failed", &self.failed)
            .field("round_trips", &self.round_trips)
            .field("reconnects", &self.reconnects)
            .finish_non_exhaustive()
    }
}

impl Outcome {
    /// The rows of the only question, which was answered.
    pub(crate) fn rows(&self) -> &[SessionInfo] {
        match self.listings.as_slice() {
            [(rows, Ok(_))] if self.failed.is_none() => rows,
            _ => panic!("no answer: {self:?}"),
        }
    }

    /// How the only question was answered.
    pub(crate) fn answer(&self) -> &Answer {
        self.rows();
        self.listings[0].1.as_ref().unwrap()
    }

    /// Why the only question was not answered; not a row came of it.
    pub(crate) fn cause(&self) -> &Cause {
        assert!(self.loose_rows.is_empty(), "rows in spite of a failure: {:?}", self.loose_rows);
        match (&self.failed, self.listings.as_slice()) {
            (Some(failure), []) => &failure.cause,
            (None, [(rows, Err(failure))]) => {
                assert!(rows.is_empty(), "rows in spite of a refusal: {rows:?}");
                &failure.cause
            }
            _ => panic!("no failure: {self:?}"),
        }
    }

    /// The commands of the requests that were not encrypted.
    pub(crate) fn commands(&self) -> Vec<Command> {
        self.requests.iter().map(|message| Header::decode(message).unwrap().command).collect()
    }

    /// How many of them were this one.
    pub(crate) fn count(&self, command: Command) -> usize {
        self.commands().into_iter().filter(|asked| *asked == command).count()
    }
}

/// The sessions of a scenario as a level shows them.
pub(crate) fn expected(scenario: &Scenario, level: Level) -> Vec<SessionInfo> {
    scenario.sessions().iter().map(|session| session.clone().reduced_to(level)).collect()
}
