//! Caches of tickets, filled by kinit.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};

use super::REALM;
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

    /// As KRB5CCNAME has it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether something has written it.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Logs on.
    pub fn fill(&self, config: &Path, who: Account, args: &[&str]) -> Result<()> {
        let mut child = Command::new("kinit")
            .args(args)
            .arg(format!("{}@{REALM}", who.name))
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
