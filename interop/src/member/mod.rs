//! A member server of the private domain: Samba 4.22 of Debian 13 with winbind, which shows users as `ADLAB+name`.
//!
//! It lives in the network namespace of the domain ([`crate::domain::enter`]), on another port than the controller.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::account::Account;
use crate::domain::{Domain, LABADM, REALM, SERVER};
use crate::namespace::Namespace;
use crate::{debian13, process, rpcclient};

const UP: &str = include_str!("up.sh");
const PORT: u16 = 4_455;

/// [`LABADM`] as it logs on here.
pub const ADMIN: Account = Account { name: r"ADLAB\labadm", password: LABADM.password };

/// A running member server. It ends when this is dropped, and also when the process that holds this is killed.
pub struct Member {
    dir: PathBuf,
    namespace: Namespace,
}

impl Member {
    /// Joins the domain, and returns when a user of the domain has listed sessions.
    pub fn start(domain: &Domain) -> Result<Self> {
        let root = debian13::root()?;
        let dir = tempfile::Builder::new().prefix("netsession-member-").tempdir()?.keep();
        for folder in ["var", "log"] {
            fs::create_dir(dir.join(folder))?;
        }
        fs::write(dir.join("smb.conf"), smb_conf(&dir))?;
        fs::write(dir.join("nsswitch.conf"), "passwd: files winbind\ngroup: files winbind\nhosts: files\n")?;
        fs::copy(domain.conf(), dir.join("krb5.conf"))?;
        let script = format!("{}\n{UP}", debian13::ENTER_ROOT);
        let namespace = Namespace::start(&script, dir.clone(), ("ROOT", root.as_os_str()), Stdio::piped())?;
        let mut member = Self { dir, namespace };
        member.wait_until_ready().with_context(|| format!("the member server said: {}", member.log()))?;
        Ok(member)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, PORT).into()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let stdout = self.namespace.child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(line.trim() == "ready", "it has not joined the domain");
        let start = Instant::now();
        // Until winbindd knows the domain, log-ons are refused: one tells.
        loop {
            let refused = match rpcclient::enumerate(self.address(), ADMIN, &[])? {
                Ok(_) => return Ok(()),
                Err(status) => status,
            };
            if start.elapsed() > process::PATIENCE {
                bail!("no log-on: {refused}");
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// What it has logged so far.
    fn log(&self) -> String {
        let Ok(files) = fs::read_dir(self.dir.join("log")) else { return String::new() };
        let files = files.flatten().map(|file| file.path());
        files
            .filter(|path| path.extension() != Some(OsStr::new("cores")))
            .map(|path| fs::read_to_string(path).unwrap_or_default())
            .collect()
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("dir", &Path::new(&self.dir)).finish()
    }
}

fn smb_conf(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        "[global]
 netbios name = FS2
 workgroup = ADLAB
 realm = {REALM}
 security = ads
 server role = member server
 password server = {SERVER}
 name resolve order = host
 winbind separator = +
 idmap config * : backend = tdb
 idmap config * : range = 100000-199999
 private dir = {dir}/var/private
 lock directory = {dir}/var/lock
 state directory = {dir}/var/state
 cache directory = {dir}/var/cache
 pid directory = {dir}/var/pid
 ncalrpc dir = {dir}/var/ncalrpc
 log file = {dir}/log/samba.log
 interfaces = 127.0.0.1
 bind interfaces only = yes
 smb ports = {PORT}
 disable netbios = yes
 load printers = no
 disable spoolss = yes
 map to guest = never
[files]
 path = {dir}/var
"
    )
}
