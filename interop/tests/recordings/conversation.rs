//! A recorded conversation as a file: what its comment says, and its messages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use netsession_interop::recordings;
use netsession_interop::suite::{Need, Suite};

/// All messages between a client and a server, in order.
pub(crate) struct Conversation {
    /// The password that the comment names.
    pub(crate) password: String,
    pub(crate) messages: Vec<Message>,
}

/// A message without the bytes of its length.
pub(crate) struct Message {
    pub(crate) from_client: bool,
    /// Its frame in the capture, for errors.
    pub(crate) frame: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Conversation {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)?;
        // `; user LAB\alice, password Secret1!; pipe samr`
        let password = text.split_once("password ").and_then(|(_, rest)| rest.split_once(';'));
        let (password, _) = password.context("the comment names no password")?;
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let messages = lines.map(message).collect::<Result<Vec<_>>>()?;
        ensure!(!messages.is_empty(), "no messages");
        Ok(Self { password: password.to_owned(), messages })
    }
}

/// `c 42 ff534d42…`, or `s` for one of the server.
fn message(line: &str) -> Result<Message> {
    let mut words = line.split_whitespace();
    let from_client = match words.next() {
        Some("c") => true,
        Some("s") => false,
        _ => bail!("neither client nor server: {line}"),
    };
    let frame = words.next().context("no frame")?.parse()?;
    Ok(Message { from_client, frame, bytes: recordings::bytes(words.next().context("no bytes")?)? })
}

/// The files of a folder of the recordings, by name. A test of its own fails if one of `checked` begins no name: what is
/// held against a file of that name would be checked no more.
pub(crate) fn files(
    suite: &mut Suite,
    folder: &'static str,
    checked: &[&'static str],
) -> Vec<(String, PathBuf)> {
    let (files, error) = match read_folder(folder) {
        Ok(files) => (files, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let is_there = |start: &&str| files.iter().any(|(name, _)| name.starts_with(*start));
    let missing: Vec<_> = checked.iter().copied().filter(|start| !is_there(start)).collect();
    suite.test(&[Need::Recordings], format!("recordings::are_there::{folder}"), move || {
        error.map_or(Ok(()), Err)?;
        ensure!(missing.is_empty(), "in {folder} there is no {missing:?}");
        Ok(())
    });
    files
}

fn read_folder(folder: &str) -> Result<Vec<(String, PathBuf)>> {
    let entries = fs::read_dir(recordings::folder()?.join(folder))?;
    let mut files = entries
        .map(|entry| {
            let path = entry?.path();
            let stem = path.file_stem().context("a file without a name")?;
            Ok((stem.to_string_lossy().into_owned(), path))
        })
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// The bytes of a file with comments and hexadecimal digits.
pub(crate) fn hex(path: &Path) -> Result<Vec<u8>> {
    let text = fs::read_to_string(path)?;
    let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
    recordings::bytes(&digits)
}
