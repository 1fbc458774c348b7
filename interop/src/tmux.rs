//! A program on a terminal that a test types on and looks at: tmux, with a server of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::process;

/// A terminal, and what runs on it.
#[derive(Debug)]
pub struct Tmux {
    folder: TempDir,
}

impl Tmux {
    /// Runs a command line of sh on a terminal of this size. The screen stays after its end.
    pub fn start(size: (u16, u16), environment: &[(&str, &str)], line: &str) -> Result<Self> {
        let tmux = Self { folder: tempfile::tempdir()? };
        let (width, height) = (size.0.to_string(), size.1.to_string());
        let mut command = tmux.command();
        command.args(["-f", "/dev/null", "new-session", "-d", "-x", &width, "-y", &height]);
        for (name, value) in environment {
            command.arg("-e").arg(format!("{name}={value}"));
        }
        // `cat` keeps the screen.
        command.arg(format!("{line}; echo \"END $?\"; stty -a; cat"));
        succeed(command)?;
        Ok(tmux)
    }

    /// Types keys, by the names that tmux has for them.
    pub fn keys(&self, keys: &[&str]) -> Result<()> {
        let mut command = self.command();
        command.arg("send-keys").args(keys);
        succeed(command).map(drop)
    }

    /// Makes the terminal as large as this.
    pub fn resize(&self, (width, height): (u16, u16)) -> Result<()> {
        let mut command = self.command();
        command.args(["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
        succeed(command).map(drop)
    }

    /// The lines on the screen.
    pub fn screen(&self) -> Result<String> {
        let mut command = self.command();
        command.args(["capture-pane", "-p"]);
        succeed(command)
    }

    /// The same with colours, as escapes.
    pub fn coloured_screen(&self) -> Result<String> {
        let mut command = self.command();
        command.args(["capture-pane", "-p", "-e"]);
        succeed(command)
    }

    /// Waits until the screen is as it should be, and gives it back.
    pub fn wait(&self, what: &str, is_so: impl Fn(&str) -> bool) -> Result<String> {
        let begun = Instant::now();
        loop {
            let screen = self.screen()?;
            if is_so(&screen) {
                return Ok(screen);
            }
            if begun.elapsed() > process::PATIENCE {
                bail!("it never came to: {what}\n{screen}");
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// Waits until this text is on the screen.
    pub fn wait_for(&self, text: &str) -> Result<String> {
        self.wait(text, |screen| screen.contains(text))
    }

    /// A file of the test's own.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new("tmux");
        // UTF-8 whatever the locale of the test.
        command.arg("-u").arg("-S").arg(self.socket()).env_remove("TMUX").env("TERM", "xterm");
        command
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("tmux")
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        if Path::new(&self.socket()).exists() {
            let mut command = self.command();
            command.arg("kill-server");
            let _ = succeed(command);
        }
    }
}

fn succeed(mut command: Command) -> Result<String> {
    let output = process::run(&mut command, process::PATIENCE).context("tmux")?;
    ensure!(output.code == Some(0), "tmux: {output:?}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
