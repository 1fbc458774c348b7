//! Which level is asked for, at every mix of refusals.

use std::collections::BTreeMap;

use netsession_proto::client::{Cause, Refusal};
use netsession_proto::erref::Win32Error;
use netsession_proto::query::WantedLevel;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{Access, ErrorBody, Fault, FaultKind, Missing, Step, shipped};

use crate::talk::{Sessions, expected, named, talk};

/// What a level is for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Has {
    Yes,
    Denied,
    Missing,
}

type Mix = BTreeMap<Level, Has>;

/// Every level in every state: 243 servers.
fn mixes() -> Vec<Mix> {
    let states = [Has::Yes, Has::Denied, Has::Missing];
    (0..3_usize.pow(5))
        .map(|number| {
            let state = |place: usize| states[number / 3_usize.pow(u32::try_from(place).unwrap()) % 3];
            Level::ALL.into_iter().enumerate().map(|(place, level)| (level, state(place))).collect()
        })
        .collect()
}

fn server(mix: &Mix, missing: Missing, body: ErrorBody) -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.session_enum.levels = mix
        .iter()
        .filter(|(_, has)| **has != Has::Missing)
        .map(|(level, has)| ((*level).into(), if *has == Has::Yes { Access::Anyone } else { Access::Nobody }))
        .collect();
    scenario.session_enum.missing_level = missing;
    scenario.session_enum.error_body = body;
    scenario
}

/// The levels that auto asks for, as the design has it, and whether the last one is the answer.
fn auto(mix: &Mix) -> (Vec<Level>, bool) {
    let mut asked = vec![Level::L502];
    loop {
        let last = *asked.last().unwrap();
        let next = match (last, mix[&last]) {
            (_, Has::Yes) => return (asked, true),
            (Level::L502, Has::Missing) => Level::L1,
            (Level::L502 | Level::L1, _) => Level::L10,
            (Level::L10, Has::Missing) => Level::L0,
            _ => return (asked, false),
        };
        asked.push(next);
    }
}

#[test]
fn auto_comes_down_at_every_mix_of_refusals() {
    for mix in mixes() {
        let scenario = server(&mix, Missing::Code(124), ErrorBody::Empty);
        let transcript = talk(&scenario).asking(Sessions::default()).run();
        let (asked, answered) = auto(&mix);
        assert_eq!(transcript.traffic.round_trips, 4 + asked.len(), "{mix:?}");
        let last = *asked.last().unwrap();
        if answered {
            assert_eq!(transcript.rows(), expected(&scenario, last), "{mix:?}");
            assert_eq!((transcript.answer().shown(), transcript.answer().asked()), (last, last));
        } else if asked.iter().any(|level| mix[level] == Has::Denied) {
            assert_eq!(
                transcript.cause(),
                &Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)),
                "{mix:?}"
            );
        } else {
            let cause = Cause::LevelNotSupported {
                asked: last,
                works: None,
                refusal: Refusal::Code(Win32Error::INVALID_LEVEL),
            };
            assert_eq!(transcript.cause(), &cause, "{mix:?}");
        }
    }
}

/// The other levels that carry all fields of a named one, in the order in which they are asked for.
fn within(level: Level) -> &'static [Level] {
    match level {
        Level::L0 => &[Level::L10, Level::L1, Level::L502, Level::L2],
        Level::L10 => &[Level::L1, Level::L502, Level::L2],
        Level::L1 => &[Level::L502, Level::L2],
        Level::L2 => &[Level::L502],
        Level::L502 => &[],
    }
}

#[test]
fn a_named_level_is_answered_from_a_richer_one_where_it_is_missing() {
    for mix in mixes() {
        for level in [Level::L0, Level::L1, Level::L10] {
            let scenario = server(&mix, Missing::Code(124), ErrorBody::Empty);
            let transcript = talk(&scenario).asking(named(level)).run();
            let candidates = std::iter::once(&level).chain(within(level));
            match candidates.copied().find(|level| mix[level] != Has::Missing) {
                Some(asked) if mix[&asked] == Has::Yes => {
                    assert_eq!(transcript.rows(), expected(&scenario, level), "{level} {mix:?}");
                    assert_eq!((transcript.answer().shown(), transcript.answer().asked()), (level, asked));
                }
                Some(_) => {
                    assert_eq!(transcript.cause(), &Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)))
                }
                None => {
                    let cause = Cause::LevelNotSupported {
                        asked: level,
                        works: None,
                        refusal: Refusal::Code(Win32Error::INVALID_LEVEL),
                    };
                    assert_eq!(transcript.cause(), &cause, "{level} {mix:?}");
                }
            }
        }
    }
}

#[test]
fn for_2_and_502_the_error_names_a_level_that_works() {
    for mix in mixes() {
        for level in [Level::L2, Level::L502] {
            let scenario = server(&mix, Missing::Code(124), ErrorBody::Empty);
            let transcript = talk(&scenario).asking(named(level)).run();
            match mix[&level] {
                Has::Yes => assert_eq!(transcript.rows(), expected(&scenario, level), "{mix:?}"),
                Has::Denied => {
                    assert_eq!(transcript.cause(), &Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)))
                }
                Has::Missing => {
                    let richest_first = [Level::L502, Level::L2, Level::L1, Level::L10, Level::L0];
                    let works = richest_first.into_iter().find(|level| mix[level] == Has::Yes);
                    let cause = Cause::LevelNotSupported {
                        asked: level,
                        works,
                        refusal: Refusal::Code(Win32Error::INVALID_LEVEL),
                    };
                    assert_eq!(transcript.cause(), &cause, "{level} {mix:?}");
                }
            }
        }
    }
}

