//! A sample of `cargo xtask harm`, in a process of its own, whose memory is measured.

use std::process::Command;

use anyhow::{Result, ensure};
use netsession_interop::process;
use netsession_interop::suite::{Need, Suite};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[], "harm::one_frame_of_each_connection::double", || harm("double"));
    suite.test(&[Need::Samba], "harm::one_frame_of_each_connection::samba", || harm("samba"));
}

fn harm(server: &str) -> Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harm"));
    command.args(["--connections", "250", "--only", server]);
    let outcome = process::run(&mut command, process::PATIENCE)?;
    let text = String::from_utf8_lossy(&outcome.stdout);
    ensure!(outcome.code == Some(0) && text.contains("panics: 0"), "{text}\n{}", outcome.stderr);
    Ok(())
}
