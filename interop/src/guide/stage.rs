//! Where the steps of a document are run.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::document::{Block, Step};
use crate::process;

/// What stands between the outputs of two commands.
const MARK: &str = "---8<--- ";

/// Where the steps are run, and what the names in the document stand for.
#[derive(Debug)]
pub struct Stage<'a> {
    /// The home folder, in which the commands start.
    pub home: &'a Path,
    /// In front of `PATH`.
    pub programs: &'a Path,
    /// More of the environment.
    pub environment: Vec<(&'a str, String)>,
    /// A name of the document, and the address that is meant on this machine.
    pub servers: Vec<(&'a str, String)>,
}

impl Stage<'_> {
    /// Runs all steps in one shell, and gives each with what it has printed, in the words of the document.
    pub fn run(&self, blocks: &[Block]) -> Result<Vec<(Step, Vec<String>)>> {
        let mut script = "exec 2>&1\n".to_owned();
        let mut steps = Vec::new();
        for block in blocks {
            match block {
                Block::File { path, text } => write(&self.home.join(path), &self.to_addresses(text))?,
                Block::Steps(block) => steps.extend(block.iter().cloned()),
            }
        }
        for (number, step) in steps.iter().enumerate() {
            // The exit code stays there for the next command.
            let command = self.to_addresses(&step.command);
            script += &format!("{command}\nlast=$?; echo; echo '{MARK}{number}'; (exit $last)\n");
        }
        let path = self.home.join(".steps");
        write(&path, &script)?;
        let outcome = process::run(&mut self.shell(&path), process::PATIENCE)?;
        let mut rest = self.to_names(&String::from_utf8(outcome.stdout)?);
        let mut printed = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let mark = format!("\n{MARK}{number}\n");
            let (output, after) =
                rest.split_once(&mark).with_context(|| format!("line {}: no end: {rest}", step.line))?;
            printed.push((step, output.trim_end_matches('\n').lines().map(str::to_owned).collect()));
            rest = after.to_owned();
        }
        Ok(printed)
    }

    fn shell(&self, script: &Path) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("bash");
        shell.arg(script).current_dir(self.home).env_clear().env("HOME", self.home).env("LC_ALL", "C.UTF-8");
        shell.env("PATH", format!("{}:{path}", self.programs.display()));
        shell.envs(self.environment.iter().map(|(name, value)| (name, value)));
        shell
    }

    fn to_addresses(&self, command: &str) -> String {
        self.servers
            .iter()
            .fold(command.to_owned(), |text, (name, address)| replace_word(&text, name, address))
    }

    /// An address in parentheses stays: it is what the name was resolved to.
    fn to_names(&self, output: &str) -> String {
        self.servers.iter().fold(output.to_owned(), |text, (name, address)| {
            let resolved = format!("({address}");
            text.split(&resolved).map(|part| part.replace(address, name)).collect::<Vec<_>>().join(&resolved)
        })
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

/// `fs1` in `netsession list fs1`, and not in `fs10` or `fs1.csv`.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        let stands_alone = !before.ends_with(is_part) && !after.starts_with(is_part);
        replaced += before;
        replaced += if stands_alone { by } else { word };
        rest = after;
    }
    replaced + rest
}
