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
    guard.queue(account, &secret, Peer::Server(server.into()), PATIENCE).unwrap()
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

#[test]
fn the_first_goes_alone_and_its_success_lets_the_others_go() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let (mut first, mut second) = (turn(&guard, "admin", "a"), turn(&guard, "ADMIN", "a"));
    assert_eq!(poll(&mut first, now), Standing::Go);
    assert_eq!(poll(&mut second, now), Standing::Wait(now + PATIENCE, silent("fs1")));
    let mut other = turn(&guard, "alice", "a");
    assert_eq!(poll(&mut other, now), Standing::Go, "another account is another matter");
    first.end(LogOnResult::Accepted);
    assert_eq!(poll(&mut second, now), Standing::Go);
    assert_eq!(poll(&mut turn(&guard, "admin", "a"), now), Standing::Go);
}

#[test]
fn refusal_blocks_the_secret_until_allowed() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let account = Account::new("Admin").in_domain("lab");
    let (mut first, mut second) = (turn(&guard, "admin", "a"), turn(&guard, "admin", "a"));
    poll(&mut first, now);
    poll(&mut second, now);
    first.end(REFUSED);
    assert_eq!(poll(&mut second, now), blocked("fs1"));
    assert!(guard.is_blocked(&account));
    let secret = Secret::Password(Password::new("a"));
    let fs9 = || Peer::Server("fs9".into());
    assert_eq!(guard.check(&account, &secret, fs9()), Err(Denial::Blocked(refusal("fs1"))));

    guard.allow_again(&account);
    assert_eq!(guard.check(&account, &secret, fs9()), Ok(()));
    assert!(!guard.is_blocked(&account));
    assert_eq!(poll(&mut second, now), Standing::Go);
    assert!(waits(&poll(&mut turn(&guard, "admin", "a"), now)), "and runs alone again");
}

#[test]
fn accounts_without_a_domain_do_not_block_each_other() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let local = |secret: &str, server: &str| permit_of(&guard, Account::new("administrator"), secret, server);
    for (index, secret) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let server = format!("fs{index}");
        let mut permit = local(secret, &server);
        assert_eq!(poll(&mut permit, now), Standing::Go, "{secret}");
        permit.end(REFUSED);
        assert!(matches!(poll(&mut local(secret, "fs9"), now), Standing::Denied(Denial::Blocked(_))));
    }
}

#[test]
fn an_account_of_a_domain_is_refused_three_times_whatever_the_secret() {
    for domain in [account("admin"), Account::new("admin@LAB")] {
        let (guard, now) = (Arc::<Guard>::default(), Instant::now());
        for (index, secret) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
            let mut permit = permit_of(&guard, domain.clone(), secret, "fs1");
            match index {
                0..3 => assert_eq!(poll(&mut permit, now), Standing::Go, "{secret}"),
                _ => assert_eq!(poll(&mut permit, now), blocked("fs1"), "{secret}"),
            }
            permit.end(REFUSED);
        }
        guard.allow_all_again();
        assert_eq!(poll(&mut permit_of(&guard, domain, "e", "fs1"), now), Standing::Go);
    }
}

/// Log-ons of several secrets that are under way count for an account of a domain, and not for one of several servers.
#[test]
fn secrets_under_way_have_the_next_one_of_a_domain_wait() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    for (user, next) in [
        (account("admin"), Standing::Wait(now + PATIENCE, silent("fs1"))),
        (Account::new("admin"), Standing::Go),
    ] {
        let permit = |secret| permit_of(&guard, user.clone(), secret, "fs1");
        let mut under_way = ["a", "b", "c"].map(permit);
        for permit in &mut under_way {
            assert_eq!(poll(permit, now), Standing::Go);
        }
        assert_eq!(poll(&mut permit("d"), now), next, "{user}");
        let lapsed = poll(&mut permit("d"), now + PATIENCE);
        let is_blocked = lapsed == Standing::Denied(Denial::Blocked(silent("fs1")));
        assert_eq!(is_blocked, user.names_a_domain(), "{user}: {lapsed:?}");
    }
}

#[test]
fn two_unanswered_log_ons_hold_the_secret_and_a_third_comes_after_35_minutes() {
    for guard in [Arc::default(), stays()] {
        let now = Instant::now();
        let [mut first, mut second, mut third] = ["fs1", "fs2", "fs3"].map(|server| admin(&guard, server));
        assert_eq!(poll(&mut first, now), Standing::Go);
        assert_eq!(poll(&mut second, now), Standing::Wait(now + PATIENCE, silent("fs1")));
        let later = now + PATIENCE;
        assert_eq!(poll(&mut second, later), Standing::Go);
        assert_eq!(poll(&mut third, later), Standing::Wait(later + PATIENCE, silent("fs2")));
        let later = later + PATIENCE;
        assert_eq!(poll(&mut third, later), held("fs2"));
        // Their owners are gone, and they stay unanswered.
        drop((first, second));
        assert_eq!(poll(&mut third, later + HOLD - PATIENCE * 3), held("fs2"));
        let after_hold = later + HOLD;
        let mut canary = admin(&guard, "fs3");
        assert_eq!(poll(&mut canary, after_hold), Standing::Go);
        assert!(waits(&poll(&mut third, after_hold)));
        drop(canary);
        let standing = poll(&mut third, after_hold + HOLD * 10);
        assert_eq!(standing, Standing::Denied(Denial::Blocked(silent("fs3"))));
    }
}

