use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use tempfile::NamedTempFile;

use crate::account::{ADMIN, Account};
use crate::netsession::List;
use crate::proxy::Proxy;
use crate::proxy::tamper::{LogOnAnswer, LogOns};

/// Relays to one server, each on an address of its own.
pub struct LateFleet {
    proxies: Vec<Proxy>,
    seen: Arc<AtomicUsize>,
}

impl LateFleet {
    /// A number of relays to `server` which do this to its answers to a log-on.
    pub fn start(server: SocketAddr, servers: u8, answer: LogOnAnswer) -> Result<Self> {
        let seen = Arc::<AtomicUsize>::default();
        let relay = |last| {
            let seen = Arc::clone(&seen);
            Proxy::to(server)
                .on(Ipv4Addr::new(127, 0, 44, last))
                .tamper(move || LogOns::new(answer, &seen))
                .start()
        };
        let proxies = (1..=servers).map(relay).collect::<Result<_>>()?;
        Ok(Self { proxies, seen })
    }

    /// Their addresses.
    pub fn targets(&self) -> Vec<String> {
        self.proxies.iter().map(|proxy| proxy.address().to_string()).collect()
    }

    /// How many log-ons have reached the server.
    pub fn log_ons(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

/// `netsession list` over all of them with a wrong password.
pub fn list(server: SocketAddr, delay: Duration, jobs: usize, timeout: Option<&str>) -> Result<usize> {
    let fleet = LateFleet::start(server, super::SERVERS, LogOnAnswer::Late(delay))?;
    let mut file = NamedTempFile::new()?;
    writeln!(file, "{}", fleet.targets().join("\n"))?;
    let (path, jobs) = (file.path().to_string_lossy().into_owned(), jobs.to_string());
    let mut list = List::new("--servers-from")?
        .args(&[&path, "--jobs", &jobs, "-f", "jsonl"])
        .login(Account { password: "wrong", ..ADMIN });
    if let Some(timeout) = timeout {
        list = list.args(&["--timeout", timeout]);
    }
    let run = list.run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let lines = run.lines()?;
    ensure!(lines.len() == usize::from(super::SERVERS), "{run:?}");
    Ok(fleet.log_ons())
}
