//! What callers see of a guard.

use super::*;

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