#[test]
fn late_answers_count_in_every_state() {
    let later = |now| now + PATIENCE;
    for (result, expected) in [
        (LogOnResult::Accepted, Standing::Go),
        (REFUSED, blocked("fs1")),
        (UNKNOWN, held("fs2")),
        // It was no wrong log-on: one more may go.
        (LogOnResult::ServerFailed, Standing::Go),
    ] {
        let (guard, now) = (Arc::<Guard>::default(), Instant::now());
        let [mut first, mut second, mut third] = ["fs1", "fs2", "fs3"].map(|server| admin(&guard, server));
        poll(&mut first, now);
        assert_eq!(poll(&mut second, later(now)), Standing::Go);
        assert_eq!(poll(&mut third, later(later(now))), held("fs2"));
        first.end(result);
        assert_eq!(poll(&mut third, later(later(now))), expected, "{result:?}");
    }
    // Blocked after the hold, and then it is answered.
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let [mut first, mut second, mut third] = ["fs1", "fs2", "fs3"].map(|server| admin(&guard, server));
    poll(&mut first, now);
    poll(&mut second, later(now));
    assert_eq!(poll(&mut third, now + HOLD * 2), Standing::Go);
    let mut fourth = admin(&guard, "fs4");
    assert_eq!(poll(&mut fourth, now + HOLD * 3), Standing::Denied(Denial::Blocked(silent("fs3"))));
    third.end(LogOnResult::Accepted);
    assert_eq!(poll(&mut fourth, now + HOLD * 3), Standing::Go);
}

#[test]
fn refusal_by_a_server_that_never_took_the_secret_blocks_that_server_alone() {
    for guard in [Arc::default(), stays()] {
        log_on(&guard, "fs1", LogOnResult::Accepted);
        log_on(&guard, "odd", REFUSED);
        assert_eq!(poll(&mut admin(&guard, "odd"), Instant::now()), blocked("odd"));
        for server in ["fs1", "fs2", "fs3"] {
            log_on(&guard, server, LogOnResult::Accepted);
        }
        assert!(!guard.is_blocked(&account("admin")));
    }
}

#[test]
fn refusal_by_a_server_that_took_the_secret_makes_it_suspect() {
    for guard in [Arc::default(), stays()] {
        for server in ["fs1", "fs2"] {
            log_on(&guard, server, LogOnResult::Accepted);
        }
        log_on(&guard, "fs1", REFUSED);
        let now = Instant::now();
        assert_eq!(poll(&mut admin(&guard, "fs1"), now), blocked("fs1"));
        let (mut canary, mut other) = (admin(&guard, "fs2"), admin(&guard, "fs3"));
        assert_eq!(poll(&mut canary, now), Standing::Go);
        assert_eq!(poll(&mut other, now), Standing::Wait(now + PATIENCE, silent("fs2")));
        canary.end(LogOnResult::Accepted);
        assert_eq!(poll(&mut other, now), Standing::Go);
        other.end(LogOnResult::Accepted);
        assert_eq!(poll(&mut admin(&guard, "fs1"), now), blocked("fs1"), "that server stays blocked");

        log_on(&guard, "fs2", REFUSED);
        log_on(&guard, "fs3", REFUSED);
        assert_eq!(poll(&mut admin(&guard, "fs4"), Instant::now()), blocked("fs3"));
    }
}

#[test]
fn suspect_canary_without_an_answer_is_the_last_one() {
    for guard in [Arc::default(), stays()] {
        for server in ["fs1", "fs2"] {
            log_on(&guard, server, LogOnResult::Accepted);
        }
        log_on(&guard, "fs1", REFUSED);
        let now = Instant::now();
        let mut canary = admin(&guard, "fs2");
        assert_eq!(poll(&mut canary, now), Standing::Go);
        assert_eq!(poll(&mut admin(&guard, "fs3"), now + PATIENCE), held("fs2"));
        drop(canary);
        assert_eq!(poll(&mut admin(&guard, "fs3"), now + PATIENCE), held("fs2"));
    }
}

/// It was sent before, and is about the same secret: that is still wrong.
#[test]
fn late_refusal_blocks_a_secret_that_was_allowed_meanwhile() {
    let (guard, now) = (stays(), Instant::now());
    let mut late = admin(&guard, "fs1");
    assert_eq!(poll(&mut late, now), Standing::Go);
    guard.allow_again(&account("admin"));
    late.end(REFUSED);
    assert_eq!(poll(&mut admin(&guard, "fs2"), now), blocked("fs1"));
}

/// A request of a local administrator at `server`.
fn local(guard: &Arc<Guard>, server: &str) -> LogOnPermit {
    permit_of(guard, Account::new("admin"), "a", server)
}

fn local_log_on(guard: &Arc<Guard>, server: &str, result: LogOnResult) {
    let mut permit = local(guard, server);
    assert_eq!(poll(&mut permit, Instant::now()), Standing::Go, "{server}");
    permit.end(result);
}

