//! A server in a mount and process namespace of its own, held by a shell script.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::process;

/// A running script. It ends when this is dropped, and also when the process that holds this is killed: it reads its
/// standard input to the end, and whatever it has started ends with it.
pub(crate) struct Namespace {
    pub(crate) child: Child,
    dir: PathBuf,
}

impl Namespace {
    /// Runs a script, which removes the folder `DIR` at its end, so that it goes even when this process is killed.
    pub(crate) fn start(script: &str, dir: PathBuf, more: (&str, &OsStr), stdout: Stdio) -> Result<Self> {
        let errors = File::create(dir.join("log/up.log"))?;
        let child = Command::new("unshare")
            .args([
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--propagation",
                "private",
                "sh",
                "-c",
                script,
            ])
            // An interrupt from the keyboard is for the tests; the script then ends by itself, and tidies up.
            .process_group(0)
            .env("PATH", process::path_with_sbin())
            .env("DIR", &dir)
            .env(more.0, more.1)
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(errors)
            .spawn()
            .context("cannot start unshare")?;
        Ok(Self { child, dir })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
        // Only left when the script did not come to its end.
        if self.dir.exists() {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}
