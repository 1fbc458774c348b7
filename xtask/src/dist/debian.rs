//! The package for Debian, by cargo-deb; what is in it is in the manifest of netsession-cli.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::{install, sh};

/// `netsession_VERSION_amd64.deb`, of the program that is built for `target`, and of the files of `contents`.
pub(super) fn package(out: &Path, target: &str) -> Result<PathBuf> {
    install::cargo_tool("deb")?;
    let mut deb = sh::cargo(&["deb", "--package", "netsession-cli", "--target", target, "--no-build"]);
    sh::run(deb.arg("--no-strip").arg("--output").arg(out))?;
    let package = out.join(concat!("netsession_", env!("CARGO_PKG_VERSION"), "_amd64.deb"));
    ensure!(package.is_file(), "cargo-deb has written no {}", package.display());
    Ok(package)
}
