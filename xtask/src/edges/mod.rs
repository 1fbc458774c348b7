//! Rules that hold the house together: which crate may depend on what.

mod tree;

use anyhow::{Result, ensure};

use self::tree::{BUILD, NORMAL, dependents, links, packages};

const RUNTIMES: &[&str] =
    &["tokio", "async-std", "async-io", "async-executor", "smol", "mio", "futures-executor"];
const LOG_SINKS: &[&str] =
    &["tracing-subscriber", "tracing-appender", "env_logger", "simplelog", "fern", "log4rs"];
const ARGUMENT_PARSERS: &[&str] = &["clap", "clap_builder", "argh", "pico-args", "lexopt", "bpaf", "gumdrop"];
const OS: &[&str] = &[
    "libc",
    "windows-sys",
    "windows",
    "winapi",
    "nix",
    "rustix",
    "socket2",
    "getrandom",
    "errno",
    "linux-raw-sys",
];
const TERMINAL: &[&str] =
    &["comfy-table", "crossterm", "rpassword", "console", "indicatif", "ratatui", "termcolor", "anstream"];
const WEB: &[&str] =
    &["axum", "hyper", "warp", "actix-web", "tiny_http", "reqwest", "prometheus-client", "prometheus"];
const C_BUILDERS: &[&str] = &["cc", "cmake", "bindgen", "nasm-rs", "pkg-config", "vcpkg", "autotools"];

/// Asks the operating system which instructions the CPU has, on ARM, by `libc`; nothing else of it is reached.
const PRUNED: &[&str] = &["cpufeatures"];

pub(crate) fn run() -> Result<()> {
    let mut broken = Vec::new();
    let proto = [RUNTIMES, LOG_SINKS, ARGUMENT_PARSERS, OS, TERMINAL, WEB].concat();
    broken.extend(forbid("netsession-proto", NORMAL, PRUNED, &proto)?);
    let library = [LOG_SINKS, ARGUMENT_PARSERS, TERMINAL, WEB].concat();
    broken.extend(forbid("netsession", NORMAL, &[], &library)?);
    let exporter = [LOG_SINKS, ARGUMENT_PARSERS, TERMINAL, &["netsession-cli"]].concat();
    broken.extend(forbid("netsession-exporter", NORMAL, &[], &exporter)?);
    // It asks no server, so that it needs neither the protocol nor a runtime.
    let history =
        [RUNTIMES, LOG_SINKS, ARGUMENT_PARSERS, TERMINAL, WEB, &["netsession", "netsession-proto"]].concat();
    broken.extend(forbid("netsession-history", NORMAL, &[], &history)?);
    // Another database can take its place: the crates with a store have it by that crate alone.
    broken.extend(
        dependents("redb")?
            .into_iter()
            .filter(|name| name != "netsession-history")
            .map(|name| format!("{name} must not depend on redb")),
    );
    for package in ["netsession", "netsession-proto", "netsession-testserver"] {
        broken.extend(forbid(package, NORMAL, &[], &["redb", "netsession-history"])?);
    }
    broken.extend(forbid("netsession-cli", BUILD, &[], C_BUILDERS)?);
    broken.extend(no_native_library("netsession-cli")?);
    for line in &broken {
        eprintln!("{line}");
    }
    ensure!(broken.is_empty(), "edges that must not be: {}", broken.len());
    Ok(())
}

fn forbid(package: &str, edges: &str, pruned: &[&str], forbidden: &[&str]) -> Result<Vec<String>> {
    let found = packages(package, edges, pruned)?;
    let bad = found.into_iter().filter(|found| forbidden.contains(&found.name.as_str()));
    Ok(bad.map(|found| format!("{package} must not depend on {}", found.name)).collect())
}

/// `links` in a manifest means a native library, built or found.
fn no_native_library(package: &str) -> Result<Vec<String>> {
    let links = links()?;
    let found = packages(package, BUILD, &[])?;
    let bad = found.iter().filter_map(|found| links.get(found).map(|library| (found, library)));
    Ok(bad.map(|(found, library)| format!("{package} links {library} by {}", found.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_edge_is_found() {
        assert_eq!(
            forbid("xtask", NORMAL, &[], ARGUMENT_PARSERS).unwrap(),
            ["xtask must not depend on clap", "xtask must not depend on clap_builder"]
        );
        assert!(forbid("xtask", NORMAL, &["clap"], ARGUMENT_PARSERS).unwrap().is_empty());
        assert_eq!(dependents("redb").unwrap(), ["netsession-history"]);
        assert!(!forbid("netsession-cli", BUILD, &[], &["windows-sys"]).unwrap().is_empty(), "Windows' own");
    }
}
