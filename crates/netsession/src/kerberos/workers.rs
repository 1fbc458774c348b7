//! Threads for calls that may wait for a domain controller: a limited number of them.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs on detached threads, in order for each key. The library cannot be interrupted, so that a thread whose
/// domain controller is silent is lost for as long as the library waits.
pub(super) struct Workers<K> {
    limits: Limits,
    state: Mutex<State<K>>,
}

/// Maximum threads at the same time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For one key: a silent domain controller leaves threads for those of other keys.
    pub(super) per_key: usize,
    pub(super) in_all: usize,
}

struct State<K> {
    threads: usize,
    queues: HashMap<K, Queue>,
}

#[derive(Default)]
struct Queue {
    running: usize,
    waiting: VecDeque<Job>,
}

impl<K: Clone + Eq + Hash + Send + 'static> Workers<K> {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::new(State { threads: 0, queues: HashMap::new() }) }
    }

    /// Runs the job as soon as a thread is free for it.
    ///
    /// # Errors
    ///
    /// No thread can be started. The job is dropped.
    pub(super) fn run(self: &Arc<Self>, key: K, job: Job) -> io::Result<()> {
        let mut state = self.lock();
        let is_full = state.threads >= self.limits.in_all;
        let queue = state.queues.entry(key.clone()).or_default();
        if is_full || queue.running >= self.limits.per_key {
            queue.waiting.push_back(job);
            return Ok(());
        }
        queue.running = queue.running.saturating_add(1);
        state.threads = state.threads.saturating_add(1);
        drop(state);
        // Counted before it starts: without a thread the closure is dropped, which takes it back.
        let mut place = Place { workers: Arc::clone(self), key: Some(key) };
        let work = move || {
            job();
            while let Some(next) = place.next() {
                next();
            }
        };
        thread::Builder::new().name("netsession-kerberos".into()).spawn(work).map(drop)
    }

    /// The next job for a thread that has done one of `key`: of the same key, else of any other.
    fn next(&self, key: &mut K) -> Option<Job> {
        let mut state = self.lock();
        if let Some(job) = state.queues.get_mut(key).and_then(|queue| queue.waiting.pop_front()) {
            return Some(job);
        }
        let per_key = self.limits.per_key;
        let is_ready = |queue: &Queue| !queue.waiting.is_empty() && queue.running < per_key;
        let other = state.queues.iter().find(|(_, queue)| is_ready(queue)).map(|(key, _)| key.clone())?;
        let queue = state.queues.get_mut(&other)?;
        let job = queue.waiting.pop_front();
        queue.running = queue.running.saturating_add(1);
        state.leave(key);
        *key = other;
        job
    }

    fn lock(&self) -> MutexGuard<'_, State<K>> {
        // Jobs run without the lock, and nothing else in here panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> State<K> {
    fn leave(&mut self, key: &K) {
        if let Some(queue) = self.queues.get_mut(key) {
            queue.running = queue.running.saturating_sub(1);
            if queue.running == 0 && queue.waiting.is_empty() {
                self.queues.remove(key);
            }
        }
    }
}

/// One thread among the limited number. Given back on drop, after a panic too.
struct Place<K: Clone + Eq + Hash + Send + 'static> {
    workers: Arc<Workers<K>>,
    key: Option<K>,
}

impl<K: Clone + Eq + Hash + Send + 'static> Place<K> {
    fn next(&mut self) -> Option<Job> {
        let job = self.workers.next(self.key.as_mut()?);
        if job.is_none() {
            self.give_back();
        }
        job
    }

    fn give_back(&mut self) {
        let Some(key) = self.key.take() else { return };
        let mut state = self.workers.lock();
        state.threads = state.threads.saturating_sub(1);
        state.leave(&key);
        // RACE: a job may have been queued since the last look, because this thread counted.
        let per_key = self.workers.limits.per_key;
        let waits =
            state.queues.iter_mut().find(|(_, queue)| !queue.waiting.is_empty() && queue.running < per_key);
        let Some((key, job)) = waits.and_then(|(key, queue)| Some((key.clone(), queue.waiting.pop_front()?)))
        else {
            return;
        };
        drop(state);
        // Without a thread the job is dropped, which its owner notices.
        if let Err(error) = self.workers.run(key, job) {
            tracing::debug!(%error, "no thread for Kerberos");
        }
    }
}

impl<K: Clone + Eq + Hash + Send + 'static> Drop for Place<K> {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn silent_key_keeps_its_own_threads_only() {
        let workers = Arc::new(Workers::new(Limits { per_key: 2, in_all: 3 }));
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let (done, results) = mpsc::channel();
        for number in 0..10 {
            let (held, done) = (Arc::clone(&held), done.clone());
            let job = move || {
                let _ = held.lock().unwrap().recv();
                done.send(("silent", number)).unwrap();
            };
            workers.run("silent", Box::new(job)).unwrap();
        }
        for number in 0..10 {
            let done = done.clone();
            workers.run("quick", Box::new(move || done.send(("quick", number)).unwrap())).unwrap();
        }
        for number in 0..10 {
            assert_eq!(results.recv().unwrap(), ("quick", number));
        }
        assert!(workers.lock().threads <= 3);
        drop(release);
        let mut rest: Vec<_> = results.iter().take(10).map(|(_, number)| number).collect();
        rest.sort_unstable();
        assert_eq!(rest, Vec::from_iter(0..10));
    }

    #[test]
    fn panic_gives_the_thread_back() {
        let workers = Arc::new(Workers::new(Limits { per_key: 1, in_all: 1 }));
        let (done, results) = mpsc::channel();
        workers.run((), Box::new(|| std::panic::resume_unwind(Box::new("job")))).unwrap();
        workers.run((), Box::new(move || done.send(7).unwrap())).unwrap();
        assert_eq!(results.recv(), Ok(7));
    }
}
