//! What is known of each target, and at most one question to each at a time.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use netsession::{ErrorKind, Level};
use tokio::sync::watch;
use tokio::time::timeout_at;

use crate::answer::Answer;
use crate::query::Asked;

/// No more targets without an entry of their own are remembered: whoever reaches the port can make names up.
const MOST: usize = 20_000;

/// Every target that was probed since the configuration was loaded.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Those with an entry of their own, all of which are remembered.
    named: Places,
    others: Places,
}

type Places = Mutex<HashMap<String, Arc<Mutex<Place>>>>;

/// One target.
#[derive(Debug, Default)]
struct Place {
    level: Option<Level>,
    last: Option<Done>,
    running: Option<Running>,
}

/// An answer, and how it came about.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) answer: Arc<Answer>,
    begun: Instant,
    /// How long the server had for it.
    budget: Duration,
}

impl Done {
    /// Whether somebody who has `budget` could come to another answer by asking for himself.
    fn is_cut_short(&self, budget: Duration) -> bool {
        self.answer.is_timed_out() && self.budget < budget
    }
}

#[derive(Debug)]
struct Running {
    done: watch::Receiver<Option<Done>>,
}

/// When an answer is wanted, how old it may be, and whether its target has an entry of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) is_named: bool,
    pub(crate) deadline: Instant,
    pub(crate) budget: Duration,
    pub(crate) min_interval: Duration,
}

impl Board {
    /// The answer of a target: of the question that is under way, of one that is young enough, or of a new one,
    /// which `ask` asks. It runs to its end whoever hangs up. Within a runtime.
    pub(crate) async fn answer<A, F>(&self, key: &str, wanted: Wanted, ask: A) -> Arc<Answer>
    where
        A: Fn(Option<Level>) -> F,
        F: Future<Output = Asked> + Send + 'static,
    {
        loop {
            let place = self.place(key, wanted.is_named);
            let mut done = match begin(key, &place, wanted, &ask) {
                Ok(last) => return last.answer,
                Err(done) => done,
            };
            let waited = timeout_at(wanted.deadline.into(), done.wait_for(Option::is_some)).await;
            let found = match waited {
                Ok(Ok(found)) => found.clone(),
                Err(_) => return Arc::new(Answer::without_server(ErrorKind::TimedOut)),
                // Its task is gone, which only a panic can do.
                Ok(Err(_)) => None,
            };
            match found {
                None => return Arc::new(Answer::without_server(ErrorKind::Local)),
                Some(done) if done.is_cut_short(wanted.budget) && Instant::now() < wanted.deadline => {}
                Some(done) => return done.answer,
            }
        }
    }

    /// The last answer of each target that has one.
    pub(crate) fn last(&self) -> Vec<(String, Arc<Answer>)> {
        let all = |places: &Places| -> Vec<_> {
            lock(places).iter().map(|(key, place)| (key.clone(), Arc::clone(place))).collect()
        };
        let places = [all(&self.named), all(&self.others)].concat();
        let last = |place: &Arc<Mutex<Place>>| lock(place).last.as_ref().map(|last| Arc::clone(&last.answer));
        places.into_iter().filter_map(|(key, place)| Some((key, last(&place)?))).collect()
    }

    fn place(&self, key: &str, is_named: bool) -> Arc<Mutex<Place>> {
        let mut places = lock(if is_named { &self.named } else { &self.others });
        if let Some(place) = places.get(key) {
            return Arc::clone(place);
        }
        if !is_named && places.len() >= MOST {
            // Whoever asks there or is about to has a count of it, and new ones come through the lock.
            places.retain(|_, place| Arc::strong_count(place) > 1);
        }
        Arc::clone(places.entry(key.to_owned()).or_default())
    }
}

/// An answer that is there already, or the place where it will be.
fn begin<A, F>(
    key: &str,
    place: &Arc<Mutex<Place>>,
    wanted: Wanted,
    ask: &A,
) -> Result<Done, watch::Receiver<Option<Done>>>
where
    A: Fn(Option<Level>) -> F,
    F: Future<Output = Asked> + Send + 'static,
{
    let mut state = lock(place);
    if let Some(running) = &state.running {
        return Err(running.done.clone());
    }
    let now = Instant::now();
    if let Some(last) = &state.last
        && now.saturating_duration_since(last.begun) < wanted.min_interval
        && !last.is_cut_short(wanted.budget)
    {
        return Ok(last.clone());
    }
    let (sender, receiver) = watch::channel(None);
    state.running = Some(Running { done: receiver.clone() });
    let asking = ask(state.level);
    drop(state);
    let end = End { key: key.to_owned(), place: Arc::clone(place), sender };
    tokio::spawn(async move {
        let asked = asking.await;
        end.with(asked, now, wanted.budget);
    });
    Err(receiver)
}

/// Puts the answer in its place; dropped without one, it lets the next question begin.
struct End {
    key: String,
    place: Arc<Mutex<Place>>,
    sender: watch::Sender<Option<Done>>,
}

impl End {
    fn with(self, asked: Asked, begun: Instant, budget: Duration) {
        let done = Done { answer: Arc::new(asked.answer), begun, budget };
        let mut state = lock(&self.place);
        let before = state.last.as_ref().map(|last| last.answer.result.as_ref().err().copied());
        state.level = asked.level;
        state.last = Some(done.clone());
        drop(state);
        tell_of_change(&self.key, before, &done.answer, asked.error.as_deref());
        self.sender.send_replace(Some(done));
    }
}

impl Drop for End {
    fn drop(&mut self) {
        lock(&self.place).running = None;
    }
}

