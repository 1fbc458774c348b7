use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;
use crate::error::Error;
use crate::{ErrorKind, Level, Listing, Session, Step};

const NOON: Duration = Duration::from_secs(1_800_000_000);

fn at(seconds: f64) -> SystemTime {
    UNIX_EPOCH + NOON + Duration::from_secs_f64(seconds)
}

/// A session of the truth.
#[derive(Debug, Clone, PartialEq)]
struct Person {
    user: String,
    client: String,
    start: f64,
}

fn person(user: &str, start: f64) -> Person {
    Person { user: user.to_owned(), client: "10.0.0.5".to_owned(), start }
}

/// A server that lists people by its own clock.
#[derive(Debug, Default, Clone, Copy)]
struct Clock {
    /// Seconds by which it was set forward since sessions began.
    set: f64,
    /// Drift in millionths.
    ppm: f64,
}

fn listed(people: &[Person], now: f64, clock: Clock) -> Listing {
    let sessions = people.iter().map(|person| {
        let age = (now - person.start) * (1.0 + clock.ppm / 1e6) + clock.set;
        // A negative time is read as zero.
        let age = Duration::from_secs_f64(age.max(0.0));
        Session::builder(&person.client).user(&person.user).connected(age).build()
    });
    Listing::builder("fs1", Level::L502).sessions(sessions).build()
}

fn answer(people: &[Person], now: f64) -> Refresh {
    answer_by(people, now, Clock::default())
}

fn answer_by(people: &[Person], now: f64, clock: Clock) -> Refresh {
    Refresh::by_hand("fs1", at(now), Ok(Snapshot::by_hand(listed(people, now, clock), None)))
}

fn failure(now: f64) -> Refresh {
    Refresh::by_hand("fs1", at(now), Err(Error::timed_out(Step::Connect)))
}

/// The changes in words.
fn words(changes: &[Change]) -> Vec<String> {
    let word = |change: &Change| match &change.event {
        WatchEvent::Connected(session) => format!("+{}", session.session.user().unwrap()),
        WatchEvent::Disconnected { session, ended } => {
            let about = if ended.is_exact { "" } else { "~" };
            format!("-{about}{}", session.session.user().unwrap())
        }
        WatchEvent::Idle(session) => format!("idle {}", session.session.user().unwrap()),
        WatchEvent::Active(session) => format!("active {}", session.session.user().unwrap()),
        WatchEvent::Opened(file) => format!("open {}", file.file.id()),
        WatchEvent::Closed { file, .. } => format!("close {}", file.file.id()),
        WatchEvent::Unreachable(error) => format!("unreachable {}", error.kind()),
        WatchEvent::Reachable => "reachable".to_owned(),
    };
    let mut words: Vec<_> = changes.iter().map(word).collect();
    words.sort();
    words
}

#[test]
fn first_answer_is_no_change_and_later_ones_are() {
    let mut server = WatchedServer::new(None);
    let mut people = vec![person("alice", -100.0), person("bob", -50.0)];
    assert_eq!(words(&server.apply(answer(&people, 0.0))), [""; 0]);
    assert_eq!(server.sessions().len(), 2);
    let ids: Vec<u64> = server.sessions().iter().map(|session| session.id).collect();
    people.push(person("carol", 3.0));
    assert_eq!(words(&server.apply(answer(&people, 5.0))), ["+carol"]);
    people.remove(0);
    assert_eq!(words(&server.apply(answer(&people, 10.0))), ["-alice"]);
    assert_eq!(words(&server.apply(answer(&people, 15.0))), [""; 0]);
    assert_eq!(server.sessions().first().unwrap().id, ids[1], "bob is the one he was");
}

#[test]
fn start_is_told_by_this_machines_clock_and_stays() {
    let mut server = WatchedServer::new(None);
    let people = [person("alice", -100.0)];
    server.apply(answer(&people, 0.4));
    let start = server.sessions()[0].start.unwrap();
    assert_eq!(start, at(0.4) - Duration::from_secs(100));
    server.apply(answer(&people, 5.9));
    assert_eq!(server.sessions()[0].start, Some(start));
}

#[test]
fn same_user_that_connects_again_is_another_session() {
    let mut server = WatchedServer::new(None);
    server.apply(answer(&[person("alice", -100.0)], 0.0));
    assert_eq!(words(&server.apply(answer(&[person("alice", 3.0)], 5.0))), ["+alice", "-alice"]);
}

#[test]
fn equal_sessions_are_counted() {
    let mut server = WatchedServer::new(None);
    let alice = person("alice", -100.0);
    server.apply(answer(&[alice.clone(), alice.clone(), alice.clone()], 0.0));
    assert_eq!(words(&server.apply(answer(std::slice::from_ref(&alice), 5.0))), ["-alice", "-alice"]);
    let changes = server.apply(answer(&[alice.clone(), alice.clone()], 10.0));
    assert_eq!(words(&changes), ["+alice"]);
}

