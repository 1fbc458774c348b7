//! A private Samba: nothing on the host changes, and nothing of it is left when its test ends.

mod builder;

use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

pub use self::builder::Builder;
use crate::{account, port, process, rpcclient};

const UP: &str = include_str!("up.sh");
/// A busy machine with two cores starts several at a time.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running Samba on a port of its own on loopback, over IPv4 and IPv6. It ends when this is dropped, and also
/// when the process that holds this is killed.
pub struct Samba {
    dir: PathBuf,
    port: u16,
    child: Child,
}

impl Samba {
    /// Settings to begin from.
    pub fn builder() -> Builder {
        Builder::default()
    }

    fn start(builder: &Builder) -> Result<Self> {
        // The script removes the folder, so that it goes even when this process is killed.
        let dir = tempfile::Builder::new().prefix("netsession-samba-").tempdir()?.keep();
        let port = port::free();
        builder.write_to(&dir, port)?;
        let errors = fs::File::create(dir.join("log/up.log"))?;
        let child = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-c", UP])
            // An interrupt from the keyboard is for the tests; the script then ends by itself, and tidies up.
            .process_group(0)
            .env("PATH", path_with_sbin())
            .env("DIR", &dir)
            .env("GROUP", builder::LISTERS)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .context("cannot start unshare")?;
        let mut samba = Self { dir, port, child };
        samba.wait_until_ready()?;
        Ok(samba)
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
        let read = |name: &str| fs::read_to_string(self.dir.join("log").join(name)).unwrap_or_default();
        read("up.log") + &read("smbd.log")
    }

    /// Makes it start the RPC worker, which it does on demand and which takes 0.2 to 0.4 s.
    pub fn warm_up(&self) -> Result<()> {
        let listing = rpcclient::enumerate(self.address(), account::ADMIN, &[])?;
        ensure!(listing.is_ok(), "the warm-up was refused: {listing:?}");
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while TcpStream::connect(self.address()).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("samba did not start ({status}): {}", self.log());
            }
            ensure!(start.elapsed() < START_LIMIT, "samba takes no connection: {}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        process::end_script(&mut self.child, &self.dir);
    }
}

impl fmt::Debug for Samba {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samba").field("port", &self.port).field("dir", &Path::new(&self.dir)).finish()
    }
}

fn path_with_sbin() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/sbin")
}
