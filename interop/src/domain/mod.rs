//! A private Active Directory domain: Samba as its domain controller and only file server, with Kerberos.
//!
//! Its ports are fixed and below 1024, so it lives in a network namespace, and its clients must be there
//! as well: [`enter`] moves the whole test program.

mod enter;
mod ticket;

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

pub use self::enter::enter;
pub use self::ticket::{Cache, write_keytab};
use crate::account::Account;
use crate::namespace::Namespace;
use crate::netsession::List;
use crate::process;
use crate::shared::lock;

const UP: &str = include_str!("up.sh");

/// The name of the domain controller, which is its only file server.
pub const SERVER: &str = "dc1.adlab.test";
/// Another name of it, that the domain does not know.
pub const ALIAS: &str = "alias.adlab.test";
/// The realm, which is the domain's name in upper case.
pub const REALM: &str = "ADLAB.TEST";
/// A name that DNS has as another one of [`SERVER`], and that the domain does not know.
pub const CNAME: &str = "fs1.adlab.test";
/// A realm whose domain controller takes connections and says nothing.
pub const SILENT_REALM: &str = "SILENT.TEST";
/// A realm whose domain controller is off.
pub const DOWN_REALM: &str = "DOWN.TEST";
/// Where the silent one is; see [`Domain::be_silent`].
const SILENT_PORT: u16 = 8_888;

/// Member of Domain Admins.
pub const LABADM: Account = Account { name: "labadm", password: "P@ssw0rd-labadm" };
/// An ordinary user.
pub const BOB: Account = Account { name: "bob", password: "P@ssw0rd-bob" };
/// An ordinary user whose wrong passwords are counted.
pub const CAROL: Account = Account { name: "carol", password: "P@ssw0rd-carol" };
/// Another one.
pub const FRIDA: Account = Account { name: "frida", password: "P@ssw0rd-frida" };
/// A user that is disabled.
pub const DORA: Account = Account { name: "dora", password: "P@ssw0rd-dora" };

/// Member of Domain Admins, with another name to log on with: [`ERIN_UPN`].
pub const ERIN: Account = Account { name: "erin", password: "P@ssw0rd-erin" };
/// The user principal name of [`ERIN`], whose suffix is no realm.
pub const ERIN_UPN: &str = "erin.admin@corp.example";

/// A running domain. It ends when this is dropped, and also when the process that holds this is killed.
pub struct Domain {
    dir: PathBuf,
    namespace: Namespace,
}

