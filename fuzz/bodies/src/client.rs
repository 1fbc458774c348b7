use std::time::{Duration, Instant};

use netsession_proto::auth::{Authenticator, SessionKey};
use netsession_proto::client::{
    Answer, Config, Connection, Entropy, Event, Failure, Limits, ListRequest, Negotiated, Token, TokenInput,
    TokenStage, WantedLevel,
};
use netsession_proto::smb2::Dialect;
use netsession_proto::srvs::{Level, SessionInfo};

/// The key that every log-on in here ends in.
pub(crate) const SESSION_KEY: [u8; 16] = *b"session-key-5e5e";

/// A client and a driver that holds it to its contract after every step.
pub(crate) struct Client {
    connection: Connection,
    authenticator: Option<Box<dyn Authenticator>>,
    pub(crate) now: Instant,
    deadline: Instant,
    limits: Limits,
    wanted: Option<WantedLevel>,
    rows: Vec<SessionInfo>,
    pages: usize,
    pub(crate) outcome: Outcome,
    pub(crate) token_wanted: Option<(TokenStage, TokenInput)>,
    pub(crate) wants_reconnect: bool,
    /// Whether FSCTL_VALIDATE_NEGOTIATE_INFO has been answered, where it is needed: whoever carries the bytes knows.
    pub(crate) confirmed: bool,
    /// Whether the server has said that this is a guest's or nobody's session.
    pub(crate) is_guest: bool,
}

/// What has come of it so far.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) failed: Option<Failure>,
    pub(crate) negotiated: Option<Negotiated>,
    pub(crate) reconnects: usize,
    /// What has been asked and has come to an end.
    pub(crate) listings: Vec<(Vec<SessionInfo>, Result<Answer, Failure>)>,
    /// Rows of a listing that has no end.
    pub(crate) loose_rows: Vec<SessionInfo>,
}

pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

impl Client {
    pub(crate) fn new(config: Config, authenticator: Option<Box<dyn Authenticator>>, now: Instant) -> Self {
        let mut client = Self {
            deadline: config.deadline,
            limits: config.limits,
            connection: Connection::new(config, entropy(0), now),
            authenticator,
            now,
            wanted: None,
            rows: Vec::new(),
            pages: 0,
            outcome: Outcome::default(),
            token_wanted: None,
            wants_reconnect: false,
            confirmed: false,
            is_guest: false,
        };
        client.settle();
        client
    }

    pub(crate) fn input(&mut self, bytes: &[u8]) {
        self.connection.handle_input(bytes, self.now);
        self.settle();
    }

    pub(crate) fn close(&mut self) {
        self.connection.handle_close(self.now);
        self.settle();
    }

    pub(crate) fn reset(&mut self) {
        self.connection.handle_reset(self.now);
        self.settle();
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
        self.connection.handle_timeout(self.now);
        self.settle();
        let late = self.is_busy() && self.now >= self.deadline;
        assert!(!late, "something is under way after the deadline");
    }

    pub(crate) fn reconnected(&mut self, authenticator: Option<Box<dyn Authenticator>>) {
        self.wants_reconnect = false;
        self.confirmed = false;
        self.is_guest = false;
        self.authenticator = authenticator;
        self.connection.reconnected(entropy(1), self.now);
        self.settle();
    }

    /// Gives a token, asked for or not.
    pub(crate) fn token(&mut self, token: Token) {
        self.token_wanted = None;
        self.connection.provide_token(Ok(token));
        self.settle();
    }

    /// Asks, if it can be asked now.
    pub(crate) fn list(&mut self, request: &ListRequest) {
        if self.is_ready() && self.wanted.is_none() {
            self.wanted = Some(request.level);
            self.deadline = self.now + TIMEOUT;
            self.connection.list(request, self.deadline);
            self.settle();
        }
    }