#[test]
fn odd_servers_in_a_row_cost_themselves_alone_in_one_run() {
    let guard = Arc::<Guard>::default();
    local_log_on(&guard, "fs1", LogOnResult::Accepted);
    local_log_on(&guard, "odd1", REFUSED);
    local_log_on(&guard, "odd2", REFUSED);
    let now = Instant::now();
    let (mut canary, mut other) = (local(&guard, "fs2"), local(&guard, "fs3"));
    assert_eq!(poll(&mut canary, now), Standing::Go);
    assert!(waits(&poll(&mut other, now)), "two make it suspect: one at a time");
    canary.end(LogOnResult::Accepted);
    assert_eq!(poll(&mut other, now), Standing::Go);
    other.end(LogOnResult::Accepted);
    for odd in ["odd3", "odd4", "odd5", "odd6", "odd7"] {
        local_log_on(&guard, odd, REFUSED);
    }
    assert!(!guard.is_blocked(&Account::new("admin")));
    local_log_on(&guard, "fs4", LogOnResult::Accepted);
    for odd in ["odd1", "odd7"] {
        assert_eq!(poll(&mut local(&guard, odd), Instant::now()), blocked(odd));
    }
}

#[test]
fn in_one_run_odd_servers_are_bounded_for_an_account_of_a_domain() {
    let guard = Arc::<Guard>::default();
    log_on(&guard, "fs1", LogOnResult::Accepted);
    for odd in ["odd1", "odd2", "odd3"] {
        log_on(&guard, odd, REFUSED);
    }
    assert_eq!(poll(&mut admin(&guard, "fs2"), Instant::now()), blocked("odd3"));
    assert!(guard.is_blocked(&account("admin")));
}

#[test]
fn odd_server_after_one_that_took_the_secret_is_the_last_one() {
    let guard = Arc::<Guard>::default();
    local_log_on(&guard, "fs1", LogOnResult::Accepted);
    local_log_on(&guard, "fs1", REFUSED);
    local_log_on(&guard, "odd", REFUSED);
    let next = poll(&mut local(&guard, "fs2"), Instant::now());
    assert!(matches!(next, Standing::Denied(Denial::Unanswered(_))), "{next:?}");
}

/// It asks again soon: two odd servers are followed by one that took the secret, and not by a third one.
#[test]
fn canary_of_a_process_that_stays_goes_to_a_server_that_took_the_secret() {
    let guard = stays();
    for (server, result) in [("fs1", LogOnResult::Accepted), ("odd1", REFUSED), ("odd2", REFUSED)] {
        local_log_on(&guard, server, result);
    }
    let now = Instant::now();
    let mut odd = local(&guard, "odd3");
    assert!(waits(&poll(&mut odd, now)));
    local_log_on(&guard, "fs1", LogOnResult::Accepted);
    assert_eq!(poll(&mut odd, now), Standing::Go);
    odd.end(REFUSED);
    local_log_on(&guard, "fs2", LogOnResult::Accepted);

    // Where none of those is asked for, another one goes after a while.
    for odd in ["odd4", "odd5"] {
        local_log_on(&guard, odd, REFUSED);
    }
    let now = Instant::now();
    let mut odd = local(&guard, "odd6");
    assert!(waits(&poll(&mut odd, now)));
    assert!(waits(&poll(&mut odd, now + Duration::from_secs(290))), "servers are asked every five minutes");
    assert_eq!(poll(&mut odd, now + Rules::ASKED_AGAIN), Standing::Go);
}

/// Nor is there a fourth one after the third.
#[test]
fn third_odd_server_in_a_row_is_the_last_one_in_a_process_that_stays() {
    let guard = stays();
    local_log_on(&guard, "fs1", LogOnResult::Accepted);
    local_log_on(&guard, "odd1", REFUSED);
    local_log_on(&guard, "odd2", REFUSED);
    let mut odd = local(&guard, "odd3");
    assert_eq!(poll(&mut odd, Instant::now() + Rules::ASKED_AGAIN), Standing::Go);
    odd.end(REFUSED);
    assert_eq!(poll(&mut local(&guard, "fs1"), Instant::now()), blocked("odd3"));
    assert!(guard.is_blocked(&Account::new("admin")));
}

#[test]
fn unknown_answers_count_while_the_secret_is_suspect() {
    let guard = Arc::<Guard>::default();
    let local = |server: &str| permit_of(&guard, Account::new("admin"), "a", server);
    let unknown = LogOnResult::Unknown(Reason::Status(NtStatus(0xc000_0999)));
    for (server, result) in
        [("fs1", LogOnResult::Accepted), ("odd1", REFUSED), ("odd2", REFUSED), ("odd3", unknown)]
    {
        let mut permit = local(server);
        assert_eq!(poll(&mut permit, Instant::now()), Standing::Go, "{server}");
        permit.end(result);
    }
    let next = poll(&mut local("odd4"), Instant::now());
    assert!(matches!(next, Standing::Denied(Denial::Unanswered(_))), "{next:?}");
}

#[test]
fn changed_password_makes_two_log_ons_in_a_process_that_stays() {
    let guard = stays();
    let local = |server: &str| permit_of(&guard, Account::new("admin"), "a", server);
    // The second one never took the secret.
    for (server, result) in [("fs1", LogOnResult::Accepted), ("fs1", REFUSED), ("new1", REFUSED)] {
        let mut permit = local(server);
        assert_eq!(poll(&mut permit, Instant::now()), Standing::Go, "{server}");
        permit.end(result);
    }
    for server in ["new2", "new3"] {
        let next = poll(&mut local(server), Instant::now());
        assert!(matches!(next, Standing::Denied(Denial::Unanswered(_))), "{server}: {next:?}");
    }
}

