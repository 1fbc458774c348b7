use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;
use std::time::{Duration, Instant};

use netsession_proto::erref::NtStatus;

use super::{Guard, LogOnPermit, LogOnRefusal, Reason, Secret, Standing, patience};
use crate::signal::Signal;
use crate::{Account, Password};

const PATIENCE: Duration = Duration::from_secs(3);

fn account(user: &str) -> Account {
    Account::new(user).in_domain("LAB")
}

fn turn(guard: &Arc<Guard>, user: &str, secret: &str) -> LogOnPermit {
    guard.queue(account(user), &Secret::Password(Password::new(secret)), PATIENCE).unwrap()
}

fn refusal(server: &str) -> LogOnRefusal {
    LogOnRefusal { server: server.into(), reason: Reason::Status(NtStatus(0xC000_006D)) }
}

fn poll(turn: &mut LogOnPermit, now: Instant) -> Standing {
    turn.poll(Waker::noop(), now)
}

/// Waits as the blocking driver does.
fn wait(turn: &mut LogOnPermit) -> Option<LogOnRefusal> {
    let (signal, waker) = Signal::new();
    loop {
        match turn.poll(&waker, Instant::now()) {
            Standing::Go => return None,
            Standing::Blocked(refusal) => return Some(refusal),
            Standing::Wait(until) => signal.wait_until(until),
        }
    }
}

#[test]
fn the_first_goes_alone_and_its_success_lets_the_others_go() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let (mut first, mut second) = (turn(&guard, "admin", "a"), turn(&guard, "ADMIN", "a"));
    assert_eq!(poll(&mut first, now), Standing::Go);
    assert_eq!(poll(&mut second, now), Standing::Wait(now + PATIENCE));
    let mut other = turn(&guard, "alice", "a");
    assert_eq!(poll(&mut other, now), Standing::Go, "another account is another matter");
    first.accepted();
    assert_eq!(poll(&mut second, now), Standing::Go);
    assert_eq!(poll(&mut turn(&guard, "admin", "a"), now), Standing::Go);
}

#[test]
fn refusal_blocks_the_account_until_allowed() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let account = Account::new("Admin").in_domain("lab");
    let (mut first, mut second) = (turn(&guard, "admin", "a"), turn(&guard, "admin", "a"));
    poll(&mut first, now);
    poll(&mut second, now);
    first.refused(refusal("fs1"));
    assert_eq!(poll(&mut second, now), Standing::Blocked(refusal("fs1")));
    let mut other_password = turn(&guard, "admin", "b");
    assert_eq!(poll(&mut other_password, now), Standing::Blocked(refusal("fs1")));
    assert_eq!(guard.check(&account), Err(refusal("fs1")));

    guard.allow_again(&account);
    assert_eq!(guard.check(&account), Ok(()));
    assert_eq!(poll(&mut second, now), Standing::Go);
    assert!(matches!(poll(&mut other_password, now), Standing::Wait(_)), "and runs alone again");
}

#[test]
fn a_proven_account_that_is_refused_is_blocked_too() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let (mut first, mut second) = (turn(&guard, "admin", "a"), turn(&guard, "admin", "a"));
    poll(&mut first, now);
    first.accepted();
    assert_eq!(poll(&mut second, now), Standing::Go);
    second.refused(refusal("fs2"));
    assert_eq!(poll(&mut turn(&guard, "admin", "a"), now), Standing::Blocked(refusal("fs2")));
    guard.allow_all_again();
    let (mut third, mut fourth) = (turn(&guard, "admin", "a"), turn(&guard, "admin", "a"));
    assert_eq!(poll(&mut third, now), Standing::Go);
    assert!(matches!(poll(&mut fourth, now), Standing::Wait(_)), "the proof is gone");
}