impl Domain {
    /// Makes the domain and starts its controller, in about six seconds.
    pub fn start() -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("netsession-domain-").tempdir()?.keep();
        for folder in ["ad", "log", "tickets", "kcm"] {
            fs::create_dir(dir.join(folder))?;
        }
        fs::write(dir.join("krb5.conf"), krb5_conf(&dir, NO_DNS, "127.0.0.1"))?;
        // What Debian, Red Hat and MIT ship says nothing about names.
        fs::write(dir.join("krb5-defaults.conf"), krb5_conf(&dir, "", "127.0.0.1"))?;
        fs::write(
            dir.join("krb5-rc4.conf"),
            krb5_conf(
                &dir,
                &format!("{NO_DNS}\n permitted_enctypes = rc4-hmac\n allow_weak_crypto = true"),
                "127.0.0.1",
            ),
        )?;
        let conf = dir.join("krb5.conf");
        let namespace = Namespace::start(UP, dir.clone(), ("KRB5_CONFIG", conf.as_os_str()), Stdio::piped())?;
        let mut domain = Self { dir, namespace };
        domain.wait_until_ready().with_context(|| format!("the domain controller said: {}", domain.log()))?;
        Ok(domain)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let stdout = self.namespace.child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(line.trim() == "ready", "the domain was not made");
        let start = Instant::now();
        // Then its ports, and winbindd, without which every log-on fails: a log-on tells.
        while [445, 88, 389].into_iter().any(|port| TcpStream::connect(("127.0.0.1", port)).is_err()) {
            ensure!(start.elapsed() < process::PATIENCE, "it takes no connections");
            thread::sleep(Duration::from_millis(20));
        }
        loop {
            let cache = self.kinit(LABADM, &[]);
            let listed = cache.and_then(|cache| self.list(SERVER, Some(&cache))?.args(&["-l", "1"]).rows());
            match listed {
                Ok(_) => return Ok(()),
                Err(error) if start.elapsed() > process::PATIENCE => return Err(error),
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// What the controller has logged so far.
    pub fn log(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.dir.join("log").join(name)).unwrap_or_default();
        ["up.log", "provision.log", "samba.log"].map(read).concat()
    }

    /// The key of [`LABADM`].
    pub fn keytab(&self) -> PathBuf {
        self.dir.join("labadm.keytab")
    }

    /// A configuration of Kerberos that allows RC4 alone.
    pub fn rc4_conf(&self) -> PathBuf {
        self.dir.join("krb5-rc4.conf")
    }

    /// A path that no other cache of this domain has.
    pub fn new_cache(&self) -> Cache {
        Cache::new(&self.dir.join("tickets"))
    }

    /// The caches that Heimdal's daemon keeps in this domain: there is one place for all tests.
    pub fn kcm(&self) -> Cache {
        Cache::of_kcm(&self.dir)
    }

    /// Caches in the kernel, one place for all tests.
    pub fn keyring(&self) -> Cache {
        Cache::of_kernel(&self.dir)
    }

    /// The configuration of Kerberos.
    pub fn conf(&self) -> PathBuf {
        self.dir.join("krb5.conf")
    }

    /// That with MIT's defaults for names: host-based services go through DNS, there and back.
    pub fn default_conf(&self) -> PathBuf {
        self.dir.join("krb5-defaults.conf")
    }

    /// One whose domain controller of [`REALM`] is there.
    pub fn conf_with_kdc(&self, kdc: &str) -> Result<PathBuf> {
        // KRB5_CONFIG is a list, separated by colons.
        let path = self.dir.join(format!("krb5-{}.conf", kdc.replace(['.', ':'], "-")));
        fs::write(&path, krb5_conf(&self.dir, NO_DNS, kdc))?;
        Ok(path)
    }

    /// One whose domain controller of [`REALM`] takes connections and says nothing: see [`Domain::be_silent`].
    pub fn silent_conf(&self) -> Result<PathBuf> {
        self.conf_with_kdc(&format!("127.0.0.1:{SILENT_PORT}"))
    }

    /// A fresh cache with a ticket of this account, by kinit.
    pub fn kinit(&self, who: Account, args: &[&str]) -> Result<Cache> {
        let cache = self.new_cache();
        cache.fill(&self.conf(), who, args)?;
        Ok(cache)
    }

    /// `netsession list SERVER`, with this cache and no other.
    pub fn list(&self, server: &str, cache: Option<&Cache>) -> Result<List> {
        let none = self.dir.join("no-such-cache").display().to_string();
        let cache = cache.map_or(none, |cache| cache.name().to_owned());
        let list = List::new(server)?.env("KRB5_CONFIG", self.conf()).env("KRB5CCNAME", cache);
        // Keytabs of the machine would be another identity.
        Ok(list.env("KRB5_CLIENT_KTNAME", self.dir.join("no-such-keytab")))
    }

    /// How many wrong passwords the domain has counted for an account since its last log-on.
    pub fn wrong_passwords(&self, who: Account) -> Result<u32> {
        const SCRIPT: &str = include_str!("wrong_passwords.py");
        let mut python = Command::new("/usr/bin/python3");
        python.args(["-c", SCRIPT, who.name]);
        let outcome = process::run(&mut python, process::PATIENCE)?;
        ensure!(outcome.code == Some(0), "{outcome:?}");
        Ok(String::from_utf8_lossy(&outcome.stdout).trim().parse()?)
    }

    /// Takes connections where the controller of [`SILENT_REALM`] would be, and says nothing.
    pub fn be_silent() -> Result<()> {
        static STARTED: Mutex<bool> = Mutex::new(false);
        let mut started = lock(&STARTED);
        if std::mem::replace(&mut *started, true) {
            return Ok(());
        }
        let listener = std::net::TcpListener::bind(("127.0.0.1", SILENT_PORT))?;
        thread::spawn(move || {
            let held: Vec<_> = listener.incoming().collect();
            drop(held);
        });
        Ok(())
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domain").field("dir", &Path::new(&self.dir)).finish()
    }
}

const NO_DNS: &str = "rdns = false\n dns_canonicalize_hostname = false";

fn krb5_conf(dir: &Path, more: &str, kdc: &str) -> String {
    let dir = dir.display();
    format!(
        "[libdefaults]
 default_realm = {REALM}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 udp_preference_limit = 1
 kcm_socket = {dir}/kcm/.heim_org.h5l.kcm-socket
 {more}
[realms]
 {REALM} = {{
  kdc = {kdc}
 }}
 {SILENT_REALM} = {{
  kdc = 127.0.0.1:{SILENT_PORT}
 }}
 {DOWN_REALM} = {{
  kdc = 127.0.0.1:1
 }}
[domain_realm]
 .adlab.test = {REALM}
"
    )
}
