//! A user with open files: `smbclient`, kept waiting.
//!
//! The bindings of python3-samba for files know no other port than 445 and 139, so this is the client that other
//! people use by hand. It signs and encrypts as the server wants it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

use crate::account::Account;

/// One session, with files open; it ends when this is dropped.
#[derive(Debug)]
pub struct Holder {
    child: Child,
    /// With `-E` it talks on stderr, without a buffer. Open until the end, so that it can say farewell.
    talk: Option<BufReader<ChildStderr>>,
}

impl Holder {
    /// Logs `who` on to the share `files`, and opens this number of files. Returns when they are open.
    pub fn open(server: SocketAddr, who: Account, files: usize) -> Result<Self> {
        let unique = NamedTempFile::new()?;
        let unique = unique.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names: Vec<String> = (0..files).map(|number| format!("{}{unique}-{number}", who.name)).collect();
        Self::open_named(server, who, &names)
    }

    /// The same, with files of these names.
    pub fn open_named(server: SocketAddr, who: Account, names: &[impl AsRef<str>]) -> Result<Self> {
        let mut child = Command::new("smbclient")
            .args(["-s", "/dev/null", "-E", "-p"])
            .arg(server.port().to_string())
            .arg(format!("//{}/files", server.ip()))
            .arg("-U")
            .arg(format!("{}%{}", who.name, who.password))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start smbclient")?;
        let talk = child.stderr.take().map(BufReader::new);
        let mut holder = Self { child, talk };
        holder.open_files(names).with_context(|| format!("a session of {} on {server}", who.name))?;
        Ok(holder)
    }

    fn open_files(&mut self, names: &[impl AsRef<str>]) -> Result<()> {
        // Greeted is who is logged on.
        self.expect("Try \"help\"")?;
        let empty = NamedTempFile::new()?;
        for name in names {
            let name = name.as_ref();
            self.say(&format!("put {} {name}", empty.path().display()))?;
            self.expect("putting file")?;
            self.say(&format!("open {name}"))?;
            self.expect("open file")?;
        }
        Ok(())
    }

    /// One line at a time: what smbclient has read ahead it does not look at before the next input.
    fn say(&mut self, line: &str) -> Result<()> {
        let input = self.child.stdin.as_mut().context("no pipe to smbclient")?;
        Ok(writeln!(input, "{line}")?)
    }

    fn expect(&mut self, beginning: &str) -> Result<()> {
        let mut line = String::new();
        self.talk.as_mut().context("no pipe from smbclient")?.read_line(&mut line)?;
        ensure!(line.starts_with(beginning), "smbclient said: {line}");
        Ok(())
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The end of its input makes it log off.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
