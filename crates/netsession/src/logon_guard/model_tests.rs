//! The bounds of the guard, over what reached a server: random servers and histories under a fake clock.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::Rules;
use super::model::{HOLD, Manner, Step, World};
use crate::Account;

/// The delays that the issue names, and those between.
fn late() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0_u64), Just(1000), Just(2000), Just(5000), Just(12_000), Just(90_000), 0_u64..20_000]
}

fn manner() -> impl Strategy<Value = Manner> {
    prop_oneof![
        6 => late().prop_map(|millis| Manner::Checks { millis }),
        2 => Just(Manner::Loses),
        1 => late().prop_map(|millis| Manner::Breaks { millis }),
        1 => late().prop_map(|millis| Manner::Fails { millis }),
    ]
}

/// Some refusals are forged: nothing was checked.
fn manner_or_forged() -> impl Strategy<Value = Manner> {
    prop_oneof![4 => manner(), 1 => late().prop_map(|millis| Manner::Forges { millis })]
}

fn step(manner: impl Strategy<Value = Manner>) -> impl Strategy<Value = Step> {
    let timeout = prop_oneof![Just(1000_u64), Just(10_000), Just(60_000), 500_u64..20_000];
    let ask = (0_u8..12, manner, timeout, 0_u64..1000);
    prop_oneof![
        12 => ask.prop_map(|(server, manner, timeout_millis, transit_millis)| Step::Ask {
            server, manner, timeout_millis, transit_millis
        }),
        6 => (0_u64..8000).prop_map(|millis| Step::Pass { millis }),
        1 => (0_u64..200_000).prop_map(|millis| Step::Pass { millis }),
        1 => Just(Step::PassHold),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    prop_oneof![Just(Rules::default()), Just(Rules::stays(2)), Just(Rules::stays(1))]
}

fn account() -> impl Strategy<Value = Account> {
    prop_oneof![Just(Account::new("admin")), Just(Account::new("admin").in_domain("LAB"))]
}

/// A log-on is wanted at each of these servers, one after the other, in about a minute.
fn round(world: &mut World, servers: &[u8], pause_millis: u64, manner: impl Fn(u8) -> Manner) {
    for &server in servers {
        let manner = manner(server);
        world.step(Step::Ask { server, manner, timeout_millis: 10_000, transit_millis: 1 });
        world.pass(Duration::from_millis(pause_millis));
    }
    world.pass(Duration::from_secs(60));
}

/// A process that stays, on servers that all took the password; it is changed between these steps.
fn change_password(
    at_once: usize,
    account: Account,
    before: Vec<Step>,
    after: Vec<Step>,
) -> Result<World, TestCaseError> {
    let mut world = World::new(Rules::stays(at_once), account, true);
    for server in 0..12 {
        prop_assert!(world.logs_on(server));
    }
    for step in before {
        world.step(step);
    }
    world.is_right = false;
    for step in after {
        world.step(step);
    }
    world.pass(HOLD * 3);
    Ok(world)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_wrong_secret_reaches_a_check_twice(
        rules in rules(), account in account(), steps in vec(step(manner()), 1..80)
    ) {
        let mut world = World::new(rules, account, false);
        for step in steps {
            world.step(step);
        }
        world.pass(HOLD * 3);
        prop_assert!(world.most_at_once() <= 2, "{:?}", world.wrong);
        prop_assert!(world.wrong.len() <= 3, "{:?}", world.wrong);
    }

    #[test]
    fn a_password_that_changes_under_a_process_that_stays_reaches_a_check_twice(
        at_once in 1_usize..=2,
        account in account(),
        before in vec(step(manner()), 0..40),
        after in vec(step(manner()), 1..80),
    ) {
        let world = change_password(at_once, account, before, after)?;
        prop_assert!(world.most_at_once() <= 2, "{:?}", world.wrong);
        prop_assert!(world.wrong.len() <= 3, "{:?}", world.wrong);
    }

    /// Refusals are forged before the password is changed and after it: a forged one may make a secret suspect, but lets no
    /// more log-ons go. The domain controller counts those that reach it.
    #[test]
    fn forged_refusals_do_not_raise_the_bound_of_a_password_that_changes(
        at_once in 1_usize..=2,
        account in account(),
        before in vec(step(manner_or_forged()), 0..40),
        after in vec(step(manner_or_forged()), 1..80),
    ) {
        let world = change_password(at_once, account, before, after)?;
        prop_assert!(world.most_at_once() <= 2, "{:?}", world.wrong);
        prop_assert!(world.wrong.len() <= 3, "{:?}", world.wrong);
    }

    /// Servers that were never asked may each refuse the secret for a reason of their own: then it is the bound of the
    /// account.
    #[test]
    fn an_account_of_a_domain_is_refused_three_times_at_most(
        at_once in 1_usize..=2,
        taken in 0_u8..12,
        before in vec(step(manner()), 0..40),
        after in vec(step(manner()), 1..80),
    ) {
        let mut world = World::new(Rules::stays(at_once), Account::new("admin").in_domain("LAB"), true);
        for server in 0..taken {
            prop_assert!(world.logs_on(server));
        }
        for step in before {
            world.step(step);
        }
        world.is_right = false;
        for step in after {
            world.step(step);
        }
        world.pass(HOLD * 3);
        prop_assert!(world.wrong.len() <= 3, "{:?}", world.wrong);
    }

    /// One forged refusal, or one odd server that is asked again and again.
    #[test]
    fn one_odd_server_silences_no_other(
        rules in rules(),
        account in account(),
        odd_took_it in any::<bool>(),
        asks in vec((0_u8..12, 0_u64..3000, 0_u64..300), 1..60),
    ) {
        let mut world = World::new(rules, account, true);
        for server in (0..12).filter(|&server| server != 7 || odd_took_it) {
            prop_assert!(world.logs_on(server));
        }
        for (server, millis, pause) in asks {
            let manner = match server {
                7 => Manner::Forges { millis },
                _ => Manner::Checks { millis: millis / 10 },
            };
            world.step(Step::Ask { server, manner, timeout_millis: 10_000, transit_millis: 1 });
            world.pass(Duration::from_millis(pause));
        }
        world.pass(Duration::from_secs(20));
        for server in (0..20).filter(|&server| server != 7) {
            prop_assert!(world.logs_on(server), "fs{server}");
        }
    }

    /// Local administrators with other passwords, or refusals forged on some links: any number of them, in one run.
    #[test]
    fn odd_servers_in_one_run_silence_no_other(
        first in 0_u8..200,
        odd in proptest::collection::hash_set(0_u8..200, 0..60),
        delays in vec((0_u64..3000, 0_u64..60), 200),
    ) {
        let is_odd = |server: u8| server != first && odd.contains(&server);
        let mut world = World::new(Rules::default(), Account::new("admin"), true);
        prop_assert!(world.logs_on(first));
        for (server, (millis, pause)) in (0_u8..).zip(delays).filter(|&(server, _)| server != first) {
            let manner = match is_odd(server) {
                true => Manner::Forges { millis },
                false => Manner::Checks { millis },
            };
            world.step(Step::Ask { server, manner, timeout_millis: 3_600_000, transit_millis: 1 });
            world.pass(Duration::from_millis(pause));
        }
        world.pass(Duration::from_secs(3600));
        prop_assert_eq!(world.granted, 200);
    }

    /// Each server is asked once a minute. Those that are odd never took the secret.
    #[test]
    fn odd_servers_silence_no_other_in_a_process_that_stays(
        at_once in 1_usize..=5,
        account in account(),
        odd in proptest::collection::hash_set(1_u8..12, 0..6),
        rounds in vec((Just(Vec::from_iter(0_u8..12)).prop_shuffle(), 0_u64..2000, 0_u64..100), 12),
    ) {
        let mut world = World::new(Rules::stays(at_once), account, true);
        prop_assert!(world.logs_on(0));
        for (order, millis, pause) in rounds {
            round(&mut world, &order, pause, |server| match odd.contains(&server) {
                true => Manner::Forges { millis },
                false => Manner::Checks { millis: millis / 20 },
            });
        }
        // A moment after a fault nothing is sent.
        world.pass(Duration::from_secs(20));
        for server in (0..20).filter(|server| !odd.contains(server)) {
            prop_assert!(world.logs_on(server), "fs{server}");
        }
    }

    /// Two servers begin to stall. Where another one is asked between the two, or three may be unanswered, the others go
    /// on. (Two log-ons in a row without an answer are what a password that was changed looks like: see the bound above.)
    #[test]
    fn two_servers_that_stall_silence_no_other(
        at_once in 2_usize..=5,
        account in account(),
        pause in 0_u64..3000,
        rounds in vec(Just(Vec::from_iter(0_u8..12)).prop_shuffle(), 1..6),
    ) {
        let mut world = World::new(Rules::stays(at_once), account, true);
        for server in 0..12 {
            prop_assert!(world.logs_on(server));
        }
        let stalls = |server: u8| server < 2;
        for mut order in rounds {
            let in_a_row = order.windows(2).any(|two| two.iter().all(|&server| stalls(server)));
            if at_once == 2 && in_a_row {
                order.retain(|&server| !stalls(server));
                order.insert(0, 0);
                order.push(1);
            }
            round(&mut world, &order, pause, |server| match stalls(server) {
                true => Manner::Loses,
                false => Manner::Checks { millis: 5 },
            });
            world.pass(Duration::from_secs(30));
        }
        for server in 2..20 {
            prop_assert!(world.logs_on(server), "fs{server}");
        }
    }
}

/// Five of twelve servers refuse a right password slowly. No success lies between all of their overlapping log-ons.
#[test]
fn refusals_that_overlap_do_not_use_up_the_bound_of_the_account() {
    let odd = [1, 2, 4, 6, 8];
    let mut world = World::new(Rules::stays(3), Account::new("admin").in_domain("LAB"), true);
    assert!(world.logs_on(0));
    round(&mut world, &[10, 11, 7, 8, 3, 6, 9, 0, 4, 2, 1, 5], 1, |server| match odd.contains(&server) {
        true => Manner::Forges { millis: 800 },
        false => Manner::Checks { millis: 40 },
    });
    assert!(world.logs_on(0) && world.logs_on(12));
}
