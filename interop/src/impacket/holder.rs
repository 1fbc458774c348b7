use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::account::Account;

const SCRIPT: &str = include_str!("holder.py");

/// One session of impacket, with files and folders open; it ends when this is dropped. Unlike `smbclient` it opens
/// folders and says with which status a write failed.
#[derive(Debug)]
pub struct Holder {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Holder {
    /// Logs `who` on to a share.
    pub fn log_on(server: SocketAddr, who: Account, share: &str) -> Result<Self> {
        let plan = json!({
            "host": server.ip().to_string(), "port": server.port(), "user": who.name, "password": who.password,
            "share": share,
        });
        let mut child = Command::new(super::python()?)
            .args(["-c", SCRIPT, &plan.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(child.stdout.take().context("no pipe from impacket")?);
        let mut holder = Self { child, output };
        ensure!(holder.status()? == 0, "impacket did not log on");
        Ok(holder)
    }

    /// Opens a file, which is made where there is none.
    pub fn open(&mut self, path: &str) -> Result<()> {
        let status = self.carry_out(&json!({ "open": path, "folder": false }))?;
        ensure!(status == 0, "{path}: status {status:#x}");
        Ok(())
    }

    /// Opens a folder, which is made where there is none.
    pub fn open_folder(&mut self, path: &str) -> Result<()> {
        let status = self.carry_out(&json!({ "open": path, "folder": true }))?;
        ensure!(status == 0, "{path}: status {status:#x}");
        Ok(())
    }

    /// Writes a byte to what was opened `number`-th, from 0: the status.
    pub fn write(&mut self, number: usize) -> Result<u32> {
        self.carry_out(&json!({ "write": number }))
    }

    fn carry_out(&mut self, command: &Value) -> Result<u32> {
        let input = self.child.stdin.as_mut().context("no pipe to impacket")?;
        writeln!(input, "{command}")?;
        self.status()
    }

    fn status(&mut self) -> Result<u32> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).with_context(|| format!("impacket said {line:?}"))?;
        answer["status"].as_u64().and_then(|status| u32::try_from(status).ok()).context("no status")
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The end of its input ends it.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
