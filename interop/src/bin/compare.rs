//! `cargo xtask bench`: side by side with other clients. `--write FILE` writes the page, `--rounds N` and
//! `--sessions N` (repeatable) change what is measured.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use netsession_interop::compare::{self, Client, Report, SIZES, Size};
use netsession_interop::impacket;
use netsession_interop::needs::{self, Need};

fn main() -> Result<()> {
    let (sizes, write) = arguments()?;
    needs::ensure_all(&[Need::Samba])?;
    let mut clients = vec![Client::netsession(), Client::rpcclient(), Client::python3_samba()];
    match impacket::prepare() {
        Ok(python) => clients.push(Client::impacket(&python)),
        Err(error) => eprintln!("without impacket: {error:#}"),
    }
    let mut report = Report::default();
    for size in sizes {
        eprintln!("{} sessions, {} rounds", size.sessions, size.rounds);
        report.rows.extend(compare::measure(size, &clients)?);
    }
    println!("{report}");
    if let Some(file) = write {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, report.page()).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn arguments() -> Result<(Vec<Size>, Option<PathBuf>)> {
    let (mut sessions, mut rounds, mut write) = (Vec::new(), None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{name} has no value"))?;
        match name.as_str() {
            "--sessions" => sessions.push(value.parse::<usize>()?),
            "--rounds" => rounds = Some(value.parse::<usize>()?),
            "--write" => write = Some(value.into()),
            _ => bail!("unknown argument {name}"),
        }
    }
    let mut sizes = SIZES.to_vec();
    if !sessions.is_empty() {
        sizes = sessions.into_iter().map(|sessions| Size { sessions, rounds: 20 }).collect();
    }
    if let Some(rounds) = rounds {
        sizes.iter_mut().for_each(|size| size.rounds = rounds);
    }
    Ok((sizes, write))
}
