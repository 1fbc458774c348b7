use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::Waker;
use std::time::{Duration, Instant};

use netsession_proto::erref::NtStatus;

use super::super::opening::Opening;
use super::super::plan::SmbPlan;
use super::super::talk::{Action, Talk as _};
use super::refusing_server::RefusingServer;
use crate::logon_guard::Guard;
use crate::settings::Settings;
use crate::timings::Stopwatch;
use crate::{Credentials, Error, ErrorKind, Password, blocking};

/// A log-on holds up the next one for a quarter of it: on a busy machine a refusal takes its time.
const TIMEOUT: Duration = Duration::from_secs(600);
/// Seconds, for what is to be sent and not answered in time. A machine so busy that it is not even sent shows nothing, and
/// tries the next one.
const TIMEOUTS: [u64; 3] = [2, 8, 32];

/// The errors of `count` connects at the same time, each in a thread.
fn at_once_blocking(server: &RefusingServer, count: usize) -> Vec<Error> {
    let guard = Arc::<Guard>::default();
    std::thread::scope(|scope| {
        let connect = || {
            blocking::Client::builder(&*server.address)
                .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("wrong")))
                .timeout(TIMEOUT)
                .with_settings(|settings| settings.guard = Arc::clone(&guard))
                .connect()
                .unwrap_err()
        };
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(connect)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// The same, each in a task.
#[cfg(feature = "tokio")]
fn at_once_async(server: &RefusingServer, count: usize) -> Vec<Error> {
    let guard = Arc::<Guard>::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let connect = |_| {
            crate::Client::builder(&*server.address)
                .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("wrong")))
                .timeout(TIMEOUT)
                .with_settings(|settings| settings.guard = Arc::clone(&guard))
                .connect()
        };
        let tasks: Vec<_> = (0..count).map(connect).map(tokio::spawn).collect();
        let mut errors = Vec::new();
        for task in tasks {
            errors.push(task.await.unwrap().unwrap_err());
        }
        errors
    })
}

type AtOnce = fn(&RefusingServer, usize) -> Vec<Error>;

const MANNERS: &[AtOnce] = &[
    at_once_blocking,
    #[cfg(feature = "tokio")]
    at_once_async,
];

fn count(errors: &[Error], kind: ErrorKind) -> usize {
    errors.iter().filter(|error| error.kind() == kind).count()
}

#[test]
fn a_wrong_password_256_times_at_once_is_one_log_on() {
    for at_once in MANNERS {
        let server = RefusingServer::start(NtStatus::LOGON_FAILURE, Duration::from_millis(300));
        let errors = at_once(&server, 256);
        assert_eq!(server.log_ons(), 1);
        assert_eq!(count(&errors, ErrorKind::LogOnRefused), 1);
        assert_eq!(count(&errors, ErrorKind::LogOnBlocked), 255);
    }
}

#[test]
fn status_that_does_not_blame_the_account_blocks_no_log_on() {
    for at_once in MANNERS {
        let server = RefusingServer::start(NtStatus::NO_LOGON_SERVERS, Duration::ZERO);
        let errors = at_once(&server, 8);
        assert_eq!((server.log_ons(), count(&errors, ErrorKind::Status)), (8, 8));
        assert!(errors.iter().all(Error::is_retryable));
    }
}

#[test]
fn a_log_on_that_stalls_holds_the_next_up_for_its_patience_only() {
    let server = RefusingServer::start(NtStatus::NO_LOGON_SERVERS, Duration::from_secs(600));
    let guard = Arc::<Guard>::default();
    let given_up = AtomicUsize::new(0);
    let connect = || {
        let refused = blocking::Client::builder(&*server.address)
            .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("secret")))
            .timeout(Duration::from_secs(32))
            .with_settings(|settings| settings.guard = Arc::clone(&guard))
            .connect();
        given_up.fetch_add(1, Ordering::SeqCst);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::TimedOut);
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(connect);
        }
        // The patience is a quarter of the timeout: long before the first has given up the second has gone.
        while server.log_ons() < 2 && given_up.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(server.log_ons(), 2, "the first has given up");
    });
}

/// Newer Windows refuses late, and timeouts may be short: each delay is longer than a quarter of its timeout, and far below
/// the patience of 3 s. A machine so busy that none of them sends a log-on in time, or that the refusal is heard after the
/// patience, shows nothing, and tries again.
#[test]
fn a_late_refusal_makes_one_log_on_however_short_the_timeout() {
    const PATIENCE: Duration = Duration::from_secs(3);
    for (timeout, delay) in [(4, 1100), (3, 800), (2, 600)] {
        let log_ons = || {
            let server = RefusingServer::start(NtStatus::LOGON_FAILURE, Duration::from_millis(delay));
            let guard = Arc::<Guard>::default();
            let connect = || {
                let admin = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("secret"));
                let refused = blocking::Client::builder(&*server.address)
                    .credentials(admin)
                    .timeout(Duration::from_secs(timeout))
                    .with_settings(|settings| settings.guard = Arc::clone(&guard))
                    .connect();
                assert!(refused.is_err());
            };
            let begun = Instant::now();
            std::thread::scope(|scope| {
                for _ in 0..64 {
                    scope.spawn(connect);
                }
            });
            (server.log_ons(), begun.elapsed())
        };
        let shows = |(count, took): &(usize, Duration)| *count == 1 || (*count > 1 && *took < PATIENCE);
        let counted = (0..10).map(|_| log_ons()).find(shows);
        assert_eq!(counted.map(|(count, _)| count), Some(1), "within {timeout} s, refused after {delay} ms");
    }
}

