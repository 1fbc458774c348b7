//! A fleet of doubles, listed by `netsession` and, where it is said, by `rpcclient` under `xargs -P`, in one run.

mod clients;
mod report;

use std::io::Write;

use anyhow::{Result, ensure};
use tempfile::NamedTempFile;

pub use self::report::Report;
use crate::compare::Cost;
use crate::compare::measure::run;
use crate::fleet::Fleet;
use crate::port;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Servers, each as Samba is: without filters, which rpcclient cannot leave out.
    pub servers: usize,
    /// How many are asked at the same time.
    pub at_once: usize,
    /// What each round trip takes longer, in milliseconds.
    pub delay_ms: u64,
    /// Whether `rpcclient` is measured too.
    pub with_rpcclient: bool,
    /// Measured runs of `netsession`, after one to warm up; `rpcclient`, which takes minutes, runs once.
    pub rounds: usize,
}

/// What is measured when nothing else is said.
pub const CASES: [Case; 5] = [
    Case { servers: 1_000, at_once: 16, delay_ms: 0, with_rpcclient: true, rounds: 5 },
    Case { servers: 1_000, at_once: 256, delay_ms: 0, with_rpcclient: true, rounds: 5 },
    Case { servers: 1_000, at_once: 16, delay_ms: 20, with_rpcclient: true, rounds: 3 },
    Case { servers: 1_000, at_once: 256, delay_ms: 20, with_rpcclient: true, rounds: 5 },
    Case { servers: 10_000, at_once: 256, delay_ms: 0, with_rpcclient: false, rounds: 5 },
];

/// Medians of one client in one case.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What was measured.
    pub case: Case,
    /// Name of the client.
    pub client: &'static str,
    /// Of the whole sweep, all processes together.
    pub cost: Cost,
}

/// Measures one case; the clients take turns.
pub fn measure(case: Case) -> Result<Vec<Row>> {
    let mut scenario = NamedTempFile::with_suffix(".toml")?;
    let samba = include_str!("../../../crates/netsession-testserver/scenarios/samba.toml");
    writeln!(scenario, "delay-ms = {}\n{samba}", case.delay_ms)?;
    let fleet = Fleet::with_scenario(&scenario.path().to_string_lossy(), port::free(), case.servers)?;
    let list = fleet.list()?;
    let mut clients = vec![clients::netsession(case.at_once, list.path())?];
    if case.with_rpcclient {
        clients.push(clients::rpcclient(case.at_once, list.path(), fleet.port()));
    }
    let mut costs = vec![Vec::new(); clients.len()];
    for round in 0..=case.rounds {
        for (client, costs) in clients.iter().zip(&mut costs) {
            if round > 0 && round <= client.most_rounds {
                // One that fails for a single server fails.
                costs.push(run(&client.command())?);
            } else if round == 0 && client.most_rounds > 1 {
                let count = client.count()?;
                ensure!(count == case.servers, "{}: {count} of {} answered", client.name, case.servers);
            }
        }
    }
    let row = |(client, costs): (&clients::Client, Vec<Cost>)| Row {
        case,
        client: client.name,
        cost: Cost::medians(&costs),
    };
    Ok(clients.iter().zip(costs).map(row).collect())
}
