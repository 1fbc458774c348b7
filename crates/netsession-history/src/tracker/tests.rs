use std::time::UNIX_EPOCH;

use proptest::prelude::*;

use super::*;

const LATE: Duration = Duration::from_secs(100);
const T0: u64 = 1_700_000_000;

fn session(user: &str, connected: Option<u64>) -> Session {
    Session {
        client: "10.0.0.5".into(),
        user: Some(user.into()),
        connected: connected.map(Duration::from_secs),
        opens: Some(3),
        ..Session::default()
    }
}

fn answer(time: u64, sessions: &[Session]) -> Round {
    let sessions = sessions.to_vec();
    Round {
        server: "fs1".into(),
        time: UNIX_EPOCH + Duration::from_secs(time),
        uptime: None,
        outcome: Outcome::Answered { sessions, files: None },
    }
}

fn failure(time: u64) -> Round {
    Round { outcome: Outcome::Failed("no route".into()), ..answer(time, &[]) }
}

/// Everything that the rounds stored, in order.
fn changes(rounds: Vec<Round>) -> Vec<Change> {
    let (mut tracker, mut ids) = (Tracker::default(), Ids::default());
    rounds.into_iter().flat_map(|round| tracker.apply(round, LATE, &mut ids)).collect()
}

fn spans(changes: &[Change]) -> Vec<Span> {
    let span = |change: &Change| match change {
        Change::SessionEnded { span, .. } => Some(*span),
        _ => None,
    };
    changes.iter().filter_map(span).collect()
}

fn gaps(changes: &[Change]) -> Vec<(u64, u64, GapCause)> {
    let gap = |change: &Change| match change {
        Change::Gap { from, until, cause, .. } => Some((*from, *until, cause.clone())),
        _ => None,
    };
    changes.iter().filter_map(gap).collect()
}

fn files(time: u64, files: Option<Result<&[u32], &str>>) -> Round {
    let file = |id: &u32| File { id: *id, path: Some("a".into()), ..File::default() };
    let files = files.map(|files| files.map(|ids| ids.iter().map(file).collect()).map_err(str::to_owned));
    Round { outcome: Outcome::Answered { sessions: Vec::new(), files }, ..answer(time, &[]) }
}

#[test]
fn files_that_are_not_listed_leave_a_gap_in_which_they_stay() {
    let changes = changes(vec![
        files(T0, Some(Ok(&[1, 2]))),
        files(T0 + 30, Some(Err("denied"))),
        files(T0 + 60, Some(Err("timed out"))),
        files(T0 + 90, Some(Ok(&[2, 3]))),
        files(T0 + 120, Some(Ok(&[]))),
    ]);
    let denied = GapCause::FilesFailed("denied".into());
    assert_eq!(gaps(&changes), [(T0, T0 + 90, denied)]);
    let ended = changes.iter().filter_map(|change| match change {
        Change::FileEnded { span, item, .. } => Some((item.id, span.from, span.until, span.until_exact)),
        _ => None,
    });
    let ended: Vec<_> = ended.collect();
    assert_eq!(
        ended,
        [(1, T0, T0, false), (2, T0, T0 + 120, true), (3, T0 + 90, T0 + 120, true)],
        "{changes:?}"
    );
}

#[test]
fn session_that_comes_and_goes() {
    let changes = changes(vec![
        answer(T0, &[]),
        answer(T0 + 30, &[session("a", Some(10))]),
        answer(T0 + 60, &[session("a", Some(40))]),
        answer(T0 + 90, &[]),
    ]);
    let span = Span { from: T0 + 20, from_exact: true, until: T0 + 90, until_exact: true, gone: T0 + 90 };
    assert_eq!(spans(&changes), [span]);
    assert_eq!(gaps(&changes), []);
    let began = changes.iter().filter(|change| matches!(change, Change::SessionBegan(_))).count();
    assert_eq!(began, 1);
}

#[test]
fn session_of_before_the_recording_has_the_beginning_that_the_server_tells() {
    let changes = changes(vec![answer(T0, &[session("a", Some(7200))]), answer(T0 + 30, &[])]);
    assert_eq!(spans(&changes)[0].from, T0 - 7200);
    assert!(spans(&changes)[0].from_exact);
}

#[test]
fn end_in_a_gap_is_inexact_and_the_others_go_on() {
    let changes = changes(vec![
        answer(T0, &[session("a", Some(10)), session("b", Some(10))]),
        failure(T0 + 30),
        failure(T0 + 60),
        answer(T0 + 90, &[session("b", Some(100))]),
        answer(T0 + 120, &[]),
    ]);
    let a = Span { from: T0 - 10, from_exact: true, until: T0, until_exact: false, gone: T0 + 90 };
    let b = Span { from: T0 - 10, from_exact: true, until: T0 + 120, until_exact: true, gone: T0 + 120 };
    assert_eq!(spans(&changes), [a, b]);
    assert_eq!(gaps(&changes), [(T0, T0 + 90, GapCause::Failed("no route".into()))]);
}

