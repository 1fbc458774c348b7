//! The two peers in memory, under a clock that stands still until somebody waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession_proto::auth::ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
use netsession_proto::auth::{Authenticator, Token};
use netsession_proto::client::{
    Cause, Config, Entropy, Failure, Handshake, HandshakeEvent, Machine, Negotiated,
};
use netsession_proto::query::{Asking, AskingEvent, Query, SessionFilter, SessionQuery, WantedLevel};
use netsession_proto::smb2::{Command, FrameBuffer, Header, PROTOCOL_ID, split};
use netsession_proto::srvs::{Level, SessionInfo};
use netsession_testserver::Scenario;
use netsession_testserver::core::{self, ServerConnection, Start, Transmit};

pub(crate) const FILETIME: u64 = 0x01dc_5b00_1234_5678;
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

/// What a test asks for: makes a query once the configuration stands.
pub(crate) trait Question {
    type Query: Query;

    fn query(&self, config: &Config) -> Self::Query;
}

/// Who is connected, by level and filters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    pub(crate) level: WantedLevel,
    pub(crate) client: Option<String>,
    pub(crate) user: Option<String>,
}

impl Question for Sessions {
    type Query = SessionQuery;

    fn query(&self, config: &Config) -> SessionQuery {
        let filter = SessionFilter::new(self.client.as_deref(), self.user.as_deref()).unwrap();
        SessionQuery::new(Some(format!(r"\\{}", config.server)), self.level, filter, config.limits)
    }
}

/// A conversation between a client and the double.
pub(crate) struct Talk<A: Question = Sessions> {
    scenario: Arc<Scenario>,
    config: Box<dyn Fn(&mut Config)>,
    questions: Vec<A>,
    login: (&'static str, &'static str),
    timeout: Duration,
    between: Between,
    deaf_after_reconnect: bool,
}

/// The rows of a question, and how it ended.
pub(crate) type Listed<Q> = (Vec<<Q as Query>::Item>, Result<Q, Failure>);

/// What came of it.
pub(crate) struct Transcript<Q: Query = SessionQuery> {
    /// One for each question that was answered, well or not.
    pub(crate) listings: Vec<Listed<Q>>,
    /// Rows of a question that had no end.
    pub(crate) loose_rows: Vec<Q::Item>,
    pub(crate) failed: Option<Failure>,
    pub(crate) negotiated: Option<Negotiated>,
    pub(crate) traffic: Traffic,
    pub(crate) elapsed: Duration,
}

/// What went over the wire.
#[derive(Default)]
pub(crate) struct Traffic {
    /// How often the client waited for the server, over all connections.
    pub(crate) round_trips: usize,
    pub(crate) reconnects: usize,
    /// Why each connection before the last one was given up.
    pub(crate) given_up: Vec<Cause>,
    /// Requests that were not encrypted, whole messages.
    pub(crate) requests: Vec<Vec<u8>>,
    /// All that the server said.
    pub(crate) from_server: Vec<u8>,
    /// How many of its bytes had come when the pipe was open.
    pub(crate) opened_after: usize,
}

impl Traffic {
    /// The commands of the requests that were not encrypted.
    pub(crate) fn commands(&self) -> Vec<Command> {
        self.requests.iter().map(|message| Header::decode(message).unwrap().command).collect()
    }

    /// How many of them were this one.
    pub(crate) fn count(&self, command: Command) -> usize {
        self.commands().into_iter().filter(|asked| *asked == command).count()
    }
}

/// Has a conversation with this scenario as administrator, at level 1.
pub(crate) fn talk(scenario: &Scenario) -> Talk {
    talk_about(scenario, named(Level::L1))
}

/// Has a conversation with this scenario as administrator, about any question.
pub(crate) fn talk_about<A: Question>(scenario: &Scenario, question: A) -> Talk<A> {
    Talk {
        scenario: Arc::new(scenario.clone()),
        config: Box::new(|_| ()),
        questions: vec![question],
        login: ("admin", "Passw0rd!"),
        timeout: Duration::from_secs(10),
        between: Box::new(|_, bytes| Passed::On(bytes)),
        deaf_after_reconnect: false,
    }
}

