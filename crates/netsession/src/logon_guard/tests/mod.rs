mod at_once;
mod holds;
mod places;
mod public;
mod refusals;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;
use std::time::{Duration, Instant};

use netsession_proto::erref::NtStatus;

use super::machine::{Machine, Request};
use super::secret::FingerprintKey;
use super::{
    Denial, Guard, LogOnPermit, LogOnRefusal, LogOnResult, LogonGuard, Peer, Reason, Rules, Secret, Standing,
    allow_again, patience,
};
use crate::signal::Signal;
use crate::{Account, Credentials, Password};

const PATIENCE: Duration = Duration::from_secs(3);
const HOLD: Duration = Duration::from_secs(35 * 60);
const REFUSED: LogOnResult = LogOnResult::Refused(Reason::Status(NtStatus(0xC000_006D)));
const UNKNOWN: LogOnResult = LogOnResult::Unknown(Reason::NoAnswer);

fn account(user: &str) -> Account {
    Account::new(user).in_domain("LAB")
}

fn permit_of(guard: &Arc<Guard>, account: Account, secret: &str, server: &str) -> LogOnPermit {
    let secret = Secret::Password(Password::new(secret));
    guard.queue(account, &secret, Peer::Server(server.parse().unwrap()), PATIENCE).unwrap()
}

fn turn(guard: &Arc<Guard>, user: &str, secret: &str) -> LogOnPermit {
    permit_of(guard, account(user), secret, "fs1")
}

/// A request of `LAB\admin` at `server`.
fn admin(guard: &Arc<Guard>, server: &str) -> LogOnPermit {
    permit_of(guard, account("admin"), "a", server)
}

fn stays() -> Arc<Guard> {
    Arc::new(Guard::new(Rules::stays(2)))
}

fn refusal(server: &str) -> LogOnRefusal {
    LogOnRefusal { server: server.into(), reason: Reason::Status(NtStatus(0xC000_006D)) }
}

fn silent(server: &str) -> LogOnRefusal {
    LogOnRefusal { server: server.into(), reason: Reason::NoAnswer }
}

fn blocked(server: &str) -> Standing {
    Standing::Denied(Denial::Blocked(refusal(server)))
}

fn held(server: &str) -> Standing {
    Standing::Denied(Denial::Unanswered(silent(server)))
}

fn poll(turn: &mut LogOnPermit, now: Instant) -> Standing {
    turn.poll(Waker::noop(), now)
}

fn waits(standing: &Standing) -> bool {
    matches!(standing, Standing::Wait(..))
}

/// A log-on at `server` that succeeds, a moment after another one has ended without an answer.
fn recovers(guard: &Arc<Guard>, server: &str) {
    let (mut permit, now) = (admin(guard, server), Instant::now());
    assert!(
        waits(&poll(&mut permit, now)),
        "a server that is shut down takes all of its connections with it"
    );
    assert_eq!(poll(&mut permit, now + Duration::from_secs(1)), Standing::Go, "{server}");
    permit.end(LogOnResult::Accepted);
}

/// Log-ons at `fs1` and `fs2` that are not answered, and the moment when nothing may be sent any more.
fn stall(guard: &Arc<Guard>) -> Instant {
    let now = Instant::now();
    for (server, now) in [("fs1", now), ("fs2", now + PATIENCE)] {
        let mut permit = admin(guard, server);
        assert_eq!(poll(&mut permit, now), Standing::Go);
        permit.end(UNKNOWN);
    }
    now + PATIENCE * 2
}

/// A log-on at `server` that is sent and ends so.
fn log_on(guard: &Arc<Guard>, server: &str, result: LogOnResult) {
    let mut permit = admin(guard, server);
    assert_eq!(poll(&mut permit, Instant::now()), Standing::Go, "{server}");
    permit.end(result);
}

/// Waits as the blocking driver does.
fn wait(turn: &mut LogOnPermit) -> Option<LogOnRefusal> {
    let (signal, waker) = Signal::new();
    loop {
        match turn.poll(&waker, Instant::now()) {
            Standing::Go => return None,
            Standing::Denied(Denial::Blocked(refusal) | Denial::Unanswered(refusal)) => return Some(refusal),
            Standing::Wait(until, _) => signal.wait_until(until),
        }
    }
}
