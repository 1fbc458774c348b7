//! `cargo xtask man`: what a package brings beside the program, made by the program itself.

use std::fs;

use anyhow::{Result, ensure};

use crate::{sh, test};

/// The shells, and where their users expect the file.
const COMPLETIONS: [(&str, &str); 5] = [
    ("bash", "netsession"),
    ("zsh", "_netsession"),
    ("fish", "netsession.fish"),
    ("powershell", "_netsession.ps1"),
    ("elvish", "netsession.elv"),
];

pub(crate) fn run() -> Result<()> {
    let program = test::build(&[])?;
    let target = sh::root().join("target");
    let (pages, completions) = (target.join("man"), target.join("completions"));
    fs::create_dir_all(&pages)?;
    fs::create_dir_all(&completions)?;
    sh::run(sh::program(&program).arg("man").arg(&pages))?;
    for (shell, file) in COMPLETIONS {
        let script = sh::read(sh::program(&program).args(["completions", shell]))?;
        ensure!(script.contains("netsession"), "nothing to complete in {shell}");
        fs::write(completions.join(file), script)?;
    }
    eprintln!("{}, {}", pages.display(), completions.display());
    Ok(())
}