#[test]
fn unreachable_is_told_once_and_ends_nothing() {
    let mut server = WatchedServer::new(None);
    server.apply(answer(&[person("alice", -100.0), person("bob", -9.0)], 0.0));
    assert_eq!(words(&server.apply(failure(5.0))), ["unreachable timeout"]);
    assert_eq!(words(&server.apply(failure(10.0))), [""; 0]);
    assert_eq!(server.error().map(Error::kind), Some(ErrorKind::TimedOut));
    assert_eq!(server.sessions().len(), 2, "as last known");
    let changes = server.apply(answer(&[person("bob", -9.0)], 60.0));
    assert_eq!(words(&changes), ["-~alice", "reachable"]);
    assert!(server.error().is_none());
    let WatchEvent::Disconnected { ended, .. } = &changes[1].event else { panic!("{changes:?}") };
    assert_eq!((ended.after, ended.before), (at(0.0), at(60.0)));
    let changes = server.apply(answer(&[], 65.0));
    assert_eq!(words(&changes), ["-bob"], "exact again");
}

#[test]
fn server_that_never_answered_is_unreachable_then_reachable() {
    let mut server = WatchedServer::new(None);
    assert_eq!(words(&server.apply(failure(0.0))), ["unreachable timeout"]);
    assert_eq!(words(&server.apply(answer(&[person("alice", -1.0)], 5.0))), ["reachable"]);
    assert_eq!(server.sessions().len(), 1);
}

#[test]
fn clock_that_is_set_changes_nothing() {
    for set in [-3_600.0, -90.0, -5.0, 5.0, 90.0, 86_400.0] {
        let mut server = WatchedServer::new(None);
        let mut people: Vec<Person> =
            (0..20).map(|n| person(&format!("u{n}"), -7_200.0 * f64::from(n))).collect();
        people.push(person("u3", -30.0));
        server.apply(answer(&people, 0.0));
        let clock = Clock { set, ppm: 0.0 };
        for now in [5.0, 10.0, 15.0, 200.0, 4_000.0] {
            assert_eq!(words(&server.apply(answer_by(&people, now, clock))), [""; 0], "{set} {now}");
        }
        assert_eq!(server.sessions()[0].start, Some(at(0.0)), "by this machine's clock");
    }
}

/// One session alone: somebody who connects again, and no clock.
#[test]
fn one_session_that_is_young_has_connected_again() {
    let mut server = WatchedServer::new(None);
    server.apply(answer(&[person("alice", -3_600.0)], 0.0));
    let clock = Clock { set: 0.0, ppm: 0.0 };
    assert_eq!(words(&server.apply(answer_by(&[person("alice", 4.0)], 5.0, clock))), ["+alice", "-alice"]);
}

#[test]
fn idle_and_active_are_told_where_they_begin() {
    let idle = |seconds| {
        let session = Session::builder("10.0.0.5").user("alice").connected(Duration::from_secs(1_000));
        let session = session.idle(Duration::from_secs(seconds)).build();
        let listing = Listing::builder("fs1", Level::L502).sessions([session]).build();
        Refresh::by_hand("fs1", at(0.0), Ok(Snapshot::by_hand(listing, None)))
    };
    let mut server = WatchedServer::new(Some(Duration::from_secs(900)));
    for (seconds, expected) in
        [(899, None), (900, Some("idle alice")), (905, None), (1, Some("active alice")), (2, None)]
    {
        let changes = words(&server.apply(idle(seconds)));
        assert_eq!(changes, expected.into_iter().collect::<Vec<_>>(), "{seconds}");
    }
}

#[test]
fn level_without_users_is_where_the_watch_begins_again() {
    let mut server = WatchedServer::new(None);
    server.apply(answer(&[person("alice", -100.0)], 0.0));
    let session = Session::builder("10.0.0.5").build();
    let listing = Listing::builder("fs1", Level::L0).sessions([session]).build();
    let refresh = Refresh::by_hand("fs1", at(5.0), Ok(Snapshot::by_hand(listing, None)));
    assert_eq!(server.apply(refresh.clone()).len(), 0);
    assert_eq!(server.apply(refresh).len(), 0);
    assert_eq!(server.sessions().len(), 1);
}

#[test]
fn ten_thousand_sessions_of_which_500_change() {
    let mut server = WatchedServer::new(None);
    let mut people: Vec<Person> =
        (0..10_000).map(|n| person(&format!("user{}", n % 4_000), -f64::from(n) * 7.0)).collect();
    server.apply(answer(&people, 0.0));
    for round in 1..=4_u32 {
        let now = f64::from(round) * 5.0;
        people.rotate_left(600);
        people.truncate(people.len() - 250);
        people.extend((0..250).map(|n| person(&format!("new{n}"), now - 1.0)));
        let changes = server.apply(answer(&people, now + 0.3));
        let begun = changes.iter().filter(|change| matches!(change.event, WatchEvent::Connected(_)));
        assert_eq!((changes.len(), begun.count()), (500, 250), "{round}");
    }
}