/// One line when a target fails, fails otherwise, or is well again; none for each probe.
fn tell_of_change(key: &str, before: Option<Option<ErrorKind>>, answer: &Answer, error: Option<&str>) {
    let now = answer.result.as_ref().err().copied();
    match (before.flatten(), now, error) {
        (before, Some(kind), Some(error)) if before != Some(kind) => tracing::warn!(%kind, "{error}"),
        (Some(_), None, _) => tracing::info!(server = key, "answers again"),
        _ => {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while a lock is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn wanted(budget: Duration, min_interval: Duration) -> Wanted {
        Wanted { is_named: true, deadline: Instant::now() + budget, budget, min_interval }
    }

    fn asked(kind: ErrorKind) -> Asked {
        Asked { answer: Answer::without_server(kind), level: Some(Level::L1), error: None }
    }

    /// Asks that take so long, counted.
    fn slow(
        count: &Arc<AtomicUsize>,
        takes: Duration,
        kind: ErrorKind,
    ) -> impl Fn(Option<Level>) -> std::pin::Pin<Box<dyn Future<Output = Asked> + Send>> + use<> {
        let count = Arc::clone(count);
        move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                tokio::time::sleep(takes).await;
                asked(kind)
            })
        }
    }

    #[tokio::test]
    async fn simultaneous_probes_share_one_question_and_it_outlives_the_first() {
        let (board, count) = (Arc::new(Board::default()), Arc::<AtomicUsize>::default());
        let one = |key: &'static str| {
            let (board, ask) = (Arc::clone(&board), slow(&count, SECOND / 5, ErrorKind::Closed));
            tokio::spawn(async move {
                board.answer(key, wanted(SECOND * 3, Duration::ZERO), ask).await.result.clone()
            })
        };
        let probes: Vec<_> = (0..100).map(|_| one("fs1")).collect();
        tokio::time::sleep(SECOND / 20).await;
        probes[0].abort();
        for probe in probes.into_iter().skip(1) {
            assert_eq!(probe.await.unwrap(), Err(ErrorKind::Closed));
        }
        assert_eq!(count.load(Ordering::Relaxed), 1);
        one("fs1").await.unwrap().unwrap_err();
        one("fs2").await.unwrap().unwrap_err();
        assert_eq!(count.load(Ordering::Relaxed), 3, "afterwards, and elsewhere, it is asked anew");
        assert_eq!(board.last().len(), 2);
    }

    #[tokio::test]
    async fn a_young_answer_is_given_again() {
        let (board, count) = (Arc::new(Board::default()), Arc::<AtomicUsize>::default());
        for (min_interval, questions) in [(SECOND * 60, 1), (SECOND * 60, 1), (Duration::ZERO, 2)] {
            let ask = slow(&count, Duration::ZERO, ErrorKind::Closed);
            board.answer("fs1", wanted(SECOND, min_interval), ask).await;
            assert_eq!(count.load(Ordering::Relaxed), questions);
        }
    }

    /// Whoever has little time gets no answer; whoever has more is not given that as his.
    #[tokio::test]
    async fn a_short_deadline_is_nobody_elses() {
        let (board, count) = (Arc::new(Board::default()), Arc::<AtomicUsize>::default());
        let ask = slow(&count, SECOND / 10, ErrorKind::TimedOut);
        let hasty = board.answer("fs1", wanted(SECOND / 100, SECOND * 60), ask).await;
        assert!(hasty.is_timed_out());
        let ask = slow(&count, Duration::ZERO, ErrorKind::Closed);
        let patient = board.answer("fs1", wanted(SECOND * 5, SECOND * 60), ask).await;
        assert_eq!((patient.result.clone(), count.load(Ordering::Relaxed)), (Err(ErrorKind::Closed), 2));
    }

    #[tokio::test]
    async fn a_question_that_dies_holds_nobody_up() {
        let board = Arc::new(Board::default());
        let die = |_| async { std::future::pending::<Asked>().await };
        let late = board.answer("fs1", wanted(SECOND / 100, Duration::ZERO), die).await;
        assert!(late.is_timed_out());
        let place = board.place("fs2", true);
        drop(End { key: String::new(), place: Arc::clone(&place), sender: watch::channel(None).0 });
        assert!(lock(&place).running.is_none());
    }

    #[tokio::test]
    async fn the_level_is_remembered() {
        let board = Arc::new(Board::default());
        for expected in [None, Some(Level::L1)] {
            let ask = move |known| {
                assert_eq!(known, expected);
                async { asked(ErrorKind::Closed) }
            };
            board.answer("fs1", wanted(SECOND, Duration::ZERO), ask).await;
        }
    }

    #[tokio::test]
    async fn names_that_are_made_up_drive_out_no_target() {
        let (board, count) = (Board::default(), Arc::<AtomicUsize>::default());
        let ask = async |key, is_named| {
            let wanted = Wanted { is_named, ..wanted(SECOND, SECOND * 60) };
            board.answer(key, wanted, slow(&count, Duration::ZERO, ErrorKind::Closed)).await;
            count.load(Ordering::Relaxed)
        };
        assert_eq!((ask("fs1", true).await, ask("other", false).await), (1, 2));
        let held = board.place("held", false);
        for number in 0..=MOST {
            board.place(&format!("made-up-{number}"), false);
        }
        assert!(lock(&board.others).len() < MOST);
        assert!(Arc::ptr_eq(&held, &board.place("held", false)), "somebody is about to ask there");
        assert_eq!((ask("fs1", true).await, ask("other", false).await), (2, 3), "fs1 is still young");
    }
}