#[test]
fn the_domain_controller_is_not_blocked_alone() {
    let guard = stays();
    let ticket = || {
        let secret = Secret::Password(Password::new("a"));
        guard.queue(account("admin"), &secret, Peer::DomainController, PATIENCE).unwrap()
    };
    for (result, next) in [
        (LogOnResult::Accepted, Standing::Go),
        (REFUSED, Standing::Go),
        (LogOnResult::Accepted, Standing::Go),
        (REFUSED, Standing::Go),
        (REFUSED, blocked("the domain controller")),
    ] {
        let mut permit = ticket();
        assert_eq!(poll(&mut permit, Instant::now()), Standing::Go);
        permit.end(result);
        let mut asked = ticket();
        assert_eq!(poll(&mut asked, Instant::now()), next, "{result:?}");
        asked.end(LogOnResult::ServerFailed);
    }
}

#[test]
fn in_one_run_a_proven_secret_goes_any_number_of_times() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    log_on(&guard, "fs0", LogOnResult::Accepted);
    let mut permits: Vec<_> = (1..100).map(|server| admin(&guard, &format!("fs{server}"))).collect();
    for permit in &mut permits {
        assert_eq!(poll(permit, now), Standing::Go);
    }
    drop(permits);
    assert_eq!(poll(&mut admin(&guard, "fs100"), now + HOLD), Standing::Go);
}

#[test]
fn in_a_process_that_stays_two_log_ons_are_unanswered_at_a_time() {
    for at_once in [2, 5] {
        let guard = Arc::new(Guard::new(Rules::stays(at_once)));
        log_on(&guard, "fs0", LogOnResult::Accepted);
        let now = Instant::now();
        let mut permits: Vec<_> = (0..=at_once).map(|server| admin(&guard, &format!("fs{server}"))).collect();
        let mut granted = |now| {
            permits.iter_mut().map(|permit| poll(permit, now)).filter(|one| *one == Standing::Go).count()
        };
        assert_eq!(granted(now), at_once - 1, "the last place is a reserve");
        assert_eq!(granted(now + PATIENCE), at_once);
        // However late: only an answer makes room.
        assert_eq!(granted(now + HOLD), at_once);
        let last = permits.iter_mut().position(|permit| waits(&poll(permit, now + HOLD))).unwrap();
        permits.swap(0, last);
        // One that was sent before the others stalled says nothing of them.
        permits.remove(1).end(LogOnResult::Accepted);
        assert_eq!(poll(&mut permits[0], now + HOLD), Standing::Go);
    }
}

#[test]
fn two_servers_that_begin_to_stall_at_once_silence_no_other() {
    let guard = stays();
    for server in ["fs1", "fs2", "fs3", "fs4"] {
        log_on(&guard, server, LogOnResult::Accepted);
    }
    let now = Instant::now();
    let [mut one, mut two, mut three] = ["fs1", "fs2", "fs3"].map(|server| admin(&guard, server));
    assert_eq!(poll(&mut one, now), Standing::Go);
    assert!(waits(&poll(&mut two, now)), "not before the first one has stalled");
    assert!(waits(&poll(&mut three, now)));
    let later = now + PATIENCE;
    assert_eq!(poll(&mut three, later), Standing::Go);
    three.end(LogOnResult::Accepted);
    // The success shows that the secret is right: the first one does not count, though its answer is still heard.
    assert!(one.is_awaited());
    assert_eq!(poll(&mut two, later), Standing::Go);
    let later = later + PATIENCE;
    let mut four = admin(&guard, "fs4");
    assert_eq!(poll(&mut four, later), Standing::Go);
    four.end(LogOnResult::Accepted);
    drop((one, two));
    for server in ["fs1", "fs3", "fs2", "fs4"] {
        log_on(&guard, server, LogOnResult::Accepted);
    }
    assert!(!guard.is_held(&account("admin")));
}

#[test]
fn servers_that_are_known_to_stall_delay_no_other() {
    let guard = stays();
    log_on(&guard, "fs1", LogOnResult::Accepted);
    log_on(&guard, "stalls", UNKNOWN);
    recovers(&guard, "fs1");
    let now = Instant::now();
    let mut stalls = admin(&guard, "stalls");
    assert_eq!(poll(&mut stalls, now), Standing::Go);
    assert_eq!(poll(&mut admin(&guard, "fs1"), now), Standing::Go, "without the patience");
}

#[test]
fn late_refusal_counts_after_a_later_success() {
    let guard = stays();
    for server in ["fs1", "fs2"] {
        log_on(&guard, server, LogOnResult::Accepted);
    }
    let now = Instant::now();
    let (mut one, mut two) = (admin(&guard, "fs1"), admin(&guard, "fs2"));
    assert_eq!(poll(&mut one, now), Standing::Go);
    assert_eq!(poll(&mut two, now + PATIENCE), Standing::Go);
    two.end(LogOnResult::Accepted);
    one.end(REFUSED);
    assert_eq!(poll(&mut admin(&guard, "fs1"), now + PATIENCE), blocked("fs1"));
    log_on(&guard, "fs2", REFUSED);
    assert_eq!(poll(&mut admin(&guard, "fs3"), now + PATIENCE), blocked("fs2"));
}

/// Of an unproven secret: the second canary goes to another server than the first one, which stalls.
#[test]
fn second_canary_goes_to_another_server_that_waits() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let [mut first, mut again, mut other] = ["fs1", "fs1", "fs2"].map(|server| admin(&guard, server));
    assert_eq!(poll(&mut first, now), Standing::Go);
    assert!(waits(&poll(&mut again, now)));
    assert!(waits(&poll(&mut other, now)));
    let later = now + PATIENCE;
    assert!(waits(&poll(&mut again, later)));
    assert_eq!(poll(&mut other, later), Standing::Go);
    other.end(LogOnResult::Accepted);
    assert_eq!(poll(&mut again, later), Standing::Go);
}

