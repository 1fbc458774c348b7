//! Which store, and what is wrong with it.

use std::path::{Path, PathBuf};
use std::{panic, process};

use anyhow::{Context as _, Result};
use clap::Args;
use netsession_history::{Error, History};

use crate::output::error_line;
use crate::process::{Exit, STATE, say};

/// The store that is read.
#[derive(Debug, Args)]
pub(super) struct StoreArgs {
    /// Store that `netsession record` writes [default: in the state folder of the user]
    ///
    /// `$XDG_STATE_HOME/netsession/history` on Unix; without the variable it is below `~/.local/state`, on macOS below
    /// `~/Library/Application Support`. `%LOCALAPPDATA%\netsession\history` on Windows.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

/// Something was wrong before anything was shown.
#[derive(Debug)]
pub(super) struct Wrong(pub(super) String);

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl StoreArgs {
    pub(super) fn path(&self) -> Result<PathBuf> {
        let path = self.store.clone().or_else(default_path);
        Ok(path.ok_or_else(|| Wrong("no --store, and neither HOME nor XDG_STATE_HOME is set".into()))?)
    }

    pub(super) fn open(&self) -> Result<History> {
        let path = self.path()?;
        // Before anything is shown: also a file that the system does not let this user read.
        History::open(&path).map_err(|error| match error {
            error @ Error::Io { .. } => Wrong(error.to_string()).into(),
            error => wrong(error),
        })
    }
}

/// A store that cannot be used is found before anything is shown; other errors come later.
pub(super) fn wrong(error: Error) -> anyhow::Error {
    match error {
        Error::Missing(_) => {
            Wrong(format!("{error}: netsession record writes it, and --store names another one")).into()
        }
        Error::Io { action: "open", .. }
        | Error::NotAFile { .. }
        | Error::NotAStore(_)
        | Error::Newer { .. }
        | Error::Damaged { .. } => Wrong(error.to_string()).into(),
        error => error.into(),
    }
}

/// Where the store is, by the custom of the system; `None` where the user has no home.
pub(crate) fn default_path() -> Option<PathBuf> {
    Some(STATE.find()?.join("netsession/history"))
}

/// The database of the store trusts a file that was closed, and panics where such a file is damaged. The program aborts
/// on panic: here it says what happened instead, and ends.
pub(super) fn explain_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| (place.file(), place.line()));
        say(&mut std::io::stderr(), &error_line(&damage(place)));
        process::exit(Exit::Failure.code().into());
    }));
}

/// What is reported, given the source file and line at which it was found. The path of the file is one of the machine that built
/// the program.
fn damage(place: Option<(&str, u32)>) -> String {
    let text = "the store is damaged: take it from a backup, or move it away";
    match place {
        Some((file, line)) => {
            let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{text} (found at {name}:{line})")
        }
        None => text.to_owned(),
    }
}

/// The folder of a store that is about to be made.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("cannot make {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_told_without_the_path_of_a_source_file() {
        for file in ["/home/builder/.cargo/registry/src/index/redb-4.6.0/src/btree.rs", r"C:\cargo\btree.rs"]
        {
            assert_eq!(
                damage(Some((file, 1110))),
                "the store is damaged: take it from a backup, or move it away (found at btree.rs:1110)"
            );
        }
        assert!(damage(None).ends_with("move it away"));
    }
}
