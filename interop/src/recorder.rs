//! A running `netsession record`.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use netsession_history::History;
use tempfile::TempDir;

use crate::account::Account;
use crate::netsession::List;
use crate::process;

/// Well above what a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(280);

/// It ends when this is dropped.
#[derive(Debug)]
pub struct Recorder {
    child: Child,
    folder: TempDir,
}

impl Recorder {
    /// Records a server every second, with a store of its own.
    pub fn start(server: &str, who: Account) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = folder.path().join("history");
        let store = store.to_str().context("a path that is no text")?;
        let record = List::of_command("record", server)?.login(who).args(&[
            "--interval",
            "1s",
            "--timeout",
            "5m",
            "--store",
            store,
        ]);
        let mut command: Command = record.into_command();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn()?;
        Ok(Self { child, folder })
    }

    /// Waits until this number of rounds with answers is stored.
    pub fn wait_for_rounds(&mut self, rounds: usize) -> Result<()> {
        let begun = Instant::now();
        let (mut last, mut seen) = (None, 0);
        while seen < rounds {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended: {status}");
            }
            ensure!(begun.elapsed() < PATIENCE, "{seen} rounds within {PATIENCE:?}");
            let answered = self.last_answer();
            if answered > last {
                (last, seen) = (answered, seen + 1);
            }
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// `None` before there is one, and before there is a store.
    fn last_answer(&self) -> Option<SystemTime> {
        let history = History::open(self.folder.path().join("history")).ok()?;
        history.servers().iter().filter_map(|server| server.last).max()
    }

    /// The most memory that it had at once.
    pub fn peak_kib(&self) -> Result<usize> {
        process::peak_kib(self.child.id())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