#[test]
fn canary_after_a_hold_goes_to_another_server_than_those_that_stalled() {
    let again = Rules::ASKED_AGAIN;
    for guard in [Arc::default(), stays()] {
        let now = stall(&guard);
        assert!(guard.is_held(&account("admin")));
        assert!(!guard.is_blocked(&account("admin")));
        // Another server is asked for while nothing may be sent.
        assert_eq!(poll(&mut admin(&guard, "fs3"), now), held("fs2"));
        for server in ["fs1", "fs2"] {
            assert_eq!(poll(&mut admin(&guard, server), now + HOLD), held("fs2"), "{server}");
        }
        let mut canary = admin(&guard, "fs3");
        assert_eq!(poll(&mut canary, now + HOLD), Standing::Go);
        canary.end(LogOnResult::Accepted);
        guard.allow_again(&account("admin"));

        // It is not asked for again: then one of those has to do.
        let now = stall(&guard);
        assert_eq!(poll(&mut admin(&guard, "fs3"), now), held("fs2"));
        let mut canary = admin(&guard, "fs1");
        assert_eq!(poll(&mut canary, now + HOLD + again), Standing::Go);
        canary.end(LogOnResult::Accepted);
        guard.allow_again(&account("admin"));

        // No other one was asked for.
        let now = stall(&guard);
        assert_eq!(poll(&mut admin(&guard, "fs1"), now), held("fs2"));
        assert_eq!(poll(&mut admin(&guard, "fs1"), now + HOLD), Standing::Go);
    }
}

/// The connection of the canary fails before its log-on is checked: that was no answer, and another one may go.
#[test]
fn canary_after_a_hold_that_was_not_checked_is_followed_by_another_one() {
    for guard in [Arc::default(), stays()] {
        let later = stall(&guard) + HOLD;
        let mut canary = admin(&guard, "fs3");
        assert_eq!(poll(&mut canary, later), Standing::Go);
        let mut next = admin(&guard, "fs4");
        assert_eq!(poll(&mut next, later), Standing::Wait(later + PATIENCE, silent("fs3")));
        canary.end(LogOnResult::ServerFailed);
        assert_eq!(poll(&mut next, later), Standing::Go);
    }
}

#[test]
fn account_is_blocked_when_the_canary_after_the_hold_is_unanswered() {
    let mut machine = Machine::new(Rules::stays(2));
    let now = Instant::now();
    let key = FingerprintKey::random().unwrap();
    let request = |id: u64, server: &str| Request {
        id,
        account: account("admin"),
        secret: key.fingerprint(&Secret::Password(Password::new("a"))),
        peer: Peer::Server(server.into()),
        patience: PATIENCE,
    };
    let both = |machine: &Machine, now| {
        (machine.is_held(&account("admin"), now), machine.is_blocked(&account("admin"), now))
    };
    assert_eq!(both(&machine, now), (false, false));
    for (id, server, at) in [(1, "fs1", now), (2, "fs2", now + PATIENCE)] {
        assert_eq!(machine.ask(&request(id, server), at), Standing::Go);
    }
    assert_eq!(both(&machine, now + PATIENCE), (false, false), "an answer may come");
    assert_eq!(both(&machine, now + PATIENCE * 2), (true, false));
    assert_eq!(machine.ask(&request(3, "fs3"), now + PATIENCE + HOLD), Standing::Go);
    assert_eq!(both(&machine, now + PATIENCE + HOLD), (false, false));
    assert_eq!(both(&machine, now + PATIENCE * 2 + HOLD), (false, true));
}

#[test]
fn a_server_that_stalls_leaves_a_place_to_the_others() {
    let guard = stays();
    log_on(&guard, "fs0", LogOnResult::Accepted);
    log_on(&guard, "stalls", UNKNOWN);
    assert_eq!(poll(&mut admin(&guard, "stalls"), Instant::now()), held("stalls"));
    recovers(&guard, "fs1");
    // The success shows that the secret is still right.
    let now = Instant::now();
    let mut stalls = admin(&guard, "stalls");
    assert_eq!(poll(&mut stalls, now), Standing::Go);
    assert!(waits(&poll(&mut admin(&guard, "stalls"), now)), "not both places");
    log_on(&guard, "fs1", LogOnResult::Accepted);
    drop(stalls);
}

/// With one place there is no reserve: who asks first has it, whatever it knows of the secret.
#[test]
fn the_only_place_is_not_kept_for_a_server_that_took_the_secret() {
    let guard = Arc::new(Guard::new(Rules::stays(1)));
    log_on(&guard, "fs1", LogOnResult::Accepted);
    let now = Instant::now();
    let [mut first, mut known, mut unknown] = ["fs0", "fs1", "fs2"].map(|server| admin(&guard, server));
    assert_eq!(poll(&mut first, now), Standing::Go);
    assert!(waits(&poll(&mut known, now)) && waits(&poll(&mut unknown, now)));
    first.end(LogOnResult::Accepted);
    assert_eq!(poll(&mut unknown, now), Standing::Go);
}

