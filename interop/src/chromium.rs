//! Debian's Chromium, without a window.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use tempfile::TempDir;

use crate::process::{self, ProgramOutput};

/// Shows a page in light colours.
pub const LIGHT: &str = "--blink-settings=preferredColorScheme=1";
/// Shows a page in dark colours.
pub const DARK: &str = "--blink-settings=preferredColorScheme=0";

/// A browser with its own profile. It is started again for each page.
#[derive(Debug)]
pub struct Chromium {
    profile: TempDir,
}

impl Chromium {
    /// One with an empty profile.
    pub fn new() -> Result<Self> {
        Ok(Self { profile: tempfile::tempdir()? })
    }

    /// What it makes of a page, with its script run.
    pub fn dom(&self, url: &str, options: &[&str]) -> Result<String> {
        let output = self.run(&[options, &["--dump-dom", url]].concat())?;
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A picture of a page in light colours, this many pixels wide and high.
    pub fn picture(&self, url: &str, (width, height): (u32, u32), file: &Path) -> Result<()> {
        let (size, file) =
            (format!("--window-size={width},{height}"), format!("--screenshot={}", file.display()));
        self.run(&["--hide-scrollbars", LIGHT, &size, &file, url]).map(drop)
    }

    fn run(&self, arguments: &[&str]) -> Result<ProgramOutput> {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let mut chromium = Command::new("chromium");
        // The sandbox of Chromium does not start as root.
        chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", &profile]);
        let output = process::run(chromium.args(arguments), process::PATIENCE)?;
        ensure!(output.code == Some(0), "{output:?}");
        Ok(output)
    }
}
