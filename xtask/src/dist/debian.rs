//! The packages for Debian, by cargo-deb; what is in them is in the manifest of netsession-cli.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::target::{Package, Target};
use crate::{install, sh};

/// `netsession_VERSION_ARCHITECTURE.deb`, of the program that is built for `target`, and of the files of `contents`.
pub(super) fn package(out: &Path, target: &Target, date: &str) -> Result<PathBuf> {
    install::cargo_tool(install::DEB)?;
    let mut deb = sh::cargo(&["deb", "--package", "netsession-cli", "--target", target.triple, "--no-build"]);
    if target.package == Package::Debian("arm64") {
        deb.args(["--variant", "arm64"]);
    }
    // All that it packs has this date.
    deb.env("SOURCE_DATE_EPOCH", date);
    sh::run(deb.arg("--no-strip").arg("--output").arg(out))?;
    let package = out.join(target.download());
    ensure!(package.is_file(), "cargo-deb has written no {}", package.display());
    Ok(package)
}