pub(crate) fn named(level: Level) -> Sessions {
    Sessions { level: WantedLevel::Named(level), ..Sessions::default() }
}

/// The state of the client between two waits.
enum Client<Q: Query> {
    Handshake(Box<Handshake>),
    Asking(Box<Asking<Q>>),
    /// Between two questions, or at the end.
    Idle,
}

impl<A: Question> Talk<A> {
    pub(crate) fn configured(mut self, config: impl Fn(&mut Config) + 'static) -> Self {
        self.config = Box::new(config);
        self
    }

    pub(crate) fn asking(mut self, question: A) -> Self {
        self.questions = vec![question];
        self
    }

    pub(crate) fn then_asking(mut self, question: A) -> Self {
        self.questions.push(question);
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

    pub(crate) fn run(mut self) -> Transcript<A::Query> {
        let start = Instant::now();
        let mut now = start;
        let mut config = Config::new("fs1", now + self.timeout);
        (self.config)(&mut config);
        let mut client = Client::Handshake(Box::new(Handshake::new(config.clone(), &entropy(0), now)));
        let mut server = Some(self.server(now));
        let mut authenticator = self.authenticator();
        let mut transcript = Transcript {
            listings: Vec::new(),
            loose_rows: Vec::new(),
            failed: None,
            negotiated: None,
            traffic: Traffic::default(),
            elapsed: Duration::ZERO,
        };
        for _ in 0..MAX_TURNS {
            let mut pipe = None;
            match &mut client {
                Client::Handshake(handshake) => {
                    while let Some(event) = handshake.poll_event() {
                        match event {
                            HandshakeEvent::NeedToken { input, stage } => {
                                handshake.provide_token(authenticator.step(stage, &input.0));
                                // Ignored: no token is wanted before the server has answered.
                                handshake.provide_token(Ok(Token::default()));
                            }
                            HandshakeEvent::Reconnect(again) => {
                                transcript.traffic.given_up.push(again.failure().cause.clone());
                                transcript.traffic.reconnects += 1;
                                assert!(transcript.traffic.reconnects <= 1, "at most once");
                                server = (!self.deaf_after_reconnect).then(|| self.server(now));
                                authenticator = self.authenticator();
                                **handshake = again.connected(&entropy(1), now);
                            }
                            HandshakeEvent::Ready(ready) => {
                                transcript.negotiated = Some(ready.negotiated());
                                transcript.traffic.opened_after = transcript.traffic.from_server.len();
                                pipe = Some(ready);
                            }
                            HandshakeEvent::Failed(failure) => transcript.failed = Some(failure),
                            HandshakeEvent::Phase(_) => {}
                        }
                    }
                }
                Client::Asking(asking) => {
                    while let Some(event) = asking.poll_event() {
                        match event {
                            AskingEvent::Items(page) => {
                                assert!(!page.is_empty(), "a page of nothing");
                                transcript.loose_rows.extend(page);
                            }
                            AskingEvent::Done(ready, query) => {
                                let rows = std::mem::take(&mut transcript.loose_rows);
                                transcript.listings.push((rows, Ok(query)));
                                pipe = Some(ready);
                            }
                            AskingEvent::Refused(ready, failure) => {
                                let rows = std::mem::take(&mut transcript.loose_rows);
                                transcript.listings.push((rows, Err(failure)));
                                pipe = Some(ready);
                            }
                            AskingEvent::Failed(failure) => transcript.failed = Some(failure),
                        }
                    }
                }
                Client::Idle => {}
            }
            if let Some(pipe) = pipe {
                client = match self.questions.get(transcript.listings.len()) {
                    Some(question) => {
                        let query = question.query(&config);
                        Client::Asking(Box::new(Asking::new(*pipe, query, config.deadline, now)))
                    }
                    None => Client::Idle,
                };
                continue;
            }
            if transcript.failed.is_some() || transcript.listings.len() == self.questions.len() {
                transcript.elapsed = now - start;
                return transcript;
            }
            let traffic = &mut transcript.traffic;
            match &mut client {
                Client::Handshake(handshake) => self.turn(&mut **handshake, &mut server, &mut now, traffic),
                Client::Asking(asking) => self.turn(&mut **asking, &mut server, &mut now, traffic),
                Client::Idle => {}
            }
        }
        panic!("a conversation without end: {transcript:?}");
    }

    /// Carries what both have to say; where neither has, the time comes that one of them waits for.
    pub(crate) fn turn(
        &mut self,
        client: &mut impl Machine,
        server: &mut Option<ServerConnection>,
        now: &mut Instant,
        traffic: &mut Traffic,
    ) {
        let mut waits = false;
        while let Some(bytes) = client.poll_transmit() {
            waits = true;
            traffic.requests.extend(plain_messages(&bytes));
            let (Passed::On(bytes) | Passed::ThenClosed(bytes)) = (self.between)(Side::Client, bytes);
            if let Some(server) = server {
                server.handle_input(&bytes, *now);
            }
        }
        traffic.round_trips += usize::from(waits);
        let Some(peer) = server else { return client.handle_close(*now) };
        let mut heard = false;
        while let Some(transmit) = peer.poll_transmit(*now) {
            heard = true;
            let passed = match transmit {
                Transmit::Bytes(bytes) => (self.between)(Side::Server, bytes),
                Transmit::Close => Passed::ThenClosed(Vec::new()),
                Transmit::Reset => {
                    *server = None;
                    return client.handle_reset(*now);
                }
            };
            let closed = matches!(passed, Passed::ThenClosed(_));
            let (Passed::On(bytes) | Passed::ThenClosed(bytes)) = passed;
            traffic.from_server.extend_from_slice(&bytes);
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

    pub(crate) fn server(&self, now: Instant) -> ServerConnection {
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

    pub(crate) fn authenticator(&self) -> NtlmAuthenticator {
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

pub(crate) fn entropy(number: u8) -> Entropy {
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

/// Short: without the rows, of which there may be thousands.
impl<Q: Query> std::fmt::Debug for Transcript<Q> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let listings: Vec<_> =
            self.listings.iter().map(|(rows, answer)| (rows.len(), answer.as_ref().err())).collect();
        f.debug_struct("Transcript")
            .field("listings", &listings)
            .field("loose_rows", &self.loose_rows.len())
            .field("failed", &self.failed)
            .field("round_trips", &self.traffic.round_trips)
            .field("reconnects", &self.traffic.reconnects)
            .finish_non_exhaustive()
    }
}

impl<Q: Query> Transcript<Q> {
    /// The rows of the only question, which was answered.
    pub(crate) fn rows(&self) -> &[Q::Item] {
        match self.listings.as_slice() {
            [(rows, Ok(_))] if self.failed.is_none() => rows,
            _ => panic!("no answer: {self:?}"),
        }
    }

    /// The only question, which was answered.
    pub(crate) fn answer(&self) -> &Q {
        self.rows();
        self.listings[0].1.as_ref().unwrap()
    }

    /// Why the only question was not answered; not a row came of it.
    pub(crate) fn cause(&self) -> &Cause {
        assert!(self.loose_rows.is_empty(), "rows in spite of a failure: {}", self.loose_rows.len());
        match (&self.failed, self.listings.as_slice()) {
            (Some(failure), []) => &failure.cause,
            (None, [(rows, Err(failure))]) => {
                assert!(rows.is_empty(), "rows in spite of a refusal: {}", rows.len());
                &failure.cause
            }
            _ => panic!("no failure: {self:?}"),
        }
    }

    /// The commands of the requests that were not encrypted.
    pub(crate) fn commands(&self) -> Vec<Command> {
        self.traffic.commands()
    }

    /// How many of them were this one.
    pub(crate) fn count(&self, command: Command) -> usize {
        self.traffic.count(command)
    }
}

/// The sessions of a scenario as a level shows them.
pub(crate) fn expected(scenario: &Scenario, level: Level) -> Vec<SessionInfo> {
    scenario.sessions().iter().map(|session| session.clone().reduced_to(level)).collect()
}
