//! impacket from PyPI, in a virtual environment of its own: its client, and its file server.

mod holder;
mod server;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};

pub use self::holder::Holder;
pub use self::server::FileServer;
use crate::account::Account;
use crate::oracle::{self, Listing, Question};
use crate::process;

const SCRIPT: &str = include_str!("impacket.py");
/// So that two runs compare the same thing.
const VERSION: &str = "impacket==0.13.0";

/// The interpreter of the environment; an error where there is none yet.
pub fn python() -> Result<PathBuf> {
    let python = folder()?.join("bin/python");
    succeeds(Command::new(&python).args(["-c", "import impacket.dcerpc.v5.srvs"]))
        .context("impacket in target/impacket (cargo xtask test --install)")?;
    Ok(python)
}

/// The same, made where there is none yet.
pub fn prepare() -> Result<PathBuf> {
    if let Ok(python) = python() {
        return Ok(python);
    }
    let folder = folder()?;
    succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder))
        .context("no virtual environment (Debian package python3-venv)")?;
    let python = folder.join("bin/python");
    // pkg_resources, which it imports, is in setuptools.
    succeeds(Command::new(python).args(["-m", "pip", "install", "--quiet", VERSION, "setuptools<81"]))
        .context("impacket cannot be installed")?;
    self::python()
}

/// In the target folder, beside the profiles.
fn folder() -> Result<PathBuf> {
    Ok(process::target()?.join("impacket"))
}

/// Asks `server`: all at once, it knows no pages.
pub fn list(server: SocketAddr, who: Account, question: &Question) -> Result<Listing> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let python = PYTHON.get_or_init(|| python().ok()).as_ref().context("no impacket")?;
    let mut command = command(python, server, who, question);
    oracle::listing(&process::run(&mut command, process::PATIENCE)?)
}

/// The whole command line, for who wants to run it alone.
pub fn command(python: &Path, server: SocketAddr, who: Account, question: &Question) -> Command {
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]).arg(question.plan(server, who).to_string());
    command
}

fn succeeds(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