#[test]
fn level_10_works_on_samba_and_502_does_not() {
    let scenario = shipped("samba").unwrap();
    let transcript = talk(&scenario).asking(named(Level::L10)).run();
    assert_eq!(transcript.rows(), expected(&scenario, Level::L10));
    assert_eq!(transcript.answer().asked(), Level::L1);
    assert!(transcript.rows().iter().all(|session| session.opens.is_none() && session.flags.is_none()));
    let transcript = talk(&scenario).asking(named(Level::L502)).run();
    let cause = Cause::LevelNotSupported {
        asked: Level::L502,
        works: Some(Level::L1),
        refusal: Refusal::Code(Win32Error::INVALID_LEVEL),
    };
    assert_eq!(transcript.cause(), &cause);
}

#[test]
fn every_way_of_saying_no_such_level_is_understood() {
    for missing in [
        Missing::Code(124),
        Missing::Code(50),
        Missing::Code(120),
        Missing::Code(87),
        Missing::Code(1),
        Missing::Code(2142),
        Missing::Code(1733),
        Missing::Code(1781),
        Missing::Code(1783),
        Missing::Fault(0x1c00_0006),
        Missing::Fault(0x6f7),
        Missing::Fault(0x6c5),
        Missing::Fault(0x6f5),
        Missing::Fault(0x57),
        Missing::Fault(0x7c),
        Missing::Fault(0x32),
        Missing::Fault(0x78),
    ] {
        for body in [ErrorBody::Empty, ErrorBody::Null, ErrorBody::Zeroed] {
            let mut scenario = shipped("samba").unwrap();
            scenario.session_enum.missing_level = missing;
            scenario.session_enum.error_body = body;
            let transcript = talk(&scenario).asking(Sessions::default()).run();
            assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{missing:?} {body:?}");
            assert_eq!(transcript.traffic.round_trips, 6);
        }
    }
}

#[test]
fn other_codes_and_faults_are_reported_as_they_are() {
    for (missing, cause) in [
        (Missing::Code(8), Cause::Refused(Refusal::Code(Win32Error::NOT_ENOUGH_MEMORY))),
        (Missing::Code(0xdead), Cause::Refused(Refusal::Code(Win32Error(0xdead)))),
        // These may mean that there is no such level; where none works they are reported as they are.
        (Missing::Code(87), Cause::Refused(Refusal::Code(Win32Error::INVALID_PARAMETER))),
        (Missing::Code(1), Cause::Refused(Refusal::Code(Win32Error::INVALID_FUNCTION))),
        (Missing::Code(2142), Cause::Refused(Refusal::Code(Win32Error::NERR_INVALID_API))),
        (Missing::Fault(0x57), Cause::Refused(Refusal::Fault(FaultStatus::INVALID_PARAMETER))),
        (Missing::Fault(0x6e4), Cause::Refused(Refusal::Fault(FaultStatus::RPC_S_CANNOT_SUPPORT))),
        (Missing::Fault(0x1c01_0002), Cause::Refused(Refusal::Fault(FaultStatus::OP_RNG_ERROR))),
        (Missing::Fault(5), Cause::Refused(Refusal::Fault(FaultStatus::ACCESS_DENIED))),
    ] {
        for body in [ErrorBody::Empty, ErrorBody::Null, ErrorBody::Zeroed] {
            let mut scenario = shipped("windows").unwrap();
            scenario.session_enum.levels.clear();
            scenario.session_enum.missing_level = missing;
            scenario.session_enum.error_body = body;
            assert_eq!(talk(&scenario).run().cause(), &cause, "{missing:?} {body:?}");
        }
    }
}

#[test]
fn non_admin_falls_back_to_public_level() {
    let auto = Sessions::default();
    let as_alice = |name: &str, request: &Sessions| {
        talk(&shipped(name).unwrap()).login("alice", "Wonderland1").asking(request.clone()).run()
    };
    let transcript = as_alice("windows", &auto);
    assert_eq!(transcript.rows(), expected(&shipped("windows").unwrap(), Level::L10));
    assert_eq!(transcript.traffic.round_trips, 6);
    assert_eq!(as_alice("windows", &named(Level::L0)).rows().len(), 4);
    for name in ["windows-hardened", "samba", "illumos", "nas-level-1"] {
        let transcript = as_alice(name, &auto);
        assert_eq!(transcript.cause(), &Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)), "{name}");
    }
}

#[test]
fn a_refused_question_leaves_the_connection_good() {
    let scenario = shipped("samba").unwrap();
    let transcript = talk(&scenario).asking(named(Level::L502)).then_asking(named(Level::L0)).run();
    assert!(transcript.listings[0].1.is_err());
    assert_eq!(transcript.listings[1].0, expected(&scenario, Level::L0));
}

#[test]
fn an_rpc_fault_once_leaves_it_good_too() {
    let fault = Fault::new(Step::Enumerate, FaultKind::RpcFault(0x1c01_0014)).times(1);
    let scenario = shipped("windows").unwrap().with_fault(fault);
    let transcript =
        talk(&scenario).then_asking(Sessions { level: WantedLevel::Auto, ..named(Level::L1) }).run();
    let failure = transcript.listings[0].1.as_ref().unwrap_err();
    assert_eq!(failure.cause, Cause::Refused(Refusal::Fault(FaultStatus::SERVER_TOO_BUSY)));
    assert_eq!(transcript.listings[1].0, expected(&scenario, Level::L502));
}