/// Nor for one that waited, and was given up.
#[test]
fn a_request_that_was_given_up_holds_up_no_other() {
    let guard = stays();
    for server in ["fs1", "fs2"] {
        log_on(&guard, server, LogOnResult::Accepted);
    }
    log_on(&guard, "fs1", REFUSED);
    let now = Instant::now();
    let mut canary = admin(&guard, "fs3");
    assert!(waits(&poll(&mut canary, now)), "fs2 took it before");
    let mut better = admin(&guard, "fs2");
    assert_eq!(poll(&mut better, now), Standing::Go);
    let mut waiting = admin(&guard, "fs2");
    assert!(waits(&poll(&mut waiting, now)));
    better.end(LogOnResult::ServerFailed);
    let soon = now + Rules::ASKED_AGAIN;
    assert!(waits(&poll(&mut canary, soon)), "one that took it waits as well");
    drop(waiting);
    assert_eq!(poll(&mut canary, soon), Standing::Go);
}

#[test]
fn a_success_that_was_sent_before_a_refusal_does_not_forgive_it() {
    let guard = Arc::new(Guard::new(Rules::stays(3)));
    for server in ["fs1", "fs2"] {
        log_on(&guard, server, LogOnResult::Accepted);
    }
    let now = Instant::now();
    let (mut first, mut second) = (admin(&guard, "fs1"), admin(&guard, "fs2"));
    assert_eq!((poll(&mut first, now), poll(&mut second, now)), (Standing::Go, Standing::Go));
    // The password is changed between the two.
    first.end(REFUSED);
    second.end(LogOnResult::Accepted);
    log_on(&guard, "fs2", REFUSED);
    assert_eq!(poll(&mut admin(&guard, "fs3"), Instant::now()), blocked("fs2"));
}

#[test]
fn another_password_is_unproven() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let mut proven = turn(&guard, "admin", "a");
    poll(&mut proven, now);
    proven.end(LogOnResult::Accepted);
    let (mut first, mut second) = (turn(&guard, "admin", "b"), turn(&guard, "admin", "b"));
    assert_eq!(poll(&mut first, now), Standing::Go);
    assert!(waits(&poll(&mut second, now)));
    assert_eq!(poll(&mut turn(&guard, "admin", "a"), now), Standing::Go, "the proven one does not wait");
}

#[test]
fn dropped_request_makes_room() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let mut turns: Vec<_> = (0..4).map(|_| turn(&guard, "admin", "a")).collect();
    for turn in &mut turns {
        poll(turn, now);
    }
    drop(turns.remove(1)); // one that waits
    drop(turns.remove(0)); // the one that was sent: unanswered for ever
    assert_eq!(poll(&mut turns[0], now), Standing::Go);
    assert!(waits(&poll(&mut turns[1], now)));
    assert_eq!(poll(&mut turns[1], now + PATIENCE), held("fs1"));
}

#[test]
fn request_that_does_not_wait_any_more_is_not_woken() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let mut turns: Vec<_> = (0..4).map(|_| turn(&guard, "admin", "a")).collect();
    for turn in &mut turns {
        poll(turn, now);
    }
    assert_eq!(guard.waiting(), 3);
    drop(turns.pop());
    assert_eq!(guard.waiting(), 2, "it was dropped");
    assert_eq!(poll(&mut turns[1], now + PATIENCE), Standing::Go);
    assert_eq!(guard.waiting(), 1, "it was granted");
}

#[test]
fn answer_of_a_log_on_is_awaited_while_it_matters() {
    let (guard, now) = (stays(), Instant::now());
    let (mut first, mut second) = (turn(&guard, "admin", "a"), turn(&guard, "admin", "a"));
    assert!(!first.is_awaited(), "not sent so far");
    poll(&mut first, now);
    assert!(first.is_awaited());
    poll(&mut second, now);
    assert!(!second.is_awaited(), "it waits");
    guard.allow_again(&account("admin"));
    assert!(!first.is_awaited(), "whatever it says, it is forgiven");
}

#[test]
fn maximum_of_unanswered_log_ons_can_be_changed_under_way() {
    let (guard, now) = (LogonGuard::with_log_ons_at_once(2), Instant::now());
    log_on(&guard.0, "fs0", LogOnResult::Accepted);
    let mut permits: Vec<_> = (0..9).map(|server| admin(&guard.0, &format!("fs{server}"))).collect();
    let mut granted =
        |now| permits.iter_mut().map(|permit| poll(permit, now)).filter(|one| *one == Standing::Go).count();
    // The last place is a reserve at first.
    assert_eq!([now, now + PATIENCE].map(&mut granted), [1, 2]);
    guard.set_log_ons_at_once(6);
    assert_eq!([PATIENCE * 2, PATIENCE * 3].map(|later| granted(now + later)), [5, 6]);
}

#[test]
fn public_guards_forget_a_refusal_when_they_are_told() {
    let user = account("only-here");
    let own = LogonGuard::long_running();
    let of_this_process = LogonGuard(Arc::clone(Guard::of_this_process()));
    let allow: [(&LogonGuard, &dyn Fn()); 2] =
        [(&own, &|| own.allow_again(&user)), (&of_this_process, &|| allow_again(&user))];
    for (guard, allow) in allow {
        let mut turn = turn(&guard.0, "only-here", "a");
        poll(&mut turn, Instant::now());
        turn.end(REFUSED);
        assert_eq!((guard.is_blocked(&user), guard.is_held(&user)), (true, false));
        allow();
        assert_eq!((guard.is_blocked(&user), guard.is_held(&user)), (false, false));
    }
}

