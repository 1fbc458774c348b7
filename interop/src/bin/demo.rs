//! `cargo xtask demo`: a private Samba, some sessions, and `netsession list` on it.

use std::process::ExitCode;
use std::{thread, time::Duration};

use anyhow::{Context, Result};
use netsession_interop::account::{ADMIN, ALICE, BOB, CAROL};
use netsession_interop::holder::Holder;
use netsession_interop::needs::{self, Need};
use netsession_interop::netsession::List;
use netsession_interop::samba::Samba;

fn main() -> Result<ExitCode> {
    needs::ensure_all(&[Need::Samba])
        .context("`cargo xtask demo --install` installs what is missing on Debian")?;
    let samba = Samba::builder().start()?;
    println!(
        "A private Samba is listening on {}; nothing of this machine was changed for it.",
        samba.address()
    );
    let _held = [(ALICE, 3), (BOB, 1), (CAROL, 0)]
        .into_iter()
        .map(|(who, files)| Holder::open(samba.address(), who, files))
        .collect::<Result<Vec<_>>>()?;
    // So that there is a time to show.
    thread::sleep(Duration::from_secs(2));
    let _ipv6 = Holder::open(samba.address_v6(), ALICE, 2).ok();

    let mut command = List::new(samba.address().to_string())?.login(ADMIN).into_command();
    println!("\n$ export NETSESSION_LOGIN={} NETSESSION_PASSWORD={}", ADMIN.name, ADMIN.password);
    println!("$ netsession list {}\n", samba.address());
    let status = command.status().context("cannot start netsession")?;
    println!("\nThe server is gone again, and its files with it.");
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
