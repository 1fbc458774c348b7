//! Writes what the fuzz targets begin with: `record FOLDER` records conversations with the double.

use std::fs;
use std::io;
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?.into();
    for seed in netsession_fuzz_bodies::record::seeds() {
        let folder = folder.join(seed.target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(&seed.name), &seed.bytes)?;
    }
    Ok(())
}
