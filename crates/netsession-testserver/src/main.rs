//! The file-server double as a program.

use std::error::Error;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use netsession_testserver::scenario::{SHIPPED, ScenarioError, shipped};
use netsession_testserver::{Scenario, Server};

/// A file server for tests: SMB 2.0.2 to 3.1.1, as a scenario describes it
///
/// It lists its sessions, open files, shares and connections, closes files, ends sessions, and reports the time and what it
/// is: the calls NetrSessionEnum, NetrFileEnum, NetrFileGetInfo, NetrShareEnum, NetrConnectionEnum, NetrFileClose,
/// NetrSessionDel, NetrRemoteTOD and NetrServerGetInfo.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Scenario file, or one of windows, windows-hardened, samba, illumos, nas-level-1.
    #[arg(default_value = "windows")]
    scenario: String,
    /// Address and port to listen on. Port 0 selects a free port, the same on every address.
    #[arg(long, default_value = "127.0.0.1:4450", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Number of addresses to listen on, from the first one upwards.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    addresses: u32,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A failure to write to stderr cannot be reported anywhere.
            let _ = writeln!(std::io::stderr(), "netsession-testserver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let scenario = load(&arguments.scenario)?;
    let mut first = arguments.listen;
    if first.port() == 0 && arguments.addresses > 1 {
        first = free_port(first)?;
    }
    let addresses: Vec<SocketAddr> =
        (0..arguments.addresses).map(|number| nth_after(first, number)).collect();
    allow_many_files();
    let logins: Vec<String> = scenario.users().iter().map(|user| user.name.clone()).collect();
    let (bound, server) = Server::start_on(scenario, &addresses)?;
    let mut stdout = std::io::stdout();
    if let (Some(first), Some(last)) = (bound.first(), bound.last()) {
        let through = if bound.len() > 1 { format!(" to {last}") } else { String::new() };
        writeln!(stdout, "listening on {first}{through}; logins: {}", logins.join(", "))?;
        stdout.flush()?;
    }
    server.wait();
    Ok(())
}

fn load(scenario: &str) -> Result<Scenario, ScenarioError> {
    let path = Path::new(scenario);
    let looks_like_a_name = path.extension().is_none() && path.components().count() == 1;
    if SHIPPED.contains(&scenario) || (looks_like_a_name && !path.exists()) {
        shipped(scenario)
    } else {
        Scenario::load(path)
    }
}

/// The same address with a free port.
fn free_port(address: SocketAddr) -> std::io::Result<SocketAddr> {
    TcpListener::bind(address)?.local_addr()
}

/// Every address and every connection is an open file, and the usual limit is 1,024 open files.
#[cfg(unix)]
fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Best effort: without the higher limit, listening fails with an error of its own.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

#[cfg(not(unix))]
fn allow_many_files() {}

/// The address `number` places after this one, on the same port.
fn nth_after(first: SocketAddr, number: u32) -> SocketAddr {
    let ip = match first.ip() {
        IpAddr::V4(ip) => IpAddr::V4(ip.to_bits().wrapping_add(number).into()),
        IpAddr::V6(ip) => IpAddr::V6(ip.to_bits().wrapping_add(u128::from(number)).into()),
    };
    SocketAddr::new(ip, first.port())
}