/// Until the guard has learnt of the refusal; an event of another thread or task.
fn wait_until_blocked(guard: &Arc<Guard>) {
    let begun = Instant::now();
    while !guard.is_blocked(&r"LAB\admin".parse().unwrap()) {
        assert!(begun.elapsed() < Duration::from_secs(120), "the refusal was not heard");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A refusal that comes after `connect` has given up is heard.
fn assert_heard_after(connect: impl Fn(&RefusingServer, &Arc<Guard>, Duration) -> Error) {
    let is_heard = |timeout| {
        let release = Arc::new(Barrier::new(2));
        let server = RefusingServer::start_held(NtStatus::LOGON_FAILURE, &release);
        let guard = Arc::<Guard>::default();
        let error = connect(&server, &guard, Duration::from_secs(timeout));
        if server.log_ons() == 0 {
            return false;
        }
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        release.wait();
        wait_until_blocked(&guard);
        assert_eq!(server.log_ons(), 1);
        true
    };
    assert!(TIMEOUTS.into_iter().any(is_heard), "no log-on was sent in time");
}

#[test]
fn refusal_after_the_deadline_is_heard_blocking() {
    assert_heard_after(|server, guard, timeout| {
        blocking::Client::builder(&*server.address)
            .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("wrong")))
            .timeout(timeout)
            .with_settings(|settings| settings.guard = Arc::clone(guard))
            .connect()
            .unwrap_err()
    });
}

/// Of a busy machine: the deadline passes between the arrival of the answer and the moment when it is read.
#[test]
fn refusal_that_is_read_a_moment_after_the_deadline_is_heard() {
    let is_heard = |timeout| {
        let server = RefusingServer::start(NtStatus::LOGON_FAILURE, Duration::ZERO);
        let guard = Arc::<Guard>::default();
        let mut settings = Settings::new(&*server.address);
        settings.credentials = Some(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("wrong")));
        settings.guard = Arc::clone(&guard);
        settings.timeout = Duration::from_secs(timeout);
        let now = Instant::now();
        let plan = Arc::new(SmbPlan::new(settings, now).unwrap());
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let local = stream.local_addr().unwrap().ip();
        let mut opening = Opening::new(&plan, local, Stopwatch::start(now), now).unwrap();
        let (mut chunk, mut is_refused) = ([0; 4096], false);
        let error = loop {
            match opening.next(Waker::noop()) {
                Action::Send(bytes) => stream.write_all(&bytes).unwrap(),
                Action::Receive(until) => {
                    let read = stream.read(&mut chunk).unwrap();
                    if server.log_ons() == 1 {
                        // The deadline is met by waiting for it, whenever the answer is there.
                        is_refused = true;
                        std::thread::sleep(until.saturating_duration_since(Instant::now()));
                    }
                    opening.received(&chunk[..read]);
                }
                Action::Wait(_) | Action::Reconnect(..) => panic!("nothing to wait for"),
                Action::Finish(end) => break end.err().unwrap(),
            }
        };
        if !is_refused {
            return false;
        }
        assert_eq!(error.kind(), ErrorKind::LogOnRefused);
        assert!(guard.is_blocked(&r"LAB\admin".parse().unwrap()), "not as a log-on without an answer");
        true
    };
    assert!(TIMEOUTS.into_iter().any(is_heard), "no log-on was sent in time");
}

#[cfg(feature = "tokio")]
async fn connect_async(server: &RefusingServer, guard: &Arc<Guard>, timeout: Duration) -> Error {
    crate::Client::builder(&*server.address)
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("wrong")))
        .timeout(timeout)
        .with_settings(|settings| settings.guard = Arc::clone(guard))
        .connect()
        .await
        .unwrap_err()
}

#[cfg(feature = "tokio")]
#[test]
fn refusal_after_the_deadline_is_heard_async() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    assert_heard_after(|server, guard, timeout| runtime.block_on(connect_async(server, guard, timeout)));
}

/// Dropped before its deadline.
#[cfg(feature = "tokio")]
#[test]
fn refusal_after_the_end_of_its_future_is_heard() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let release = Arc::new(Barrier::new(2));
    let server = RefusingServer::start_held(NtStatus::LOGON_FAILURE, &release);
    let guard = Arc::<Guard>::default();
    runtime.block_on(async {
        let log_on_comes = async {
            while server.log_ons() == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            () = log_on_comes => {}
            error = connect_async(&server, &guard, TIMEOUT) => panic!("it has ended: {error}"),
        }
    });
    release.wait();
    wait_until_blocked(&guard);
    assert_eq!(server.log_ons(), 1);
}
