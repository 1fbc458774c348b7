//! Caches of tickets, filled by kinit.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};

use crate::account::Account;

/// A cache of its own.
#[derive(Debug, Clone)]
pub struct Cache {
    name: String,
    path: PathBuf,
}

impl Cache {
    pub(super) fn new(folder: &Path) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let path = folder.join(format!("cache-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        Self { name: format!("FILE:{}", path.display()), path }
    }

    /// The same place as a collection of caches (DIR).
    pub fn as_folder(&self) -> Result<Self> {
        std::fs::create_dir(&self.path)?;
        Ok(Self { name: format!("DIR:{}", self.path.display()), path: self.path.clone() })
    }

    /// That of a daemon (KCM), which has one collection for each user of the machine.
    pub(super) fn of_kcm(folder: &Path) -> Self {
        Self { name: "KCM:".to_owned(), path: folder.to_owned() }
    }

    /// A collection in the kernel, which is there until [`Self::destroy`].
    pub(super) fn of_kernel(folder: &Path) -> Self {
        Self { name: format!("KEYRING:session:netsession-{}", std::process::id()), path: folder.to_owned() }
    }

    /// As KRB5CCNAME has it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether something has written it.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Puts this one in the place of another one, which is never missing meanwhile.
    pub fn take_place_of(self, other: &Self) -> Result<()> {
        std::fs::rename(&self.path, &other.path).with_context(|| other.path.display().to_string())
    }

    /// Empties the whole collection.
    pub fn destroy(&self) -> Result<()> {
        let status = Command::new("kdestroy").args(["-q", "-A"]).env("KRB5CCNAME", &self.name).status();
        ensure!(status.context("cannot start kdestroy")?.success(), "kdestroy failed");
        Ok(())
    }

    /// Logs on in the default realm of `config`, by the name among `args` if one has an `@`.
    pub fn fill(&self, config: &Path, who: Account, args: &[&str]) -> Result<()> {
        let named = args.iter().any(|arg| arg.contains('@'));
        let mut child = Command::new("kinit")
            .args(args)
            .args(Some(who.name).filter(|_| !named))
            .env("KRB5_CONFIG", config)
            .env("KRB5CCNAME", &self.name)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start kinit")?;
        writeln!(child.stdin.take().context("no input")?, "{}", who.password)?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "kinit: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

/// A keytab with the key that this password would have.
pub fn write_keytab(path: &Path, principal: &str, password: &str) -> Result<()> {
    let mut child = Command::new("ktutil").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let script = format!(
        "addent -password -p {principal} -k 1 -e aes256-cts-hmac-sha1-96\n{password}\nwkt {}\nquit\n",
        path.display()
    );
    child.stdin.take().context("no input")?.write_all(script.as_bytes())?;
    ensure!(child.wait()?.success() && path.exists(), "ktutil wrote no keytab");
    Ok(())
}
