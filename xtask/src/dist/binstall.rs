//! What `cargo binstall netsession-cli` downloads is what is packed here.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::target::{Package, TARGETS};
use crate::sh;

/// Each system on which somebody may install, and what is packed for it.
const SYSTEMS: [(&str, &str); 6] = [
    ("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"),
    ("x86_64-unknown-linux-musl", "x86_64-unknown-linux-musl"),
    ("aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"),
    ("aarch64-unknown-linux-musl", "aarch64-unknown-linux-musl"),
    ("x86_64-pc-windows-gnu", "x86_64-pc-windows-gnu"),
    ("x86_64-pc-windows-msvc", "x86_64-pc-windows-gnu"),
];

/// Address, folder in the archive and format of `[package.metadata.binstall]`, filled in as cargo-binstall does it.
pub(super) fn check() -> Result<()> {
    let metadata = sh::read(&mut sh::cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let package =
        packages.iter().find(|package| package["name"] == "netsession-cli").context("no netsession-cli")?;
    let binstall = &package["metadata"]["binstall"];
    for (system, packed) in SYSTEMS {
        let target = TARGETS.iter().find(|target| target.triple == packed).context(packed)?;
        let is_windows = target.package == Package::Windows;
        let filled = |key: &str| -> Result<String> {
            let own = &binstall["overrides"][system][key];
            let text = if own.is_null() { &binstall[key] } else { own };
            let text = text.as_str().with_context(|| format!("no {key} for {system}"))?;
            Ok(text
                .replace("{ repo }", package["repository"].as_str().context("no repository")?)
                .replace("{ version }", env!("CARGO_PKG_VERSION"))
                .replace("{ target }", system)
                .replace("{ bin }", "netsession")
                .replace("{ binary-ext }", if is_windows { ".exe" } else { "" }))
        };
        let url = filled("pkg-url")?;
        let name = url.rsplit('/').next().unwrap_or_default();
        ensure!(name == target.download(), "{system}: {url} instead of {}", target.download());
        let inside = format!("{}/{}", target.name(), target.file_name());
        ensure!(filled("bin-dir")? == inside, "{system}: {} instead of {inside}", filled("bin-dir")?);
        let format = if is_windows { "zip" } else { "tgz" };
        ensure!(filled("pkg-fmt")? == format, "{system}: {} instead of {format}", filled("pkg-fmt")?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn binstall_finds_what_is_packed() {
        super::check().unwrap();
    }
}
