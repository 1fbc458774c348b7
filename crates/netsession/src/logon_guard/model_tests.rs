//! The bounds of the guard, over what reached a server: random servers and histories under a fake clock.

use std::time::{Duration, Instant};

use netsession_proto::erref::NtStatus;
use proptest::collection::vec;
use proptest::prelude::*;

use super::machine::{Machine, Request, Standing};
use super::secret::FingerprintKey;
use super::{LogOnResult, Peer, Reason, Rules, Secret, patience};
use crate::{Account, Password};

const REASON: Reason = Reason::Status(NtStatus(0xC000_006D));
/// How long an answer is heard after the owner of its log-on is gone.
const HEARD_FOR: Duration = Duration::from_secs(60);
const HOLD: Duration = Duration::from_secs(35 * 60);
const FORGOTTEN: Duration = Duration::from_secs(30 * 60);

/// How a server treats a log-on.
#[derive(Debug, Clone, Copy)]
enum Manner {
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
enum Step {
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

struct World {
    machine: Machine,
    key: FingerprintKey,
    account: Account,
    now: Instant,
    is_right: bool,
    sent: Vec<Sent>,
    waiting: Vec<(Request, Step, Instant)>,
    /// When wrong log-ons reached a check.
    wrong: Vec<Instant>,
    granted: usize,
    last_id: u64,
}

impl World {
    fn new(rules: Rules, account: Account, is_right: bool) -> Self {
        Self {
            machine: Machine::new(rules),
            key: FingerprintKey::random().unwrap(),
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

    fn step(&mut self, step: Step) {
        match step {
            Step::Ask { server, timeout_millis, .. } => {
                self.last_id += 1;
                let timeout = Duration::from_millis(timeout_millis);
                let request = Request {
                    id: self.last_id,
                    account: self.account.clone(),
                    secret: self.key.fingerprint(&Secret::Password(Password::new("secret"))),
                    peer: Peer::Server(format!("fs{server}")),
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

    fn pass(&mut self, time: Duration) {
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

    /// A log-on is wanted at each of these servers, one after the other, in about a minute.
    fn round(&mut self, servers: &[u8], pause_millis: u64, manner: impl Fn(u8) -> Manner) {
        for &server in servers {
            let manner = manner(server);
            self.step(Step::Ask { server, manner, timeout_millis: 10_000, transit_millis: 1 });
            self.pass(Duration::from_millis(pause_millis));
        }
        self.pass(Duration::from_secs(60));
    }

    /// A log-on at `server` in a fleet that is well.
    fn logs_on(&mut self, server: u8) -> bool {
        let before = self.granted;
        let manner = Manner::Checks { millis: 5 };
        self.step(Step::Ask { server, manner, timeout_millis: 30_000, transit_millis: 1 });
        self.pass(Duration::from_secs(30));
        self.granted > before
    }

    /// The most wrong log-ons within the 30 minutes after which domains forget them.
    fn most_at_once(&self) -> usize {
        let within = |first: &Instant| {
            self.wrong.iter().filter(|&at| at >= first && at.duration_since(*first) < FORGOTTEN).count()
        };
        self.wrong.iter().map(within).max().unwrap_or_default()
    }
}

/// The delays that the issue names, and those between.
fn late() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0_u64), Just(1000), Just(2000), Just(5000), Just(12_000), Just(90_000), 0_u64..20_000]
}

fn manner() -> impl Strategy<Value = Manner> {
    prop_oneof![
        6 => late().prop_map(|millis| Manner::Checks { millis }),
        2 => Just(Manner::Loses),
        1 => late().prop_map(|millis| Manner::Breaks { millis }),
        1 => late().prop_map(|millis| Manner::Fails { millis }),
    ]
}

fn step(manner: impl Strategy<Value = Manner>) -> impl Strategy<Value = Step> {
    let timeout = prop_oneof![Just(1000_u64), Just(10_000), Just(60_000), 500_u64..20_000];
    let ask = (0_u8..12, manner, timeout, 0_u64..1000);
    prop_oneof![
        12 => ask.prop_map(|(server, manner, timeout_millis, transit_millis)| Step::Ask {
            server, manner, timeout_millis, transit_millis
        }),
        6 => (0_u64..8000).prop_map(|millis| Step::Pass { millis }),
        1 => (0_u64..200_000).prop_map(|millis| Step::Pass { millis }),
        1 => Just(Step::PassHold),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    prop_oneof![Just(Rules::default()), Just(Rules::stays(2)), Just(Rules::stays(1))]
}

fn account() -> impl Strategy<Value = Account> {
    prop_oneof![Just(Account::new("admin")), Just(Account::new("admin").in_domain("LAB"))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_wrong_secret_reaches_a_check_twice(
        rules in rules(), account in account(), steps in vec(step(manner()), 1..80)
    ) {
        let mut world = World::new(rules, account, false);
        for step in steps {
            world.step(step);
        }
        world.pass(HOLD * 3);
        prop_assert!(world.most_at_once() <= 2, "{:?}", world.wrong);
        prop_assert!(world.wrong.len() <= 3, "{:?}", world.wrong);
    }

    #[test]
    fn a_password_that_changes_under_a_process_that_stays_reaches_a_check_twice(
        at_once in 1_usize..=2,
        account in account(),
        before in vec(step(manner()), 0..40),
        after in vec(step(manner()), 1..80),
    ) {
        let mut world = World::new(Rules::stays(at_once), account, true);
        for server in 0..12 {
            prop_assert!(world.logs_on(server));
        }
        for step in before {
            world.step(step);
        }
        world.is_right = false;
        for step in after {
            world.step(step);
        }
        world.pass(HOLD * 3);
        prop_assert!(world.most_at_once() <= 2, "{:?}", world.wrong);
        prop_assert!(world.wrong.len() <= 3, "{:?}", world.wrong);
    }

    /// Servers that were never asked may each refuse the secret for a reason of their own: then it is the bound of the
    /// account.
    #[test]
    fn an_account_of_a_domain_is_refused_three_times_at_most(
        at_once in 1_usize..=2,
        taken in 0_u8..12,
        before in vec(step(manner()), 0..40),
        after in vec(step(manner()), 1..80),
    ) {
        let mut world = World::new(Rules::stays(at_once), Account::new("admin").in_domain("LAB"), true);
        for server in 0..taken {
            prop_assert!(world.logs_on(server));
        }
        for step in before {
            world.step(step);
        }
        world.is_right = false;
        for step in after {
            world.step(step);
        }
        world.pass(HOLD * 3);
        prop_assert!(world.wrong.len() <= 3, "{:?}", world.wrong);
    }

    /// One forged refusal, or one odd server that is asked again and again.
    #[test]
    fn one_odd_server_silences_no_other(
        rules in rules(),
        account in account(),
        odd_took_it in any::<bool>(),
        asks in vec((0_u8..12, 0_u64..3000, 0_u64..300), 1..60),
    ) {
        let mut world = World::new(rules, account, true);
        for server in (0..12).filter(|&server| server != 7 || odd_took_it) {
            prop_assert!(world.logs_on(server));
        }
        for (server, millis, pause) in asks {
            let manner = match server {
                7 => Manner::Forges { millis },
                _ => Manner::Checks { millis: millis / 10 },
            };
            world.step(Step::Ask { server, manner, timeout_millis: 10_000, transit_millis: 1 });
            world.pass(Duration::from_millis(pause));
        }
        world.pass(Duration::from_secs(20));
        for server in (0..20).filter(|&server| server != 7) {
            prop_assert!(world.logs_on(server), "fs{server}");
        }
    }

    /// Local administrators with other passwords, or refusals forged on some links: any number of them, in one run.
    #[test]
    fn odd_servers_in_one_run_silence_no_other(
        first in 0_u8..200,
        odd in proptest::collection::hash_set(0_u8..200, 0..60),
        delays in vec((0_u64..3000, 0_u64..60), 200),
    ) {
        let is_odd = |server: u8| server != first && odd.contains(&server);
        let mut world = World::new(Rules::default(), Account::new("admin"), true);
        prop_assert!(world.logs_on(first));
        for (server, (millis, pause)) in (0_u8..).zip(delays).filter(|&(server, _)| server != first) {
            let manner = match is_odd(server) {
                true => Manner::Forges { millis },
                false => Manner::Checks { millis },
            };
            world.step(Step::Ask { server, manner, timeout_millis: 3_600_000, transit_millis: 1 });
            world.pass(Duration::from_millis(pause));
        }
        world.pass(Duration::from_secs(3600));
        prop_assert_eq!(world.granted, 200);
    }

    /// Each server is asked once a minute. Those that are odd never took the secret.
    #[test]
    fn odd_servers_silence_no_other_in_a_process_that_stays(
        at_once in 1_usize..=5,
        account in account(),
        odd in proptest::collection::hash_set(1_u8..12, 0..6),
        rounds in vec((Just(Vec::from_iter(0_u8..12)).prop_shuffle(), 0_u64..2000, 0_u64..100), 12),
    ) {
        let mut world = World::new(Rules::stays(at_once), account, true);
        prop_assert!(world.logs_on(0));
        for (order, millis, pause) in rounds {
            world.round(&order, pause, |server| match odd.contains(&server) {
                true => Manner::Forges { millis },
                false => Manner::Checks { millis: millis / 20 },
            });
        }
        for server in (0..20).filter(|server| !odd.contains(server)) {
            prop_assert!(world.logs_on(server), "fs{server}");
        }
    }

    /// Two servers begin to stall. Where another one is asked between the two, or three may be unanswered, the others go
    /// on. (Two log-ons in a row without an answer are what a password that was changed looks like: see the bound above.)
    #[test]
    fn two_servers_that_stall_silence_no_other(
        at_once in 2_usize..=5,
        account in account(),
        pause in 0_u64..3000,
        rounds in vec(Just(Vec::from_iter(0_u8..12)).prop_shuffle(), 1..6),
    ) {
        let mut world = World::new(Rules::stays(at_once), account, true);
        for server in 0..12 {
            prop_assert!(world.logs_on(server));
        }
        let stalls = |server: u8| server < 2;
        for mut order in rounds {
            let in_a_row = order.windows(2).any(|two| two.iter().all(|&server| stalls(server)));
            if at_once == 2 && in_a_row {
                order.retain(|&server| !stalls(server));
                order.insert(0, 0);
                order.push(1);
            }
            world.round(&order, pause, |server| match stalls(server) {
                true => Manner::Loses,
                false => Manner::Checks { millis: 5 },
            });
            world.pass(Duration::from_secs(30));
        }
        for server in 2..20 {
            prop_assert!(world.logs_on(server), "fs{server}");
        }
    }
}
