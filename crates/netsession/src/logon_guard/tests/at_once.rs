//! Many threads and tasks at once.

use super::*;

/// Of `LAB\admin`: nothing but the end of the one before lets it go, however busy the machine is.
fn place(guard: &Arc<Guard>, secret: &str) -> LogOnPermit {
    let (secret, fs1) = (Secret::Password(Password::new(secret)), Peer::Server("fs1".parse().unwrap()));
    guard.queue(account("admin"), &secret, fs1, Duration::from_secs(24 * 60 * 60)).unwrap()
}

#[test]
fn a_wrong_password_256_times_at_once_is_one_log_on_blocking() {
    let (guard, log_ons) = (Arc::<Guard>::default(), AtomicUsize::new(0));
    let blocked = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..256 {
            scope.spawn(|| {
                let mut turn = place(&guard, "wrong");
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
                let mut turn = place(&guard, "wrong");
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
        let fs1 = Peer::Server("fs1".parse().unwrap());
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
        let fs1 = Peer::Server("fs1".parse().unwrap());
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
    let holds = || {
        let guard = Arc::clone(&guard);
        tokio::spawn(async move {
            let mut turn = place(&guard, "a");
            wait_async(&mut turn).await;
            std::future::pending::<()>().await;
        })
    };
    let (first, second) = (holds(), holds());
    tokio::task::yield_now().await;
    let last = {
        let guard = Arc::clone(&guard);
        tokio::spawn(async move { wait_async(&mut place(&guard, "a")).await })
    };
    tokio::task::yield_now().await;
    second.abort();
    // Sent, and dropped without an answer: unanswered, and the next one goes.
    first.abort();
    let waited = tokio::time::timeout(Duration::from_secs(60), last).await;
    assert!(matches!(waited, Ok(Ok(None))), "{waited:?}");
}