#[test]
fn silence_of_the_recorder_is_a_gap() {
    let rounds = vec![answer(T0, &[]), answer(T0 + 101, &[])];
    assert_eq!(gaps(&changes(rounds)), [(T0, T0 + 101, GapCause::Late)]);
}

#[test]
fn restart_is_a_gap_over_which_sessions_go_on() {
    let (mut tracker, mut ids) = (Tracker::default(), Ids::default());
    tracker.apply(answer(T0, &[session("a", Some(10))]), LATE, &mut ids);
    let mut tracker = Tracker::resumed(tracker.times, tracker.sessions, Vec::new());
    let changes = tracker.apply(answer(T0 + 50, &[session("a", Some(60))]), LATE, &mut ids);
    assert_eq!(gaps(&changes), [(T0, T0 + 50, GapCause::NotRecorded)]);
    assert_eq!(spans(&changes), []);
}

#[test]
fn clock_that_is_set_back_splits() {
    let changes = changes(vec![
        answer(T0, &[session("a", Some(10))]),
        answer(T0 - 3600, &[session("a", Some(40))]),
        answer(T0 - 3570, &[]),
    ]);
    let before = Span { from: T0 - 10, from_exact: true, until: T0, until_exact: false, gone: T0 };
    let after =
        Span { from: T0 - 3600, from_exact: false, until: T0 - 3570, until_exact: true, gone: T0 - 3570 };
    assert_eq!(spans(&changes), [before, after]);
    assert_eq!(gaps(&changes), [(T0 - 3600, T0, GapCause::ClockSet)]);
}

#[test]
fn clock_that_is_set_forth_never_makes_a_long_interval() {
    let year = 366 * 86_400;
    for uptime in [true, false] {
        let at = |uptime_seconds, round: Round| Round {
            uptime: uptime.then(|| Duration::from_secs(uptime_seconds)),
            ..round
        };
        let changes = changes(vec![
            at(0, answer(T0, &[session("a", Some(10))])),
            at(30, answer(T0 + 10 * year, &[session("a", Some(40))])),
            at(60, answer(T0 + 10 * year + 30, &[])),
        ]);
        for span in spans(&changes) {
            assert!(span.until - span.from < 100, "{span:?}");
        }
        assert_eq!(gaps(&changes).len(), 1);
    }
}

#[test]
fn long_gap_splits_what_has_no_beginning() {
    let day = 86_400;
    let rounds = vec![answer(T0, &[session("a", None)]), answer(T0 + day + 1, &[session("a", None)])];
    let span = Span { from: T0, from_exact: false, until: T0, until_exact: false, gone: T0 + day + 1 };
    assert_eq!(spans(&changes(rounds)), [span]);
}

#[test]
fn small_step_of_the_clock_is_noticed_by_the_uptime() {
    let at = |uptime, round: Round| Round { uptime: Some(Duration::from_secs(uptime)), ..round };
    let changes = changes(vec![
        at(0, answer(T0, &[session("a", Some(10))])),
        at(30, answer(T0 + 50, &[session("a", Some(40))])),
    ]);
    assert_eq!(gaps(&changes), [(T0, T0 + 50, GapCause::ClockSet)]);
    assert!(!spans(&changes)[0].until_exact);
}

#[test]
fn machine_that_sleeps_leaves_a_gap_in_which_sessions_go_on() {
    let at = |uptime: Option<u64>, round: Round| Round { uptime: uptime.map(Duration::from_secs), ..round };
    // The first answer after the sleep may have no uptime, see `Uptime::at`.
    for after in [Some(3630), None] {
        let changes = changes(vec![
            at(Some(0), answer(T0, &[session("a", Some(10)), session("b", Some(10))])),
            at(Some(30), answer(T0 + 30, &[session("a", Some(40)), session("b", Some(40))])),
            at(after, answer(T0 + 3630, &[session("a", Some(3640))])),
            at(Some(3660), answer(T0 + 3660, &[])),
        ]);
        assert_eq!(gaps(&changes), [(T0 + 30, T0 + 3630, GapCause::Late)]);
        let ends: Vec<_> = spans(&changes).iter().map(|span| (span.until, span.until_exact)).collect();
        assert_eq!(ends, [(T0 + 30, false), (T0 + 3660, true)]);
    }
}

#[test]
fn absurd_time_of_a_server_is_not_believed() {
    for connected in [u64::from(u32::MAX), T0, T0 + 5, u64::MAX] {
        let changes = changes(vec![answer(T0, &[session("a", Some(connected))]), answer(T0 + 30, &[])]);
        let span = spans(&changes)[0];
        assert_eq!((span.from, span.from_exact), (T0, false), "{connected}");
    }
}

