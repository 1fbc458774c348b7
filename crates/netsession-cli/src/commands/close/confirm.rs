use std::io::{self, IsTerminal as _, Write};
use std::thread;

use anyhow::{Result, bail};
use tokio::sync::oneshot;

use crate::process::say;

/// How it is decided whether to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// `--yes`.
    Yes,
    /// `--dry-run`: nothing is closed.
    DryRun,
    /// The person at the terminal says.
    Ask,
}

impl Mode {
    /// An error without `--yes`, `--dry-run` and a terminal.
    pub(super) fn new(yes: bool, dry_run: bool) -> Result<Self> {
        match (yes, dry_run) {
            (true, _) => Ok(Self::Yes),
            (false, true) => Ok(Self::DryRun),
            (false, false) if io::stdin().is_terminal() => Ok(Self::Ask),
            (false, false) => bail!(
                "there is no terminal to ask on: give --yes to close without a question, or --dry-run to see what would \
                 be closed"
            ),
        }
    }
}

/// Asks on the terminal; anything but yes is no.
pub(super) async fn ask(err: &mut dyn Write) -> bool {
    say(err, "Close? [y/N] ");
    let _: io::Result<()> = err.flush();
    // Beside the runtime: Ctrl-C is still listened to.
    let (sender, line) = oneshot::channel();
    let reads = move || {
        let mut line = String::new();
        // Without a receiver the program ends.
        let _ = sender.send(io::stdin().read_line(&mut line).map(|_| line));
    };
    // Not on a thread of tokio, which panics where there is none.
    if let Err(error) = thread::Builder::new().spawn(reads) {
        say(err, &format!("no: there is no thread to read the answer on: {error}\n"));
        return false;
    }
    match line.await {
        Ok(Ok(line)) => matches!(line.trim().to_lowercase().as_str(), "y" | "yes"),
        Ok(Err(_)) | Err(_) => false,
    }
}
