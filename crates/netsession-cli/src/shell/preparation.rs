use std::io::Write;

use anyhow::{Context as _, Result};
use netsession::MemoryBudget;
use tokio::runtime::{self, Runtime};

use crate::args::TargetArgs;
use crate::config;
use crate::identity::Interrupted;
use crate::output::error_line;
use crate::process::{Exit, Interrupt, open_files, say};
use crate::resolve::{Resolved, resolve};

/// What every command needs before the first packet.
pub(super) struct Preparation {
    pub(super) runtime: Runtime,
    pub(super) servers: Vec<Resolved>,
    /// Where a password was asked for, Ctrl-C is listened to already.
    pub(super) interrupt: Option<Interrupt>,
}

impl Preparation {
    /// Checks configuration, servers and credentials, and asks for the password last.
    pub(super) fn new(args: &TargetArgs, warn: &mut dyn FnMut(&str)) -> Result<Self> {
        let configuration = config::load()?;
        open_files::check().context("cannot start")?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
        // The prompt listens to signals.
        let guard = runtime.enter();
        let (servers, interrupt) = resolve(args, &configuration, warn)?;
        drop(guard);
        MemoryBudget::of_this_process().set_limit(args.connection.max_memory);
        Ok(Self { runtime, servers, interrupt })
    }
}

/// Says why nothing was sent, and gives the exit code.
pub(crate) fn rejected(error: &anyhow::Error, err: &mut dyn Write) -> Exit {
    if let Some(Interrupted(signal)) = error.downcast_ref() {
        return Exit::Signal(*signal);
    }
    say(err, &error_line(&format!("{error:#}")));
    Exit::Usage
}