    /// What it sends.
    pub(crate) fn transmits(&mut self) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.connection.poll_transmit()).collect()
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.outcome.negotiated.is_some() && self.outcome.failed.is_none()
    }

    /// Whether it must be doing something.
    pub(crate) fn is_busy(&self) -> bool {
        self.outcome.failed.is_none() && (self.outcome.negotiated.is_none() || self.wanted.is_some())
    }

    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.connection.poll_timeout()
    }

    /// Lets all time pass that it may take. What has not come to an end then never does.
    pub(crate) fn finish(mut self) -> Outcome {
        let left = self.deadline.saturating_duration_since(self.now);
        self.wait(left);
        assert_eq!(self.connection.poll_timeout(), None, "a clock runs on");
        self.outcome.loose_rows = self.rows;
        self.outcome
    }

    /// Takes all events, and looks whether the state is one that may be.
    fn settle(&mut self) {
        while let Some(event) = self.connection.poll_event() {
            assert_eq!(self.outcome.failed, None, "after a failure: {event:?}");
            self.take(event);
        }
        if self.outcome.failed.is_some() {
            assert_eq!(self.connection.poll_transmit(), None, "sends on after a failure");
            assert_eq!(self.connection.poll_timeout(), None, "waits on after a failure");
        } else if self.is_busy() {
            assert_eq!(self.connection.poll_timeout(), Some(self.deadline), "no clock runs");
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::NeedToken { input, stage } => match &mut self.authenticator {
                Some(authenticator) => {
                    let token = authenticator.step(stage, &input.0);
                    self.connection.provide_token(token);
                }
                None => self.token_wanted = Some((stage, input)),
            },
            Event::Reconnect => {
                self.outcome.reconnects += 1;
                assert!(self.outcome.reconnects <= 1, "connects without end");
                assert!(self.outcome.negotiated.is_none(), "connects anew in the middle of something");
                self.wants_reconnect = true;
            }
            Event::Ready(negotiated) => {
                assert!(self.outcome.negotiated.is_none(), "ready twice");
                assert!(!self.is_guest, "goes on as a guest");
                self.outcome.negotiated = Some(negotiated);
            }
            Event::Page(page) => self.page(page),
            Event::Done(answer) => self.done(answer),
            Event::Refused(failure) => {
                assert!(self.wanted.take().is_some(), "a refusal of nothing");
                self.pages = 0;
                self.outcome.listings.push((std::mem::take(&mut self.rows), Err(failure)));
            }
            Event::Failed(failure) => self.outcome.failed = Some(failure),
            _ => {}
        }
    }

    fn page(&mut self, page: Vec<SessionInfo>) {
        assert!(self.wanted.is_some(), "a page that nobody asked for");
        assert!(!page.is_empty(), "a page of nothing");
        self.assert_confirmed();
        self.rows.extend(page);
        self.pages += 1;
        assert!(self.rows.len() <= self.limits.entries, "{} sessions", self.rows.len());
        assert!(self.pages <= self.limits.pages, "{} pages", self.pages);
        let text = |text: &Option<String>| text.as_ref().map_or(0, |text| text.encode_utf16().count() * 2);
        let bytes: usize = (self.rows.iter())
            .map(|row| {
                row.client.encode_utf16().count() * 2
                    + text(&row.user)
                    + text(&row.client_type)
                    + text(&row.transport)
            })
            .sum();
        assert!(bytes <= self.limits.answer_bytes, "{bytes} bytes of names");
    }

    fn done(&mut self, answer: Answer) {
        let wanted = self.wanted.take().expect("an answer to no question");
        self.assert_confirmed();
        let rows = std::mem::take(&mut self.rows);
        for row in &rows {
            assert_eq!(row.clone().reduced_to(answer.level), *row, "fields that the level has not");
        }
        match wanted {
            WantedLevel::Named(level) => assert_eq!(answer.level, level),
            WantedLevel::Auto | WantedLevel::AutoFrom(_) => assert_ne!(answer.level, Level::L2),
        }
        self.pages = 0;
        self.outcome.listings.push((rows, Ok(answer)));
    }

    fn assert_confirmed(&self) {
        let dialect = self.outcome.negotiated.map(|negotiated| negotiated.dialect);
        assert!(
            dialect == Some(Dialect::Smb311) || self.confirmed,
            "released before the negotiation is confirmed"
        );
    }
}

/// What the log-on ends in, where no mechanism is at work.
pub(crate) fn fixed_token() -> Token {
    Token { bytes: b"token".to_vec(), session_key: Some(SessionKey::new(SESSION_KEY.to_vec())) }
}

fn entropy(number: u8) -> Entropy {
    Entropy { client_guid: [number; 16], preauth_salt: [number ^ 0xa5; 32] }
}
