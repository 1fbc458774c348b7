//! Names whose resolver says nothing: answers come in time, and its threads are as few as servers at once.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{all, builders};
use crate::error::ResolveError;
use crate::resolve::Resolve;
use crate::{ClientBuilder, ErrorKind, Fleet, Sessions};

const TIMEOUT: Duration = Duration::from_millis(100);

/// What takes its time, and counts who waits for it.
#[derive(Debug, Default)]
struct Slow {
    takes: Duration,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Resolve for Slow {
    fn resolve(&self, _: &str, _: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        thread::sleep(self.takes);
        self.now.fetch_sub(1, Ordering::SeqCst);
        Err(ResolveError::NotFound("no such name".into()))
    }
}

/// `count` names for this resolver.
fn names(count: usize, resolver: Arc<dyn Resolve>) -> Vec<ClientBuilder> {
    let names: Vec<_> = (0..count).map(|number| format!("fs{number}")).collect();
    let slow = |builder: ClientBuilder| {
        builder.timeout(TIMEOUT).with_settings(|settings| settings.resolver = Arc::clone(&resolver))
    };
    builders(&names, "x").into_iter().map(slow).collect()
}

#[tokio::test]
async fn its_threads_are_no_more_than_servers_at_once() {
    let resolver = Arc::new(Slow { takes: TIMEOUT * 50, ..Slow::default() });
    let answers = all(Fleet::new().at_once(4).ask(Sessions::new(), names(12, resolver.clone()))).await;
    assert_eq!(answers.len(), 12);
    for answer in answers {
        assert_eq!(answer.result.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(answer.took < TIMEOUT * 40, "its deadline is what it was: {:?}", answer.took);
    }
    // One that has been let go is counted until it is done with counting.
    let most = resolver.most.load(Ordering::SeqCst);
    assert!((4..=5).contains(&most), "{most} at once");
}

/// Says nothing until the end of the test.
#[derive(Debug, Default)]
struct Silent(Mutex<bool>, Condvar);

impl Resolve for Silent {
    fn resolve(&self, _: &str, _: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        let over = self.0.lock().unwrap();
        drop(self.1.wait_while(over, |over| !*over).unwrap());
        Err(ResolveError::NotFound("too late".into()))
    }
}

// The time of half a minute is not waited for.
#[tokio::test(start_paused = true)]
async fn one_that_never_ends_holds_up_a_sweep_and_does_not_stop_it() {
    let resolver = Arc::<Silent>::default();
    let begun = (Instant::now(), tokio::time::Instant::now());
    let answers = all(Fleet::new().at_once(1).ask(Sessions::new(), names(3, resolver.clone()))).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(&answer.result, Err(error) if error.kind() == ErrorKind::TimedOut))
    );
    assert_eq!(answers.len(), 3);
    assert!(begun.1.elapsed() >= Duration::from_secs(60), "{:?}", begun.1.elapsed());
    assert!(begun.0.elapsed() < Duration::from_secs(20), "{:?}", begun.0.elapsed());
    *resolver.0.lock().unwrap() = true;
    resolver.1.notify_all();
}
