//! `record-samba FOLDER`: conversations with a private Samba, as inputs for the fuzz targets.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use netsession_fuzz_bodies::record::{Recorded, seeds_of_recorded};
use netsession_interop::account::{ADMIN, ALICE, BOB};
use netsession_interop::holder::Holder;
use netsession_interop::many::Many;
use netsession_interop::needs::{self, Need};
use netsession_interop::netsession::List;
use netsession_interop::proxy::{Proxy, Side};
use netsession_interop::samba::Samba;

/// Highest dialect of the server, the level, and how many sessions there are.
const CONVERSATIONS: [(&str, &str, usize); 4] =
    [("SMB2_02", "1", 1), ("SMB3_00", "auto", 1), ("SMB3_11", "0", 1), ("SMB3_11", "1", 90)];

fn main() -> Result<ExitCode> {
    let folder: PathBuf = std::env::args_os().nth(1).context("where to?")?.into();
    if let Err(missing) = needs::ensure_all(&[Need::Samba]) {
        eprintln!("skipped: conversations with Samba; {missing}");
        return Ok(ExitCode::SUCCESS);
    }
    for (dialect, level, sessions) in CONVERSATIONS {
        let samba = Samba::builder().global(format!("server max protocol = {dialect}")).start()?;
        samba.warm_up()?;
        let _held = Holder::open(samba.address(), ALICE, 2)?;
        // The script that opens many sessions speaks new dialects only.
        let _many =
            (sessions > 1).then(|| Many::log_on(samba.address(), &[ALICE, BOB], sessions, 1)).transpose()?;
        let proxy = Proxy::to(samba.address()).start()?;
        // The fuzz targets have no keys to decrypt a recording.
        let listing = List::new(proxy.address().to_string())?.login(ADMIN);
        let rows = listing.args(&["--level", level, "--encrypt", "off"]).rows()?;
        ensure!(rows.len() > sessions, "only {} sessions", rows.len());
        let trace = proxy.traces().pop().context("no connection")?;
        let recorded = Recorded {
            name: format!("samba-{dialect}-{level}-{sessions}").to_lowercase(),
            level: level.parse().ok(),
            frames: trace.events.into_iter().map(|event| (event.from == Side::Server, event.frame)).collect(),
        };
        for seed in seeds_of_recorded(recorded) {
            let folder = folder.join(seed.target);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(&seed.name), &seed.bytes)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
