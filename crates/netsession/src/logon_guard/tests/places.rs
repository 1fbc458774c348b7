//! Places for log-ons that are unanswered at the same time, and requests that wait for one.

use super::*;

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

/// Where all other connections are kept, no log-on would ever show that the secret is still right.
#[test]
#[cfg(feature = "tokio")]
fn proof_is_wanted_once_of_a_server_that_took_the_secret() {
    let guard = Arc::new(Guard::new(Rules::stays(3)));
    let is_wanted = |secret: &str, server: &str| {
        let secret = Secret::Password(Password::new(secret));
        guard.take_wish_for_proof(&account("admin"), &secret, Peer::Server(server.parse().unwrap()))
    };
    assert!(!is_wanted("a", "fs1"), "nothing is known of the account");
    for server in ["fs1", "stalls"] {
        log_on(&guard, server, LogOnResult::Accepted);
    }
    log_on(&guard, "stalls", UNKNOWN);
    assert!(!is_wanted("a", "fs1"), "no one asks for the server that stalls");
    let is_denied = || poll(&mut admin(&guard, "stalls"), Instant::now()) == held("stalls");
    assert!(is_denied());
    for (secret, server) in [("a", "stalls"), ("a", "fs9"), ("b", "fs1")] {
        assert!(!is_wanted(secret, server), "{secret} {server}");
    }
    assert!(is_wanted("a", "fs1"));
    assert!(!is_wanted("a", "fs1"), "it follows");

    assert!(is_denied());
    log_on(&guard, "fs1", LogOnResult::Accepted);
    assert!(!is_wanted("a", "fs1"), "there was one");
    log_on(&guard, "stalls", LogOnResult::Accepted);
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

#[cfg(feature = "tokio")]
#[test]
fn guards_know_how_long_their_process_lives() {
    assert_eq!(LogonGuard::long_running().0.rules(), Rules::stays(2));
    assert_eq!(LogonGuard::with_log_ons_at_once(5).0.rules(), Rules::stays(5));
    assert!(LogonGuard::default().0.rules().is_one_run());
}
