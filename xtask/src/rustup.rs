//! Targets of the compiler.

use anyhow::{Context, Result, bail};

use crate::sh;

/// Adds a target, unless it is there.
pub(crate) fn add(target: &str) -> Result<()> {
    let installed = sh::read(sh::program("rustup").args(["target", "list", "--installed"]));
    let installed = installed.with_context(|| format!("there is no rustup to add the target {target}"))?;
    if installed.lines().any(|line| line == target)
        || sh::succeeds(sh::program("rustup").args(["target", "add", target]))
    {
        return Ok(());
    }
    bail!("the target {target} cannot be fetched from here")
}
