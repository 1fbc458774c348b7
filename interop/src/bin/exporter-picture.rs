//! `cargo xtask exporter-picture`: the picture of the exporter's start page in its documentation.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use netsession_interop::account::{Account, DOUBLE_ADMIN};
use netsession_interop::chromium::Chromium;
use netsession_interop::exporter::Exporter;
use netsession_interop::process;
use netsession_testserver::{Scenario, Server, scenario};

/// Shows the start page with targets in every state, and takes a picture of it.
#[derive(Parser)]
#[command(name = "cargo xtask exporter-picture")]
struct Options {
    /// Where to.
    #[arg(default_value = "docs/exporter-page.png")]
    file: PathBuf,
}

/// Not that of the servers.
const WRONG: Account = Account { name: "monitor", password: "Wrong-Passw0rd" };
/// Wide enough for every column, and high enough for every row below.
const PIXELS: (u32, u32) = (1100, 980);

fn main() -> Result<()> {
    let options = Options::parse();
    let (windows, samba) = (scenario::shipped("windows")?, scenario::shipped("samba")?);
    let nas = windows.clone().with_sessions(windows.sessions().iter().take(3).cloned().collect());
    let mut servers = Vec::new();
    let mut up = |scenario: Scenario| -> Result<String> {
        let (address, server) = Server::start(scenario)?;
        servers.push(server);
        Ok(address.to_string())
    };
    let targets = [
        ("fs1.example.com", Some(up(windows.clone())?), "monitor"),
        ("fs2.example.com", Some(up(windows.clone())?), "monitor"),
        ("nas1", Some(up(scenario::shipped("nas-level-1")?)?), "monitor"),
        ("nas2", Some(up(nas)?), "monitor"),
        ("samba.example.com", Some(up(samba)?), "monitor"),
        ("archive", Some("127.0.0.1:1".into()), "monitor"),
        ("branch", Some(up(windows)?), "branch"),
        // No name server has it (RFC 6761, 6.4).
        ("fs3.invalid", None, "monitor"),
        // The last one is not probed.
        ("10.0.0.9", None, "monitor"),
    ];
    let mut config = "[exporter]\nfiles = true\n[servers]\n".to_owned();
    for (name, address, credentials) in &targets {
        let address = address.as_ref().map(|address| format!("address = '{address}', ")).unwrap_or_default();
        config += &format!("'{name}' = {{ {address}credentials = '{credentials}' }}\n");
    }
    config += "[credentials]\nmonitor = { login = 'LAB\\admin', password_file = 'monitor.password' }\n\
               branch = { login = 'BRANCH\\monitor', password_file = 'branch.password' }\n";
    let exporter = Exporter::start(&config, &[("monitor", DOUBLE_ADMIN), ("branch", WRONG)])?;
    let [probed @ .., _] = &targets;
    for (target, ..) in probed {
        exporter.probe(target, process::PATIENCE)?;
    }
    let file = std::path::absolute(&options.file).context("no such place")?;
    Chromium::new()?.picture(&format!("http://{}/", exporter.address()), PIXELS, &file)?;
    println!("{}", options.file.display());
    Ok(())
}