/// Sessions by client and user, counted.
fn multiset<'a>(sessions: impl Iterator<Item = &'a Session>) -> BTreeMap<(String, String), usize> {
    let mut counted = BTreeMap::new();
    for session in sessions {
        let key = (session.client().to_owned(), session.user().unwrap_or_default().to_owned());
        *counted.entry(key).or_default() += 1;
    }
    counted
}

#[derive(Debug, Clone)]
enum Step2 {
    Begins { user: u8, after: f64 },
    Ends { index: usize },
    IsSet { seconds: f64 },
    Fails,
}

fn steps() -> impl Strategy<Value = Vec<(f64, Vec<Step2>)>> {
    let step = prop_oneof![
        4 => (0_u8..4, 0.0_f64..1.0).prop_map(|(user, after)| Step2::Begins { user, after }),
        3 => any::<usize>().prop_map(|index| Step2::Ends { index }),
        1 => (-4_000.0_f64..4_000.0).prop_map(|seconds| Step2::IsSet { seconds }),
        1 => Just(Step2::Fails),
    ];
    prop::collection::vec((3.0_f64..40.0, prop::collection::vec(step, 0..4)), 1..12)
}

proptest! {
    /// Whatever happens, the changes applied to the first answer give the second, no session is in two places, and ids
    /// are never given again.
    #[test]
    fn changes_lead_from_one_answer_to_the_next(rounds in steps(), ppm in -300.0_f64..300.0) {
        let mut server = WatchedServer::new(None);
        let (mut people, mut now, mut clock) = (Vec::<Person>::new(), 0.0, Clock { set: 0.0, ppm });
        server.apply(answer_by(&people, now, clock));
        let mut known = multiset(std::iter::empty());
        let mut ids = std::collections::HashSet::new();
        for (took, steps) in rounds {
            let mut fails = false;
            for step in steps {
                match step {
                    Step2::Begins { user, after } => {
                        people.push(person(&format!("u{user}"), now + took * after));
                    }
                    Step2::Ends { index } if !people.is_empty() => {
                        people.swap_remove(index % people.len());
                    }
                    Step2::IsSet { seconds } => clock.set += seconds,
                    Step2::Ends { .. } => {}
                    Step2::Fails => fails = true,
                }
            }
            now += took;
            let changes = server.apply(if fails { failure(now) } else { answer_by(&people, now, clock) });
            for change in &changes {
                match &change.event {
                    WatchEvent::Connected(session) => {
                        prop_assert!(ids.insert(session.id), "an id that was given before");
                        let key = (session.session.client().to_owned(), session.session.user().unwrap().to_owned());
                        *known.entry(key).or_default() += 1;
                    }
                    WatchEvent::Disconnected { session, ended } => {
                        let key = (session.session.client().to_owned(), session.session.user().unwrap().to_owned());
                        let count = known.get_mut(&key).unwrap();
                        *count -= 1;
                        if *count == 0 {
                            known.remove(&key);
                        }
                        prop_assert!(ended.after <= ended.before);
                    }
                    _ => {}
                }
            }
            prop_assert_eq!(&known, &multiset(server.sessions().iter().map(|session| &*session.session)));
            if !fails {
                let listing = listed(&people, now, clock);
                prop_assert_eq!(&known, &multiset(listing.iter()));
            }
        }
    }

    /// With a clock that only drifts every change is one that was, and none is missed.
    #[test]
    fn changes_are_those_that_were(rounds in steps(), ppm in -300.0_f64..300.0) {
        let mut server = WatchedServer::new(None);
        let (mut people, mut now, clock) = (Vec::<Person>::new(), 0.0, Clock { set: 0.0, ppm });
        server.apply(answer_by(&people, now, clock));
        for (took, steps) in rounds {
            let before = people.clone();
            let mut number = 0;
            for step in steps {
                match step {
                    // Far enough from each other that the starts tell them apart.
                    Step2::Begins { user, .. } => {
                        number += 1;
                        people.push(person(&format!("u{user}-{number}"), now + took));
                    }
                    Step2::Ends { index } if !people.is_empty() => {
                        people.swap_remove(index % people.len());
                    }
                    Step2::IsSet { .. } | Step2::Ends { .. } | Step2::Fails => {}
                }
            }
            now += took;
            let mut expected: Vec<String> = Vec::new();
            expected.extend(before.iter().filter(|old| !people.contains(old)).map(|old| format!("-{}", old.user)));
            expected.extend(people.iter().filter(|new| !before.contains(new)).map(|new| format!("+{}", new.user)));
            expected.sort();
            prop_assert_eq!(words(&server.apply(answer_by(&people, now, clock))), expected);
        }
    }
}
