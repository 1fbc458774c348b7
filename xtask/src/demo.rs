//! `cargo xtask demo`

use anyhow::Result;

use crate::{install, sh, test};

pub(crate) fn run(with_install: bool) -> Result<()> {
    if with_install {
        install::packages(install::SAMBA)?;
    }
    let binary = test::build(&[])?;
    let mut demo = sh::cargo(&["run", "--quiet", "--package", "netsession-interop", "--bin", "demo"]);
    sh::run(demo.env("NETSESSION_BIN", binary))
}
