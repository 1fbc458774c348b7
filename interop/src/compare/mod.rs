//! Side by side in one run: `netsession` and other people's clients, whole processes, on the same Samba.

mod clients;
pub mod measure;
mod perl;
mod report;

use anyhow::{Context, Result, ensure};

pub use self::clients::{Client, clients_of_files};
pub use self::measure::Cost;
pub use self::perl::PerlCost;
pub use self::report::{Report, machine};
use crate::account::{ALICE, BOB, CAROL};
use crate::holder::Holder;
use crate::many::Many;
use crate::samba::Samba;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The caller's own session comes on top of those that others hold.
    Sessions,
    /// Open files, held by three users.
    Files,
}

impl Subject {
    /// For a number of them.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Files => "files",
        }
    }
}

/// How many sessions or files others hold, and how often each client lists them.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Held sessions or files.
    pub held: usize,
    /// Measured runs of each client.
    pub rounds: usize,
}

/// What is measured when nothing else is said.
pub const SIZES: [Size; 3] =
    [Size { held: 5, rounds: 60 }, Size { held: 1_000, rounds: 30 }, Size { held: 10_000, rounds: 24 }];
/// The same of files.
pub const FILE_SIZES: [Size; 3] =
    [Size { held: 10, rounds: 60 }, Size { held: 1_000, rounds: 30 }, Size { held: 10_000, rounds: 12 }];
const WARM_UP: usize = 2;

/// Medians of one client at one size.
#[derive(Clone, Debug)]
pub struct Row {
    /// Held sessions or files.
    pub held: usize,
    /// Name of the client.
    pub client: &'static str,
    /// Median of the wall times, and median of the CPU times.
    pub cost: Cost,
}

/// Measures all clients at one size. They take turns, so that a slow minute of the machine hits all of them.
pub fn measure(subject: Subject, size: Size, clients: &[Client]) -> Result<Vec<Row>> {
    let mut builder = Samba::builder();
    if clients.iter().any(|client| client.is_on_port_445) {
        builder = builder.on_port_445();
    }
    let samba = builder.start()?;
    let (users, held) = ([ALICE, BOB, CAROL], size.held);
    let (_sessions, _files);
    match subject {
        Subject::Sessions => _sessions = Many::log_on(samba.address(), &users, held, held.min(4))?,
        Subject::Files => {
            let part = |index: usize| held / users.len() + usize::from(index < held % users.len());
            let holders = users.into_iter().enumerate();
            let opened = holders.map(|(index, who)| Holder::open(samba.address(), who, part(index)));
            _files = opened.collect::<Result<Vec<_>>>()?;
        }
    }
    let mut costs = vec![Vec::new(); clients.len()];
    for client in clients {
        let count = client.count(samba.address())?;
        let least = held + usize::from(subject == Subject::Sessions);
        ensure!(count >= least, "{} lists only {count} of {held}", client.name);
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
        held,
        client: client.name,
        cost: Cost::medians(&costs),
    };
    Ok(clients.iter().zip(costs).map(row).collect())
}
