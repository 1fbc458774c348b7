//! The software bill of materials of each program, in CycloneDX, by cargo-cyclonedx.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::shipped;
use super::target::Target;
use crate::{install, sh};

/// `netsession-VERSION-TARGET.cdx.json` in `out`. `source` is a copy of the workspace, in which the tool may write:
/// it puts a file beside every manifest.
pub(super) fn write(out: &Path, source: &Path, target: &Target, date: &str) -> Result<PathBuf> {
    install::cargo_tool(install::CYCLONEDX)?;
    let mut tool = sh::cargo(&["cyclonedx", "--format", "json", "--spec-version", "1.5"]);
    tool.args(["--no-build-deps", "--override-filename", "sbom", "--target", target.triple]);
    tool.args(target.features()).args(["--manifest-path", "crates/netsession-cli/Cargo.toml", "--quiet"]);
    // With it the tool writes neither the time nor a random number.
    sh::run(tool.current_dir(source).env("SOURCE_DATE_EPOCH", date))?;
    let written = source.join("crates/netsession-cli/sbom.json");
    // Crates of the workspace are named by where they lie.
    let text = fs::read_to_string(&written).with_context(|| written.display().to_string())?;
    let here = source.canonicalize()?.display().to_string();
    let text = text.replace(&here, "/netsession").replace(&source.display().to_string(), "/netsession");
    check(&text, target)?;
    let file = out.join(format!("{}.cdx.json", target.name()));
    fs::write(&file, text).with_context(|| file.display().to_string())?;
    Ok(file)
}

/// It names each crate of the program, with a licence, and no place on this machine.
fn check(text: &str, target: &Target) -> Result<()> {
    let sbom: Value = serde_json::from_str(text)?;
    ensure!(sbom["bomFormat"] == "CycloneDX" && sbom["specVersion"] == "1.5", "no CycloneDX 1.5");
    ensure!(!text.contains(&sh::root().display().to_string()), "the SBOM has a path of this machine");
    let mut components = sbom["components"].as_array().context("no components")?.clone();
    components.push(sbom["metadata"]["component"].clone());
    let mut named = BTreeSet::new();
    for component in &components {
        let text = |key: &str| component[key].as_str().context("a component without a name or version");
        let name = format!("{} {}", text("name")?, text("version")?);
        ensure!(component["licenses"][0].is_object(), "{name} has no licence in the SBOM");
        named.insert(name);
    }
    shipped::ensure_all(&shipped::crates(target)?, &named, &format!("the SBOM of {}", target.triple))
}
