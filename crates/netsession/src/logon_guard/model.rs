//! A world for the guard: servers, and a password that they check, under a fake clock. What reaches a check is what its
//! bounds are about. The tests and the fuzz target `logon_guard` share it.

use std::time::{Duration, Instant};

use netsession_proto::erref::NtStatus;

use super::machine::{Machine, Request, Standing};
use super::secret::{Fingerprint, FingerprintKey};
use super::{LogOnResult, Peer, Reason, Rules, Secret, patience};
use crate::{Account, Password};

const REASON: Reason = Reason::Status(NtStatus(0xC000_006D));
/// How long an answer is heard after the owner of its log-on is gone.
const HEARD_FOR: Duration = Duration::from_secs(60);
pub(super) const HOLD: Duration = Duration::from_secs(35 * 60);
const FORGOTTEN: Duration = Duration::from_secs(30 * 60);

/// How a server treats a log-on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    /// Has the password checked, and answers this much later.
    Checks { millis: u64 },
    /// Has it checked, and its answer is lost.
    Loses,
    /// Has it checked, then closes the connection or answers with an unknown status.
    Breaks { millis: u64 },
    /// Fails by itself, before anything is checked.
    Fails { millis: u64 },
    /// Refuses although nothing was checked: it has another account of the name, or its answer was forged.
    Forges { millis: u64 },
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A log-on is wanted at this server, which treats it so; its owner waits this long.
    Ask {
        server: u8,
        manner: Manner,
        timeout_millis: u64,
        transit_millis: u64,
    },
    Pass {
        millis: u64,
    },
    /// Long enough for the canary after the hold.
    PassHold,
}

/// A log-on that was sent.
struct Sent {
    request: Request,
    /// When it reaches the server or domain controller that checks the password.
    reaches: Option<Instant>,
    ends: Instant,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    /// What the check says, once the log-on has reached it.
    Checked(Option<bool>),
    Is(LogOnResult),
}

pub(super) struct World {
    machine: Machine,
    secret: Fingerprint,
    account: Account,
    now: Instant,
    pub(super) is_right: bool,
    sent: Vec<Sent>,
    waiting: Vec<(Request, Step, Instant)>,
    /// When wrong log-ons reached a check.
    pub(super) wrong: Vec<Instant>,
    /// Log-ons that were sent.
    pub(super) granted: usize,
    last_id: u64,
}

impl World {
    pub(super) fn new(rules: Rules, account: Account, is_right: bool) -> Self {
        Self {
            machine: Machine::new(rules),
            secret: FingerprintKey::fixed().fingerprint(&Secret::Password(Password::new("secret"))),
            account,
            now: Instant::now(),
            is_right,
            sent: Vec::new(),
            waiting: Vec::new(),
            wrong: Vec::new(),
            granted: 0,
            last_id: 0,
        }
    }

    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Ask { server, timeout_millis, .. } => {
                self.last_id += 1;
                let timeout = Duration::from_millis(timeout_millis);
                let Ok(name) = format!("fs{server}").parse() else { return };
                let request = Request {
                    id: self.last_id,
                    account: self.account.clone(),
                    secret: self.secret,
                    peer: Peer::Server(name),
                    patience: patience(timeout),
                };
                self.waiting.push((request, step, self.now + timeout));
                self.ask_all();
            }
            Step::Pass { millis } => self.pass(Duration::from_millis(millis)),
            Step::PassHold => self.pass(HOLD),
        }
    }

    /// Asks for all that wait, as the drivers do after every change.
    fn ask_all(&mut self) {
        let now = self.now;
        for (request, step, gives_up) in std::mem::take(&mut self.waiting) {
            match self.machine.ask(&request, now) {
                Standing::Go => self.send(request, step),
                Standing::Wait(..) if now < gives_up => self.waiting.push((request, step, gives_up)),
                Standing::Wait(..) | Standing::Denied(_) => {}
            }
        }
    }

    fn send(&mut self, request: Request, step: Step) {
        let Step::Ask { manner, timeout_millis, transit_millis, .. } = step else { return };
        self.granted += 1;
        let millis = Duration::from_millis;
        let given_up = self.now + millis(timeout_millis) + HEARD_FOR;
        let reaches = self.now + millis(transit_millis);
        let unknown = End::Is(LogOnResult::Unknown(Reason::NoAnswer));
        let (reaches, ends, end) = match manner {
            Manner::Checks { millis: late } => (Some(reaches), reaches + millis(late), End::Checked(None)),
            Manner::Loses => (Some(reaches), given_up, unknown),
            Manner::Breaks { millis: late } => (Some(reaches), reaches + millis(late), unknown),
            Manner::Fails { millis: late } => {
                (None, reaches + millis(late), End::Is(LogOnResult::ServerFailed))
            }
            Manner::Forges { millis: late } => {
                (None, reaches + millis(late), End::Is(LogOnResult::Refused(REASON)))
            }
        };
        let (ends, end) = if ends > given_up { (given_up, unknown) } else { (ends, end) };
        self.sent.push(Sent { request, reaches, ends, end });
    }

    pub(super) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        // Between events as well: a log-on that waits asks again when another one lapses.
        while self.now < until {
            let events = self.sent.iter().flat_map(|sent| [sent.reaches, Some(sent.ends)]).flatten();
            let lapses = self.now + Duration::from_millis(500);
            let look = if self.waiting.is_empty() { until } else { lapses.min(until) };
            let next = events.filter(|&at| at > self.now).fold(look, Instant::min);
            self.now = next;
            self.happen();
            self.ask_all();
        }
    }

    fn happen(&mut self) {
        let now = self.now;
        for sent in &mut self.sent {
            if sent.reaches.is_some_and(|at| at <= now) {
                sent.reaches = None;
                if !self.is_right {
                    self.wrong.push(now);
                }
                if let End::Checked(checked) = &mut sent.end {
                    *checked = Some(self.is_right);
                }
            }
        }
        let (ended, sent) = std::mem::take(&mut self.sent).into_iter().partition(|sent| sent.ends <= now);
        self.sent = sent;
        let ended: Vec<Sent> = ended;
        for Sent { request, end, .. } in ended {
            let result = match end {
                End::Checked(Some(true)) => LogOnResult::Accepted,
                End::Checked(_) => LogOnResult::Refused(REASON),
                End::Is(result) => result,
            };
            self.machine.end(&request, result, now);
        }
    }

    /// A log-on at `server` in a fleet that is well.
    pub(super) fn logs_on(&mut self, server: u8) -> bool {
        let before = self.granted;
        let manner = Manner::Checks { millis: 5 };
        self.step(Step::Ask { server, manner, timeout_millis: 30_000, transit_millis: 1 });
        self.pass(Duration::from_secs(30));
        self.granted > before
    }

    /// The most wrong log-ons within the 30 minutes after which domains forget them.
    pub(super) fn most_at_once(&self) -> usize {
        let within = |first: &Instant| {
            self.wrong.iter().filter(|&at| at >= first && at.duration_since(*first) < FORGOTTEN).count()
        };
        self.wrong.iter().map(within).max().unwrap_or_default()
    }
}
