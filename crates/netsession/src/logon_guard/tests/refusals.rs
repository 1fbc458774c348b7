//! Refusals: what they block, and what makes a secret suspect.

use super::*;

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
    let fs9 = || Peer::Server("fs9".parse().unwrap());
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

/// Spelt in another way, a server that took the secret would be a stranger, and one that refused it would be asked again.
#[test]
fn every_spelling_of_a_server_is_the_same_one() {
    for (one, other) in [("fs1", "FS1"), ("fs1.lab.test", "FS1.Lab.test:445"), ("::1", "[0:0::1]")] {
        let guard = stays();
        log_on(&guard, "fs2", LogOnResult::Accepted);
        log_on(&guard, one, REFUSED);
        assert_eq!(poll(&mut admin(&guard, other), Instant::now()), blocked(one), "{other}");

        let guard = Arc::<Guard>::default();
        log_on(&guard, one, LogOnResult::Accepted);
        log_on(&guard, other, REFUSED);
        // The secret is suspect, and the server is not blocked alone: one log-on decides.
        let (mut canary, now) = (admin(&guard, "fs3"), Instant::now());
        assert_eq!(poll(&mut canary, now), Standing::Go, "{other}");
        assert!(waits(&poll(&mut admin(&guard, "fs4"), now)), "{other}");
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