/// A made-up server: sessions with their true times, and rounds of which some fail.
type World = (Vec<(u8, u64, u64)>, Vec<(u64, bool)>);

fn world() -> impl Strategy<Value = World> {
    let session =
        (0_u8..3, 0_u64..2000, 1_u64..900).prop_map(|(user, from, length)| (user, from, from + length));
    let round = (20_u64..60, prop::bool::weighted(0.8));
    (prop::collection::vec(session, 0..12), prop::collection::vec(round, 3..60))
}

/// By how much a clock is set before a round: most times not at all.
fn clock_step() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => Just(0),
        1 => -2_i64..=2,
        1 => -7200_i64..7200,
        1 => -30_000_000_i64..30_000_000,
    ]
}

proptest! {
    /// Against the truth: each session that a round saw is one interval, with its exact beginning within 2 s. It ends
    /// with the first answer without it, or, after a gap, inexactly with the last answer that had it; gaps and nothing
    /// else make ends inexact.
    #[test]
    fn intervals_are_the_truth((sessions, rounds) in world()) {
        let mut time = 0;
        // The times of answers, and whether each is the next one after the answer before.
        let mut answers: Vec<(u64, bool)> = Vec::new();
        let mut is_next = false;
        let rounds: Vec<_> = rounds.into_iter().map(|(pause, answered)| {
            time += pause;
            let listed: Vec<_> = sessions.iter().filter(|(_, from, until)| (*from..*until).contains(&time))
                .map(|(user, from, _)| session(&user.to_string(), Some(time - from))).collect();
            if answered {
                answers.push((time, is_next));
            }
            is_next = answered;
            if answered { answer(T0 + time, &listed) } else { failure(T0 + time) }
        }).collect();
        let changes = changes(rounds);
        let last_seen = |from: u64, until: u64| answers.iter().rposition(|(time, _)| (from..until).contains(time));
        // One that ended and one that began within 2 s are the same to everyone if no answer has both or neither.
        for (user, from, until) in &sessions {
            let Some((seen, gone)) = last_seen(*from, *until).and_then(|seen| {
                Some((answers.get(seen)?.0, answers.get(seen + 1)?.0))
            }) else { continue };
            prop_assume!(!sessions.iter().any(|(other, begin, _)| {
                other == user && *begin > seen && *begin <= gone && *begin <= from + 2
            }));
        }
        // The truth, as far as rounds can see it.
        let mut expected: Vec<_> = sessions.iter().filter_map(|(user, from, until)| {
            let seen = last_seen(*from, *until)?;
            let (gone, until_exact) = *answers.get(seen + 1)?;
            let until = if until_exact { gone } else { answers[seen].0 };
            let span = Span { from: T0 + *from, from_exact: true, until: T0 + until, until_exact, gone: T0 + gone };
            Some((user.to_string(), span))
        }).collect();
        let mut found: Vec<_> = changes.iter().filter_map(|change| match change {
            Change::SessionEnded { span, item, .. } => Some((item.user.as_deref().unwrap().to_owned(), *span)),
            _ => None,
        }).collect();
        let order = |(user, span): &(String, Span)| (user.clone(), span.from, span.gone);
        expected.sort_by_key(order);
        found.sort_by_key(order);
        prop_assert_eq!(expected.len(), found.len());
        for (truth, span) in expected.iter().zip(&found) {
            prop_assert_eq!(&truth.0, &span.0);
            // Two sessions of one user that begin within 2 s may swap their ends.
            prop_assert!(truth.1.from.abs_diff(span.1.from) <= 2, "{:?} {:?}", truth, span);
            prop_assert!(span.1.from <= span.1.until && span.1.until <= span.1.gone, "{:?}", span);
            prop_assert!(span.1.from_exact, "{:?}", span);
        }
        let ends = |of: &[(String, Span)]| {
            let ends = of.iter().map(|(user, span)| (user.clone(), span.gone, span.until, span.until_exact));
            let mut ends: Vec<_> = ends.collect();
            ends.sort();
            ends
        };
        prop_assert_eq!(ends(&expected), ends(&found));
        // Each failure that is over is in a gap, and each gap is from one answer to another.
        let late = answers.windows(2).filter(|pair| !pair[1].1).map(|pair| (T0 + pair[0].0, T0 + pair[1].0));
        let gaps: Vec<_> = gaps(&changes).into_iter().map(|(from, until, _)| (from, until)).collect();
        prop_assert_eq!(gaps, late.collect::<Vec<_>>());
        // What began is what ended and what is still there, each once.
        let there = answers.last().map_or(0, |(time, _)| {
            sessions.iter().filter(|(_, from, until)| (*from..*until).contains(time)).count()
        });
        let began = changes.iter().filter(|change| matches!(change, Change::SessionBegan(_))).count();
        prop_assert_eq!(began, found.len() + there);
    }

    /// Whatever the clocks of this machine and of the server do: no interval is negative, or longer than what the first
    /// answer reported and the true time of the history, and each session that is there has one open interval.
    #[test]
    fn clocks_that_are_set_make_no_absurd_interval(
        (sessions, rounds) in world(),
        steps in prop::collection::vec((clock_step(), clock_step()), 60),
    ) {
        let (mut time, mut wall, mut server) = (0, 2_000_000_000, 3_000_000_000);
        // When each began, by the clock of the server at that time.
        let mut starts = vec![None; sessions.len()];
        let (mut tracker, mut ids, mut told) = (Tracker::default(), Ids::default(), None);
        let mut tolerance = 0;
        let mut open = std::collections::HashMap::new();
        for ((pause, answered), (wall_step, server_step)) in rounds.into_iter().zip(steps) {
            time += pause;
            wall = (wall + pause).saturating_add_signed(wall_step);
            server = (server + pause).saturating_add_signed(server_step);
            // So much is not taken for a clock that was set.
            tolerance += MAX_SLEW;
            let listed: Vec<_> = sessions.iter().zip(&mut starts)
                .filter(|((_, from, until), _)| (*from..*until).contains(&time))
                .map(|((user, from, _), start)| {
                    let start = *start.get_or_insert(server - (time - from));
                    session(&user.to_string(), Some(server.saturating_sub(start)))
                }).collect();
            let round = if answered { answer(wall, &listed) } else { failure(wall) };
            let round = Round { uptime: Some(Duration::from_secs(time)), ..round };
            if answered && told.is_none() {
                let ages = listed.iter().filter_map(|session| session.connected);
                told = Some((time, ages.map(|age| age.as_secs()).max().unwrap_or(0)));
            }
            for change in tracker.apply(round, LATE, &mut ids) {
                let (since, age) = told.unwrap_or_default();
                match change {
                    Change::SessionBegan(began) => prop_assert!(open.insert(began.id, began.from).is_none()),
                    Change::SessionEnded { id, span, .. } => {
                        prop_assert_eq!(open.remove(&id), Some(span.from));
                        prop_assert!(span.from <= span.until && span.until <= span.gone, "{:?}", span);
                        let length = span.until - span.from;
                        prop_assert!(length <= age + (time - since) + tolerance, "{:?} {}", span, time - since);
                    }
                    Change::Gap { from, until, .. } => prop_assert!(from <= until),
                    _ => {}
                }
            }
            if answered {
                prop_assert_eq!(open.len(), listed.len());
            }
        }
    }

    /// Without an uptime, and whatever servers report: no interval is negative, or outside of what the wall clock and the
    /// first answer cover.
    #[test]
    fn clocks_that_jump_make_no_absurd_interval(
        jumps in prop::collection::vec((0_u64..4_000_000_000, prop::collection::vec(0_u64..5_000_000_000, 0..4)), 1..20),
    ) {
        let first = jumps[0].0.saturating_sub(MAX_CONNECTED);
        let earliest = jumps.iter().map(|(time, _)| *time).min().unwrap().min(first);
        let latest = jumps.iter().map(|(time, _)| *time).max().unwrap();
        let rounds = jumps.into_iter().map(|(time, connected)| {
            let sessions: Vec<_> = connected.into_iter().map(|connected| session("a", Some(connected))).collect();
            answer(time, &sessions)
        }).collect();
        for change in changes(rounds) {
            match change {
                Change::SessionEnded { span, .. } => {
                    prop_assert!(span.from <= span.until && span.until <= span.gone, "{span:?}");
                    prop_assert!(earliest <= span.from && span.gone <= latest, "{span:?}");
                }
                Change::Gap { from, until, .. } => prop_assert!(from <= until),
                _ => {}
            }
        }
    }

    /// The order in which a server lists does not matter, and applying the same listing again changes nothing.
    #[test]
    fn same_listing_changes_nothing(starts in prop::collection::vec((0_u8..3, 0_u64..50), 0..20), pause in 1_u64..90) {
        let listing = |time: u64| -> Vec<_> {
            starts.iter().map(|(user, start)| session(&user.to_string(), Some(time - start))).collect()
        };
        let mut again = listing(100 + pause);
        again.reverse();
        let (mut tracker, mut ids) = (Tracker::default(), Ids::default());
        tracker.apply(answer(T0 + 100, &listing(100)), LATE, &mut ids);
        let changes = tracker.apply(answer(T0 + 100 + pause, &again), LATE, &mut ids);
        prop_assert_eq!(changes.len(), 1, "{:?}", changes);
    }
}
