//! impacket from PyPI, in a virtual environment of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::account::Account;

const SCRIPT: &str = include_str!("impacket.py");
/// So that two runs compare the same thing.
const VERSION: &str = "impacket==0.13.0";

/// Gives the interpreter of an environment in `folder` that has impacket; makes it on first use.
pub fn prepare(folder: &Path) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    if succeeds(Command::new(&python).args(["-c", "import impacket.dcerpc.v5.srvs"])).is_ok() {
        return Ok(python);
    }
    succeeds(Command::new("python3").args(["-m", "venv"]).arg(folder))
        .context("no virtual environment (Debian package python3-venv)")?;
    // pkg_resources, which it imports, is in setuptools.
    succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet", VERSION, "setuptools<81"]))
        .context("impacket cannot be installed")?;
    Ok(python)
}

pub(super) fn command(python: &Path, server: SocketAddr, who: Account) -> Command {
    let plan = serde_json::json!({
        "host": server.ip().to_string(),
        "port": server.port(),
        "user": who.name,
        "password": who.password,
    });
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]).arg(plan.to_string());
    command
}

fn succeeds(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