#[test]
fn public_guard_tells_of_a_hold() {
    let guard = LogonGuard::long_running();
    stall(&guard.0);
    assert_eq!((guard.is_blocked(&account("admin")), guard.is_held(&account("admin"))), (false, true));
    assert!(format!("{guard:?}").starts_with("LogonGuard(Guard"), "{guard:?}");
}

#[cfg(feature = "tokio")]
#[test]
fn guards_know_how_long_their_process_lives() {
    assert_eq!(LogonGuard::long_running().0.rules(), Rules::stays(2));
    assert_eq!(LogonGuard::with_log_ons_at_once(5).0.rules(), Rules::stays(5));
    assert!(LogonGuard::default().0.rules().is_one_run());
}

/// The one that a log-on waits for is reported, for the error at its deadline.
#[test]
fn a_permit_tells_what_it_waits_for() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let (mut first, mut second) = (admin(&guard, "fs1"), admin(&guard, "fs2"));
    assert_eq!((poll(&mut first, now), second.waited_for()), (Standing::Go, None));
    assert!(waits(&poll(&mut second, now)));
    assert_eq!((first.waited_for(), second.waited_for()), (None, Some(&silent("fs1"))));
}

#[test]
fn patience_is_bounded_both_ways() {
    assert_eq!(patience(Duration::from_secs(1)), Duration::from_secs(3), "not before a late refusal");
    assert_eq!(patience(Duration::from_secs(10)), Duration::from_secs(3));
    assert_eq!(patience(Duration::from_secs(60)), Duration::from_secs(15));
}

#[test]
fn accounts_without_an_answer_are_not_kept() {
    let guard = Arc::<Guard>::default();
    let mut first = turn(&guard, "admin", "a");
    poll(&mut first, Instant::now());
    let mut second = turn(&guard, "admin", "a");
    poll(&mut second, Instant::now());
    drop(second);
    first.end(LogOnResult::ServerFailed);
    assert!(guard.is_blank());
}

#[test]
fn a_wrong_password_256_times_at_once_is_one_log_on_blocking() {
    let (guard, log_ons) = (Arc::<Guard>::default(), AtomicUsize::new(0));
    let blocked = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..256 {
            scope.spawn(|| {
                let mut turn = turn(&guard, "admin", "wrong");
                match wait(&mut turn) {
                    Some(by) => {
                        assert_eq!(by, refusal("fs1"));
                        blocked.fetch_add(1, Ordering::Relaxed);
                    }
                    None => {
                        log_ons.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(Duration::from_millis(50));
                        turn.end(REFUSED);
                    }
                }
            });
        }
    });
    assert_eq!((log_ons.into_inner(), blocked.into_inner()), (1, 255));
}

#[test]
fn a_right_password_256_times_at_once_lets_all_go() {
    let (guard, log_ons) = (Arc::<Guard>::default(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..256 {
            scope.spawn(|| {
                let mut turn = turn(&guard, "admin", "right");
                assert_eq!(wait(&mut turn), None);
                log_ons.fetch_add(1, Ordering::Relaxed);
                turn.end(LogOnResult::Accepted);
            });
        }
    });
    assert_eq!(log_ons.into_inner(), 256);
}

/// Waits as the async driver does.
#[cfg(feature = "tokio")]
async fn wait_async(turn: &mut LogOnPermit) -> Option<LogOnRefusal> {
    loop {
        let standing = std::future::poll_fn(|context| {
            std::task::Poll::Ready(turn.poll(context.waker(), Instant::now()))
        });
        match standing.await {
            Standing::Go => return None,
            Standing::Denied(Denial::Blocked(refusal) | Denial::Unanswered(refusal)) => return Some(refusal),
            Standing::Wait(until, _) => crate::backend::smb::woken_or(until).await,
        }
    }
}

