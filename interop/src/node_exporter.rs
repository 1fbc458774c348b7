//! Debian's node_exporter, with its textfile collector alone.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::{http, port, process};

/// One that answers until this is dropped.
#[derive(Debug)]
pub struct NodeExporter {
    child: Child,
    address: String,
}

impl NodeExporter {
    /// Reads the files `*.prom` of this folder at each request.
    pub fn start(folder: &Path) -> Result<Self> {
        let address = format!("127.0.0.1:{}", port::free());
        let log = NamedTempFile::new()?;
        let mut child = Command::new("prometheus-node-exporter")
            .args(["--collector.disable-defaults", "--collector.textfile", "--log.level=warn"])
            .arg(format!("--collector.textfile.directory={}", folder.display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.reopen()?)
            .spawn()
            .context("cannot start prometheus-node-exporter")?;
        let is_ready = || http::get(&address, "/", &[]).is_ok_and(|response| response.status == 200);
        let said = || fs::read_to_string(log.path()).unwrap_or_default();
        let ready = process::wait_until_ready(&mut child, is_ready, said);
        let exporter = Self { child, address };
        ready.map(|()| exporter)
    }

    /// Address and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `/metrics`
    pub fn metrics(&self) -> Result<String> {
        Ok(http::get(&self.address, "/metrics", &[])?.body)
    }
}

impl Drop for NodeExporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