#[test]
fn another_password_is_unproven() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let mut proven = turn(&guard, "admin", "a");
    poll(&mut proven, now);
    proven.accepted();
    let (mut first, mut second) = (turn(&guard, "admin", "b"), turn(&guard, "admin", "b"));
    assert_eq!(poll(&mut first, now), Standing::Go);
    assert!(matches!(poll(&mut second, now), Standing::Wait(_)));
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
    drop(turns.remove(0)); // the one that holds
    assert_eq!(poll(&mut turns[0], now), Standing::Go);
    assert!(matches!(poll(&mut turns[1], now), Standing::Wait(_)));
}

#[test]
fn a_stalled_log_on_lapses_and_its_refusal_still_counts() {
    let (guard, now) = (Arc::<Guard>::default(), Instant::now());
    let mut turns: Vec<_> = (0..3).map(|_| turn(&guard, "admin", "a")).collect();
    for turn in &mut turns {
        poll(turn, now);
    }
    let later = now + PATIENCE;
    // The oldest request is granted, and it alone, whichever polls first.
    assert_eq!(poll(&mut turns[2], later), Standing::Wait(later + PATIENCE));
    assert_eq!(poll(&mut turns[1], later), Standing::Go);
    turns.remove(0).refused(refusal("slow"));
    assert_eq!(poll(&mut turns[1], later), Standing::Blocked(refusal("slow")));
    turns.remove(0).accepted();
    assert_eq!(poll(&mut turns[0], later), Standing::Blocked(refusal("slow")), "a refusal stands");
}

#[test]
fn patience_is_bounded_both_ways() {
    assert_eq!(patience(Duration::from_secs(1)), Duration::from_secs(3), "not before a late refusal");
    assert_eq!(patience(Duration::from_secs(10)), Duration::from_secs(3));
    assert_eq!(patience(Duration::from_secs(60)), Duration::from_secs(15), "four log-ons in one timeout");
}

#[test]
fn accounts_without_an_answer_are_not_kept() {
    let guard = Arc::<Guard>::default();
    let mut turn = turn(&guard, "admin", "a");
    poll(&mut turn, Instant::now());
    drop(turn);
    guard.change(&Account::new("admin").in_domain("LAB"), |entry| {
        assert!(entry.is_blank());
        Vec::new()
    });
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
                        turn.refused(refusal("fs1"));
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
                turn.accepted();
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
            Standing::Blocked(refusal) => return Some(refusal),
            Standing::Wait(until) => crate::backend::smb::woken_or(until).await,
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
                turn.refused(refusal("fs1"));
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
    let place =
        |patience| guard.queue(account("admin"), &Secret::Password(Password::new("a")), patience).unwrap();
    let mut stalled = place(Duration::from_millis(100));
    assert_eq!(wait_async(&mut stalled).await, None);
    let mut next = place(Duration::from_millis(100));
    let waited = tokio::time::timeout(Duration::from_secs(5), wait_async(&mut next)).await;
    assert_eq!(waited, Ok(None));
}

#[test]
fn a_stalled_log_on_costs_the_others_their_patience_only_blocking() {
    let guard = Arc::<Guard>::default();
    let place =
        |patience| guard.queue(account("admin"), &Secret::Password(Password::new("a")), patience).unwrap();
    let mut stalled = place(Duration::from_millis(100));
    assert_eq!(wait(&mut stalled), None);
    let begun = Instant::now();
    assert_eq!(wait(&mut place(Duration::from_millis(100))), None);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

/// A future that is dropped while it waits or holds gives its place to the next one.
#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_dropped_future_gives_its_place_away() {
    let guard = Arc::<Guard>::default();
    let holds = || {
        let guard = Arc::clone(&guard);
        tokio::spawn(async move {
            let mut turn = turn(&guard, "admin", "a");
            wait_async(&mut turn).await;
            std::future::pending::<()>().await;
        })
    };
    let (first, second) = (holds(), holds());
    tokio::task::yield_now().await;
    let last = {
        let guard = Arc::clone(&guard);
        tokio::spawn(async move { wait_async(&mut turn(&guard, "admin", "a")).await })
    };
    tokio::task::yield_now().await;
    second.abort();
    first.abort();
    let waited = tokio::time::timeout(Duration::from_secs(2), last).await;
    assert!(matches!(waited, Ok(Ok(None))), "{waited:?}");
}
