use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// What the double has counted in one process. It writes it at its end: without the double there is none.
#[derive(Debug)]
pub struct Report {
    servers: BTreeMap<String, Counts>,
    bad_frees: Option<u32>,
}

/// Of one server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of NetSessionEnum.
    pub calls: u32,
    /// Buffers that were never freed.
    pub live: u32,
}

impl Report {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut report = Self { servers: BTreeMap::new(), bad_frees: None };
        for line in fs::read_to_string(path)?.lines() {
            report.line(line).with_context(|| format!("the double reports {line:?}"))?;
        }
        Ok(report)
    }

    /// `NAME calls=N live=N`, and at the end `bad_frees=N`.
    fn line(&mut self, line: &str) -> Result<()> {
        if let Some(count) = line.strip_prefix("bad_frees=") {
            self.bad_frees = Some(count.parse()?);
            return Ok(());
        }
        let (rest, live) = line.rsplit_once(" live=").context("no live")?;
        let (name, calls) = rest.rsplit_once(" calls=").context("no calls")?;
        self.servers.insert(name.to_owned(), Counts { calls: calls.parse()?, live: live.parse()? });
        Ok(())
    }

    /// Whether the double was there at all.
    pub fn is_of_the_double(&self) -> bool {
        self.bad_frees.is_some()
    }

    /// The calls for each server, after every buffer has been freed once, and nothing else has.
    pub fn calls(&self) -> Result<Vec<(&str, u32)>> {
        ensure!(self.is_of_the_double(), "it was not the double that was asked: there is no report");
        ensure!(self.bad_frees == Some(0), "freed twice, or what is no buffer: {self:?}");
        ensure!(self.servers.values().all(|counts| counts.live == 0), "never freed: {self:?}");
        Ok(self.servers.iter().map(|(name, counts)| (name.as_str(), counts.calls)).collect())
    }
}
