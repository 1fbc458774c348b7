//! The programs: the same bytes from the same source, in whatever folder it lies, with the list of their crates inside.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result};

use super::source;
use super::target::Target;
use crate::{install, parts, rustup, sh};

/// The program for each of `targets`, stripped. All are built at the same time: the last step of each, linking the whole program,
/// uses one core.
pub(super) fn programs(targets: &[&Target]) -> Result<()> {
    install::cargo_tool(install::AUDITABLE)?;
    for target in targets {
        rustup::add(target.triple)?;
    }
    let (without_libraries, others): (Vec<_>, Vec<_>) = targets.iter().partition(|target| target.is_static());
    thread::scope(|scope| {
        let beside = scope.spawn(|| alike(&without_libraries));
        let built = alike(&others);
        built.and(parts::joined(beside))
    })
}

/// Those that are built in the same way, by one cargo.
fn alike(targets: &[&Target]) -> Result<()> {
    let Some(first) = targets.first() else { return Ok(()) };
    let build = ["auditable", "build", "--release", "--locked", "--package", "netsession-cli"];
    let mut cargo = sh::cargo(&build);
    cargo.args(["--bin", "netsession"]).args(first.features()).arg("--target-dir").arg(folder(first));
    for target in targets {
        let flags = serde_json::to_string(&flags(target)?)?;
        let setting = format!("target.{}.rustflags={flags}", target.triple);
        cargo.args(["--target", target.triple, "--config", &setting]);
        if let Some(linker) = target.linker {
            cargo.env(sh::target_variable(target.triple, "LINKER"), linker);
        }
    }
    // Either would take the place of these flags.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    // The linker for Windows writes the time of day into the program otherwise.
    cargo.env("SOURCE_DATE_EPOCH", source::date()?);
    sh::run(&mut cargo)
}

/// The static ones have a folder of their own: cargo lets no other one build where it does.
fn folder(target: &Target) -> PathBuf {
    if target.is_static() { sh::target().join("static") } else { sh::target() }
}

/// Where [`programs`] puts it.
pub(super) fn path(target: &Target) -> PathBuf {
    folder(target).join(target.triple).join("release").join(target.file_name())
}

/// Panics name files of crates: none of them may tell where this machine has them.
fn flags(target: &Target) -> Result<Vec<String>> {
    let cargo = cargo_home()?;
    let mut folders = vec![(sh::root(), "/netsession".to_owned()), (cargo.clone(), "/cargo".to_owned())];
    // The folder has the name of the registry or of its mirror. Of two that fit, the compiler takes the last.
    for entry in fs::read_dir(cargo.join("registry/src")).context("the sources of crates")? {
        folders.push((entry?.path(), "/cargo/registry".to_owned()));
    }
    let mut flags = Vec::new();
    for (from, to) in folders {
        let from = from.to_str().with_context(|| format!("{} is not UTF-8", from.display()))?;
        flags.push(format!("--remap-path-prefix={from}={to}"));
    }
    flags.extend(target.flags().iter().map(ToString::to_string));
    Ok(flags)
}

fn cargo_home() -> Result<PathBuf> {
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).context("neither CARGO_HOME nor HOME is set")
}
