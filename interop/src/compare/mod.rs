//! Side by side in one run: `netsession` and other people's clients, whole processes, on the same Samba.

mod clients;
pub mod measure;
mod perl;
mod report;

use anyhow::{Context, Result, ensure};

pub use self::clients::Client;
pub use self::measure::Cost;
pub use self::perl::PerlCost;
pub use self::report::{Report, machine};
use crate::account::{ALICE, BOB, CAROL};
use crate::many::Many;
use crate::samba::Samba;

/// Sessions that others hold (the caller's own comes on top), and how often each client lists them.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Held sessions.
    pub sessions: usize,
    /// Measured runs of each client.
    pub rounds: usize,
}

/// What is measured when nothing else is said.
pub const SIZES: [Size; 3] = [
    Size { sessions: 5, rounds: 60 },
    Size { sessions: 1_000, rounds: 30 },
    Size { sessions: 10_000, rounds: 12 },
];
const WARM_UP: usize = 2;

/// Medians of one client at one size.
#[derive(Clone, Debug)]
pub struct Row {
    /// Held sessions.
    pub sessions: usize,
    /// Name of the client.
    pub client: &'static str,
    /// Median of the wall times, and median of the CPU times.
    pub cost: Cost,
}

/// Measures all clients at one size. They take turns, so that a slow minute of the machine hits all of them.
pub fn measure(size: Size, clients: &[Client]) -> Result<Vec<Row>> {
    let samba = Samba::builder().start()?;
    let connections = size.sessions.min(4);
    let _many = Many::log_on(samba.address(), &[ALICE, BOB, CAROL], size.sessions, connections)?;
    let mut costs = vec![Vec::new(); clients.len()];
    for client in clients {
        let count = client.count(samba.address())?;
        ensure!(count > size.sessions, "{} lists only {count} of {}", client.name, size.sessions);
    }
    for round in 0..WARM_UP + size.rounds {
        for (client, costs) in clients.iter().zip(&mut costs) {
            let cost = measure::run(&client.command(samba.address())?).context(client.name)?;
            if round >= WARM_UP {
                costs.push(cost);
            }
        }
    }
    let row = |(client, costs): (&Client, Vec<Cost>)| Row {
        sessions: size.sessions,
        client: client.name,
        cost: Cost::medians(&costs),
    };
    Ok(clients.iter().zip(costs).map(row).collect())
}
