//! What a private Samba is like before it is started.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::account::{ADMIN, Account, EVERYBODY};
use crate::debian13;

/// The Unix group that is mapped to `BUILTIN\Administrators`.
pub(super) const LISTERS: &str = "listers";
/// The Unix group that is mapped to Domain Admins, where the server has them.
pub(super) const DOMAIN_ADMINS: &str = "domadmins";
const FIRST_UID: usize = 70_001;

/// The settings of a Samba to be. The default has the accounts of [`crate::account`], of which [`ADMIN`] is an
/// administrator, and one share, `files`.
#[derive(Clone, Debug)]
pub struct Builder {
    global: Vec<String>,
    users: Vec<Account>,
    administrators: Vec<&'static str>,
    domain_admins: Vec<&'static str>,
    shares: Vec<String>,
    printers: Vec<String>,
    is_on_port_445: bool,
    /// Where its programs are.
    pub(super) root: PathBuf,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            global: Vec::new(),
            users: EVERYBODY.to_vec(),
            administrators: vec![ADMIN.name],
            domain_admins: Vec::new(),
            shares: vec!["files".to_owned()],
            printers: Vec::new(),
            is_on_port_445: false,
            root: PathBuf::from("/"),
        }
    }
}

impl Builder {
    /// A line of the `[global]` section. A later one wins over an earlier one, and over the defaults.
    pub fn global(mut self, line: impl Into<String>) -> Self {
        self.global.push(line.into());
        self
    }

    /// The Samba of Debian 13 instead of that of this machine.
    pub fn of_debian13(mut self) -> Result<Self> {
        self.root = debian13::root()?;
        Ok(self)
    }

    /// One more user.
    pub fn user(mut self, account: Account) -> Self {
        self.users.push(account);
        self
    }

    /// Makes a user a member of `BUILTIN\Administrators`, and so one who may list sessions.
    pub fn administrator(mut self, name: &'static str) -> Self {
        self.administrators.push(name);
        self
    }

    /// Makes a user a member of Domain Admins, and so one who may end sessions.
    pub fn domain_admin(mut self, name: &'static str) -> Self {
        self.domain_admins.push(name);
        self
    }

    /// The group that becomes Domain Admins: empty where it has no member.
    pub(super) fn domain_admins_group(&self) -> &'static str {
        if self.domain_admins.is_empty() { "" } else { DOMAIN_ADMINS }
    }

    /// One more share that everybody can write to.
    pub fn share(mut self, name: impl Into<String>) -> Self {
        self.shares.push(name.into());
        self
    }

    /// A printer that every user can print on. What is printed is removed.
    pub fn printer(mut self, name: impl Into<String>) -> Self {
        self.printers.push(name.into());
        self
    }

    /// Lets it listen on port 445 of loopback, too: some clients know no other one. Only one can at a time.
    pub fn on_port_445(mut self) -> Self {
        self.is_on_port_445 = true;
        self
    }

    /// Writes all files that the start needs.
    pub(super) fn write_to(&self, dir: &Path, port: u16) -> Result<()> {
        for folder in ["var", "log"] {
            fs::create_dir(dir.join(folder))?;
        }
        // Every user passes through the folder on the way to the shares.
        fs::set_permissions(dir, Permissions::from_mode(0o755))?;
        for share in self.shares.iter().chain(&self.printers) {
            let folder = dir.join("shares").join(share);
            fs::create_dir_all(&folder)?;
            fs::set_permissions(folder, Permissions::from_mode(0o777))?;
        }
        fs::write(dir.join("smb.conf"), self.smb_conf(dir, port))?;
        fs::write(dir.join("passwd"), self.passwd())?;
        fs::write(dir.join("group"), self.group())?;
        let users: String =
            self.users.iter().map(|user| format!("{}:{}\n", user.name, user.password)).collect();
        fs::write(dir.join("users"), users)?;
        Ok(())
    }

    fn smb_conf(&self, dir: &Path, port: u16) -> String {
        let dir = dir.display();
        let more_ports = if self.is_on_port_445 { " 445" } else { "" };
        let mut conf = format!(
            "[global]
             netbios name = FS1
             workgroup = LAB
             private dir = {dir}/var/private
             lock directory = {dir}/var/lock
             state directory = {dir}/var/state
             cache directory = {dir}/var/cache
             pid directory = {dir}/var/pid
             ncalrpc dir = {dir}/var/ncalrpc
             log file = {dir}/log/smbd.log
             interfaces = 127.0.0.1 ::1
             bind interfaces only = yes
             smb ports = {port}{more_ports}
             disable netbios = yes
             load printers = no
             disable spoolss = yes
             map to guest = never\n"
        );
        for line in &self.global {
            let _ = writeln!(conf, "             {line}");
        }
        for share in &self.shares {
            let _ = write!(conf, "[{share}]\npath = {dir}/shares/{share}\nread only = no\n");
        }
        for printer in &self.printers {
            let _ = write!(
                conf,
                "[{printer}]\npath = {dir}/shares/{printer}\nprintable = yes\nprinting = bsd\n\
                 print command = rm %s\nlpq command = true\n"
            );
        }
        conf
    }

    fn passwd(&self) -> String {
        let mut passwd =
            "root:x:0:0:root:/:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n".to_owned();
        for (uid, user) in (FIRST_UID..).zip(&self.users) {
            let _ = writeln!(passwd, "{}:x:{uid}:70000::/:/bin/false", user.name);
        }
        passwd
    }

    fn group(&self) -> String {
        let (administrators, domain_admins) = (self.administrators.join(","), self.domain_admins.join(","));
        format!(
            "root:x:0:\nnogroup:x:65534:\npeople:x:70000:\n{LISTERS}:x:70001:{administrators}\n\
             {DOMAIN_ADMINS}:x:70002:{domain_admins}\n"
        )
    }
}
