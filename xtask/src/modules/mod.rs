//! `cargo xtask check-modules`: no two modules of a crate import each other, directly or through others.
//!
//! Read from source text, so it needs no build. An import counts where the item is defined, not where it is
//! re-exported; a `mod.rs` may re-export what its children define. The arguments of macros and attributes count as code.
//! Tests (`#[cfg(test)]`) may import what they like. Not seen are a method that another module adds to a type, where it is called
//! as `self.method()`, and the fuzz targets, which are a workspace of their own.

mod cycles;
mod graph;
mod module;
mod source;
mod tokens;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use self::source::Crate;
use crate::sh;

pub(crate) fn run() -> Result<()> {
    let metadata = sh::read(&mut sh::cargo(&["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let mut count = 0;
    for package in metadata["packages"].as_array().context("cargo metadata has no packages")? {
        for target in package["targets"].as_array().into_iter().flatten() {
            let path = target["src_path"].as_str().context("a target without src_path")?;
            let source = Crate::read(path.as_ref()).with_context(|| path.to_owned())?;
            for cycle in cycles::find(&source, &graph::imports(&source)) {
                let kind = target["kind"][0].as_str().unwrap_or_default();
                eprintln!("{} ({kind} {}): {cycle}", package["name"], target["name"]);
                count += 1;
            }
        }
    }
    ensure!(count == 0, "groups of modules that import each other: {count}");
    Ok(())
}

#[cfg(test)]
mod tests;
