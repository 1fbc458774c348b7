//! The configuration file: servers, groups of servers, credentials that servers refer to, and the exporter.
//!
//! It has no secrets in it: a password is in a file, in an environment variable, or what a command prints.

mod exporter;
mod read;
mod requirements;
mod trust;
mod value;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::model::Configuration;
use crate::process::CONFIG;
pub(crate) use value::Fault;

/// Where the configuration is, by the custom of the system; `None` where the user has no home.
pub(crate) fn default_path() -> Option<PathBuf> {
    Some(CONFIG.find()?.join("netsession/config.toml"))
}

/// The configuration of this user; empty if there is none.
pub(crate) fn load() -> Result<Configuration> {
    let Some(path) = default_path() else { return Ok(Configuration::default()) };
    Ok(load_from(&path)?.unwrap_or_default())
}

/// The configuration in a file; `None` if there is no such file.
pub(crate) fn load_from(path: &Path) -> Result<Option<Configuration>> {
    let Some(text) = text_of(path)? else { return Ok(None) };
    let (configuration, faults) = parse(&text, path.parent().unwrap_or(Path::new(".")));
    match faults.first() {
        None => Ok(Some(configuration)),
        Some(first) => bail!("{} (netsession config check names every fault)", first.line_in(path)),
    }
}

/// What the text says, and every fault in it. Relative paths count from `folder`.
pub(crate) fn parse(text: &str, folder: &Path) -> (Configuration, Vec<Fault>) {
    read::read(text, folder)
}

/// The text of the file; `None` if there is no such file. A file that other users can write is an error.
pub(crate) fn text_of(path: &Path) -> Result<Option<String>> {
    let what = || format!("cannot read {}", path.display());
    let mut file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(what),
    };
    // Check the open handle, not the path: the file can be replaced in between (TOCTOU).
    trust::check(path, &file.metadata().with_context(what)?)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).with_context(what)?;
    let text =
        String::from_utf8(bytes).ok().with_context(|| format!("{}: it is not UTF-8", path.display()))?;
    Ok(Some(text))
}

/// Opens a file without waiting: a pipe that has no writer would be waited for.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

#[cfg(test)]
mod tests;
