//! A private Samba: nothing on the host changes, and nothing of it is left when its test ends.

mod builder;

use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

pub use self::builder::Builder;
use crate::namespace::Namespace;
use crate::{account, debian13, port, process, rpcclient};

const UP: &str = include_str!("up.sh");

/// A running Samba on a port of its own on loopback, over IPv4 and IPv6. It ends when this is dropped, and also
/// when the process that holds this is killed.
pub struct Samba {
    dir: PathBuf,
    port: u16,
    namespace: Namespace,
}

impl Builder {
    /// Starts it, and returns when it takes connections.
    pub fn start(self) -> Result<Samba> {
        let dir = tempfile::Builder::new().prefix("netsession-samba-").tempdir()?.keep();
        let port = port::free();
        self.write_to(&dir, port)?;
        let script = format!(
            "{}\nGROUP={}\nDOMAIN_ADMINS={}\n{UP}",
            debian13::ENTER_ROOT,
            builder::LISTERS,
            self.domain_admins_group()
        );
        let root = ("ROOT", self.root.as_os_str());
        let namespace = Namespace::start(&script, dir.clone(), root, Stdio::null())?;
        let mut samba = Samba { dir, port, namespace };
        let address = samba.address();
        let log = samba.log_files();
        let is_ready = || TcpStream::connect(address).is_ok();
        process::wait_until_ready(&mut samba.namespace.child, is_ready, || text(&log))?;
        Ok(samba)
    }
}

impl Samba {
    /// Settings to begin with.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `127.0.0.1` and the port.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// `::1` and the port.
    pub fn address_v6(&self) -> SocketAddr {
        (Ipv6Addr::LOCALHOST, self.port).into()
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its configuration file; the programs of Samba take it with `-s`.
    pub fn conf(&self) -> PathBuf {
        self.dir.join("smb.conf")
    }

    /// The folder of a share.
    pub fn share(&self, name: &str) -> PathBuf {
        self.dir.join("shares").join(name)
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        text(&self.log_files())
    }

    /// Processor time of it and its helpers so far, those that have ended included.
    pub fn cpu(&self) -> Result<Duration> {
        process::cpu_of_tree(self.namespace.child.id())
    }

    fn log_files(&self) -> [PathBuf; 2] {
        ["up.log", "smbd.log"].map(|name| self.dir.join("log").join(name))
    }

    /// Makes it start the RPC worker, which it does on demand and which takes 0.2 to 0.4 s. On a busy machine Samba
    /// does not wait for it, and refuses the pipe.
    pub fn warm_up(&self) -> Result<()> {
        let begin = Instant::now();
        loop {
            let listing = rpcclient::enumerate(self.address(), account::ADMIN, &[])?;
            match listing {
                Ok(_) => return Ok(()),
                Err(status)
                    if status == "NT_STATUS_CONNECTION_REFUSED" && begin.elapsed() < process::PATIENCE =>
                {
                    thread::sleep(Duration::from_millis(100));
                }
                Err(status) => bail!("the warm-up was refused: {status}"),
            }
        }
    }
}

impl fmt::Debug for Samba {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samba").field("port", &self.port).field("dir", &Path::new(&self.dir)).finish()
    }
}

fn text(files: &[PathBuf]) -> String {
    files.iter().map(|file| fs::read_to_string(file).unwrap_or_default()).collect()
}
