//! What the fuzz target `logon_guard` does: a sequence of events and times, and the bounds over what reached a server.

use std::time::Duration;

use super::Rules;
use super::model::{HOLD, Manner, Step, World};
use crate::Account;

/// The servers of the model.
const SERVERS: u8 = 12;
/// More events say nothing new.
const MAX_STEPS: usize = 200;
/// Bytes of an event.
const STEP: usize = 6;

/// Carries out the events of `data`, and panics where a bound is broken.
pub fn run(data: &[u8]) {
    let Some((&[case, rules, taken, turn], rest)) = data.split_first_chunk() else { return };
    let stays = Rules::stays(usize::from(rules % 2) + 1);
    let any = if rules < 0x80 { Rules::default() } else { stays };
    let account = match case & 0x80 {
        0 => Account::new("admin"),
        _ => Account::new("admin").in_domain("LAB"),
    };
    let steps = rest.chunks_exact(STEP).take(MAX_STEPS);
    let turn = usize::from(turn);
    match case % 5 {
        0 => wrong(any, account, steps),
        1 => changed(stays, account, SERVERS, turn, steps),
        2 => changed(stays, account.in_domain("LAB"), taken % SERVERS, turn, steps),
        // An account of a domain has its own bound in one run: three in a row.
        3 => odd(Rules::default(), Account::new("admin"), taken, steps),
        _ => odd(stays, account, taken, steps),
    }
}

/// A wrong secret reaches a check twice, and once more after the hold.
fn wrong<'a>(rules: Rules, account: Account, steps: impl Iterator<Item = &'a [u8]>) {
    let mut world = World::new(rules, account, false);
    steps.filter_map(step).for_each(|step| world.step(step));
    world.pass(HOLD.saturating_mul(3));
    bounded(&world, 2);
}

/// A password that is changed under a process that stays does as well; where some servers never took it, three times.
fn changed<'a>(
    rules: Rules,
    account: Account,
    taken: u8,
    turn: usize,
    steps: impl Iterator<Item = &'a [u8]>,
) {
    let mut world = World::new(rules, account, true);
    for server in 0..taken {
        assert!(world.logs_on(server), "fs{server} is not asked");
    }
    for (index, step) in steps.filter_map(step).enumerate() {
        if index == turn {
            world.is_right = false;
        }
        world.step(step);
    }
    world.is_right = false;
    world.pass(HOLD.saturating_mul(3));
    bounded(&world, if taken == SERVERS { 2 } else { 3 });
}

fn bounded(world: &World, at_once: usize) {
    let most = world.most_at_once();
    assert!(most <= at_once, "{most} wrong log-ons");
    assert!(world.wrong.len() <= 3, "{} wrong log-ons", world.wrong.len());
}

/// Servers that never took the secret refuse it although it is right: all others can log on all the same.
fn odd<'a>(rules: Rules, account: Account, mask: u8, steps: impl Iterator<Item = &'a [u8]>) {
    let is_odd = |server: u8| server > 0 && server < 9 && mask & (1 << (server - 1)) != 0;
    let mut world = World::new(rules, account, true);
    assert!(world.logs_on(0), "the first one is not asked");
    for step in steps.filter_map(step) {
        world.step(match step {
            // Each log-on has its answer, in the end.
            Step::Ask { server, manner, timeout_millis, transit_millis } => {
                let millis = match manner {
                    Manner::Checks { millis } => millis % 3000,
                    Manner::Loses | Manner::Breaks { .. } | Manner::Fails { .. } | Manner::Forges { .. } => 0,
                };
                let is_odd = is_odd(server);
                let manner = if is_odd { Manner::Forges { millis } } else { Manner::Checks { millis } };
                Step::Ask { server, manner, timeout_millis: timeout_millis.max(10_000), transit_millis }
            }
            Step::Pass { millis } if rules.is_one_run() => Step::Pass { millis },
            // A process that stays asks a server that took the secret within five minutes.
            Step::Pass { millis } => Step::Pass { millis: millis % 1000 },
            Step::PassHold => continue,
        });
    }
    world.pass(Duration::from_secs(600));
    for server in (0..20).filter(|&server| !is_odd(server)) {
        assert!(world.logs_on(server), "fs{server} is not asked");
    }
}

/// One event.
fn step(bytes: &[u8]) -> Option<Step> {
    let &[kind, server, a, b, timeout, transit] = bytes else { return None };
    let number = u64::from(u16::from_le_bytes([a, b]));
    let millis = match kind & 0x0F {
        // The delays that the issue names are likely.
        0..8 => [0, 1000, 2000, 5000, 12_000, 90_000, 60_000, 3000].get(usize::from(kind & 7)).copied()?,
        _ => number % 20_000,
    };
    let manner = match kind >> 4 {
        0..6 => Manner::Checks { millis },
        6..8 => Manner::Loses,
        8 => Manner::Breaks { millis },
        9 => Manner::Fails { millis },
        10..14 => return Some(Step::Pass { millis: number % 8000 }),
        14 => return Some(Step::Pass { millis: number.saturating_mul(3) }),
        _ => return Some(Step::PassHold),
    };
    let timeout_millis = match timeout & 3 {
        0 => 1000,
        1 => 10_000,
        2 => 60_000,
        _ => u64::from(timeout).saturating_mul(80).max(500),
    };
    let transit_millis = u64::from(transit).saturating_mul(1000) / 256;
    Some(Step::Ask { server: server % SERVERS, manner, timeout_millis, transit_millis })
}