#[cfg(feature = "tokio")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_password_256_times_at_once_is_one_log_on_async() {
    let (guard, log_ons) = (Arc::<Guard>::default(), Arc::<AtomicUsize>::default());
    let tasks: Vec<_> = (0..256)
        .map(|_| {
            let (guard, log_ons) = (Arc::clone(&guard), Arc::clone(&log_ons));
            tokio::spawn(async move {
                let mut turn = turn(&guard, "admin", "wrong");
                if let Some(by) = wait_async(&mut turn).await {
                    assert_eq!(by, refusal("fs1"));
                    return;
                }
                log_ons.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(50)).await;
                turn.end(REFUSED);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(log_ons.load(Ordering::Relaxed), 1);
}

/// The one that holds never answers, as on a server that stalls: the next one goes when its time is up.
#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_stalled_log_on_costs_the_others_their_patience_only_async() {
    let guard = Arc::<Guard>::default();
    let place = |patience| {
        let fs1 = Peer::Server("fs1".into());
        guard.queue(account("admin"), &Secret::Password(Password::new("a")), fs1, patience).unwrap()
    };
    let mut stalled = place(Duration::from_millis(100));
    assert_eq!(wait_async(&mut stalled).await, None);
    let mut next = place(Duration::from_millis(100));
    let waited = tokio::time::timeout(Duration::from_secs(60), wait_async(&mut next)).await;
    assert_eq!(waited, Ok(None));
}

#[test]
fn a_stalled_log_on_costs_the_others_their_patience_only_blocking() {
    let guard = Arc::<Guard>::default();
    let place = |patience| {
        let fs1 = Peer::Server("fs1".into());
        guard.queue(account("admin"), &Secret::Password(Password::new("a")), fs1, patience).unwrap()
    };
    let mut stalled = place(Duration::from_millis(100));
    assert_eq!(wait(&mut stalled), None);
    let begun = Instant::now();
    assert_eq!(wait(&mut place(Duration::from_millis(100))), None);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

/// A future that is dropped while it waits or holds gives its place to the next one.
#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_dropped_future_gives_its_place_away() {
    let guard = Arc::<Guard>::default();
    // Nothing but the end of the one before lets the next one go.
    let place = |guard: &Arc<Guard>| {
        let (secret, fs1) = (Secret::Password(Password::new("a")), Peer::Server("fs1".into()));
        guard.queue(account("admin"), &secret, fs1, Duration::from_secs(24 * 60 * 60)).unwrap()
    };
    let holds = || {
        let guard = Arc::clone(&guard);
        tokio::spawn(async move {
            let mut turn = place(&guard);
            wait_async(&mut turn).await;
            std::future::pending::<()>().await;
        })
    };
    let (first, second) = (holds(), holds());
    tokio::task::yield_now().await;
    let last = {
        let guard = Arc::clone(&guard);
        tokio::spawn(async move { wait_async(&mut place(&guard)).await })
    };
    tokio::task::yield_now().await;
    second.abort();
    // Sent, and dropped without an answer: unanswered, and the next one goes.
    first.abort();
    let waited = tokio::time::timeout(Duration::from_secs(60), last).await;
    assert!(matches!(waited, Ok(Ok(None))), "{waited:?}");
}

fn ntlm(user: &str, secret: &str) -> Credentials {
    Credentials::ntlm(account(user), Password::new(secret))
}

/// A reload of the configuration: only a secret that was not in use before is tried again.
#[test]
fn changed_credentials_lift_the_block_of_changed_secrets_alone() {
    let guard = stays();
    log_on(&guard, "fs1", REFUSED);
    let (wrong, other) = (ntlm("admin", "a"), ntlm("alice", "a"));
    let has_block =
        |credentials: &Credentials| guard.has_block(&credentials.account(), &credentials.secret());
    guard.change_credentials([&wrong].map(parts), [&wrong, &other].map(parts));
    assert!(has_block(&wrong) && !has_block(&other));
    assert_eq!(poll(&mut admin(&guard, "fs2"), Instant::now()), blocked("fs1"));

    // What stays in use is still blocked, and is reported.
    assert!(guard.is_blocked(&account("admin")));

    let right = ntlm("admin", "b");
    guard.change_credentials([&wrong, &other].map(parts), [&right, &other].map(parts));
    assert!(!guard.is_blocked(&account("admin")), "not with what is in use");
    assert!(
        has_block(&wrong) && !has_block(&right),
        "a log-on that is on its way is still held by the old one"
    );
    let mut first = permit_of(&guard, account("admin"), "b", "fs1");
    assert_eq!(poll(&mut first, Instant::now()), Standing::Go);
    assert!(waits(&poll(&mut permit_of(&guard, account("admin"), "b", "fs2"), Instant::now())), "a canary");

    guard.change_credentials([&right].map(parts), [&wrong].map(parts));
    assert!(!has_block(&wrong), "it was not in use");
}

/// Each change of the secret may send two log-ons, whatever was refused before: the account has no more faults.
#[test]
fn changed_secret_forgets_the_faults_of_its_account() {
    let guard = stays();
    for number in 0..5 {
        let (before, after) =
            (ntlm("admin", &format!("{number}")), ntlm("admin", &format!("{}", number + 1)));
        guard.change_credentials([&before].map(parts), [&after].map(parts));
        let mut permit = permit_of(&guard, account("admin"), &format!("{}", number + 1), "fs1");
        assert_eq!(poll(&mut permit, Instant::now()), Standing::Go, "{number}");
        permit.end(REFUSED);
    }
}

/// A reload that brings no other secret forgives nothing.
#[test]
fn the_same_secrets_keep_the_faults_of_their_account() {
    let guard = stays();
    let credentials = ["a", "b", "c", "d"].map(|secret| ntlm("admin", secret));
    for secret in ["a", "b", "c"] {
        let mut permit = permit_of(&guard, account("admin"), secret, "fs1");
        assert_eq!(poll(&mut permit, Instant::now()), Standing::Go, "{secret}");
        permit.end(REFUSED);
    }
    guard.change_credentials(credentials.each_ref().map(parts), credentials.each_ref().map(parts));
    assert_eq!(poll(&mut permit_of(&guard, account("admin"), "d", "fs1"), Instant::now()), blocked("fs1"));
}

/// A server that is blocked alone, and a hold that ended without an answer, are blocks as well; a hold is none.
#[test]
fn blocks_of_servers_are_told_from_holds() {
    let (guard, credentials) = (stays(), ntlm("admin", "a"));
    let has_block = || guard.has_block(&credentials.account(), &credentials.secret());
    log_on(&guard, "fs1", LogOnResult::Accepted);
    log_on(&guard, "fs2", REFUSED);
    assert!(has_block() && !guard.is_blocked(&account("admin")), "fs2 alone");
    guard.allow_again(&account("admin"));
    assert!(!has_block());
    log_on(&guard, "fs1", UNKNOWN);
    log_on(&guard, "fs2", UNKNOWN);
    assert_eq!(poll(&mut admin(&guard, "fs3"), Instant::now()), held("fs2"));
    assert!(!has_block());
}

fn parts(credentials: &Credentials) -> (Account, Secret) {
    (credentials.account(), credentials.secret())
}
