//! Bytes of real servers that were recorded elsewhere. They are not part of the project: a folder of them is handed to
//! the tests by `cargo xtask test --recordings DIR`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

/// Where the folder is told.
pub(crate) const VARIABLE: &str = "NETSESSION_RECORDINGS";

/// The folder with `conversations`, `messages` and `stubs`.
pub fn folder() -> Result<PathBuf> {
    let folder = std::env::var_os(VARIABLE).map(PathBuf::from);
    let folder = folder.context("recordings of real servers (cargo xtask test --recordings DIR)")?;
    for part in ["conversations", "messages", "stubs"] {
        ensure!(folder.join(part).is_dir(), "the folder {part} in {}", folder.display());
    }
    Ok(folder)
}

/// Bytes from hexadecimal digits.
pub fn bytes(hex: &str) -> Result<Vec<u8>> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair)?;
        if pair.len() != 2 {
            bail!("an odd number of digits");
        }
        Ok(u8::from_str_radix(pair, 16)?)
    });
    pairs.collect()
}
