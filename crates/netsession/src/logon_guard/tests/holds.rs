//! Log-ons without an answer: the canary, the hold, and what follows it.

use super::*;

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

/// What makes requests of `LAB\admin`.
fn requests() -> impl Fn(u64, &str) -> Request {
    let secret = FingerprintKey::random().unwrap().fingerprint(&Secret::Password(Password::new("a")));
    move |id, server| Request {
        id,
        account: account("admin"),
        secret,
        peer: Peer::Server(server.parse().unwrap()),
        patience: PATIENCE,
    }
}

/// A server that is denied a log-on without having stalled is asked again anyway: its own log-on is the proof.
#[test]
#[cfg(feature = "tokio")]
fn proof_is_wanted_for_a_server_that_stalled_and_for_no_other() {
    let (mut machine, request, now) = (Machine::new(Rules::stays(2)), requests(), Instant::now());
    for (id, server, result, at) in [
        (1, "fs0", LogOnResult::Accepted, now),
        (2, "fs1", UNKNOWN, now),
        (3, "fs2", UNKNOWN, now + PATIENCE),
    ] {
        let request = request(id, server);
        assert_eq!(machine.ask(&request, at), Standing::Go, "{server}");
        machine.end(&request, result, at);
    }
    let later = now + PATIENCE + HOLD;
    assert_eq!(machine.look(&request(4, "fs9"), now + PATIENCE), held("fs2"));
    assert!(!machine.take_wish_for_proof(&request(5, "fs0"), later));
    assert_eq!(machine.look(&request(6, "fs1"), now + PATIENCE), held("fs2"));
    assert!(!machine.take_wish_for_proof(&request(7, "fs0"), now + PATIENCE), "nothing may be sent now");
    assert!(machine.take_wish_for_proof(&request(8, "fs0"), later));
}

#[test]
fn account_is_blocked_when_the_canary_after_the_hold_is_unanswered() {
    let mut machine = Machine::new(Rules::stays(2));
    let (request, now) = (requests(), Instant::now());
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
