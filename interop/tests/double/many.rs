//! One process stands for thousands of servers.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Result, ensure};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::double::Double;
use netsession_interop::netsession::{List, Row};
use netsession_interop::port;
use netsession_interop::suite::{Need, Suite};

const SERVERS: usize = 2_000;
/// What a listener may cost; a runtime or a thread for each would be far above it.
const KIB_EACH: usize = 4;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Program, Need::TestServer], "many::two_thousand_addresses", two_thousand);
}

fn two_thousand() -> Result<()> {
    let first = Ipv4Addr::new(127, 20, 0, 1);
    let port = port::free();
    let all: Vec<SocketAddr> =
        (0..SERVERS).map(|number| (Ipv4Addr::from(first.to_bits() + number as u32), port).into()).collect();
    let one = Double::start_on("windows", (Ipv4Addr::new(127, 19, 0, 1), port).into(), 1)?;
    // Asked once, so that all the listeners before it have been set up, too.
    list(&["127.19.0.1".to_owned() + &format!(":{port}")])?;
    let server = Double::start_on("windows", (first, port).into(), SERVERS)?;
    list(&[all[SERVERS - 1].to_string()])?;
    let (one, idle) = (one.resident_kib()?, server.resident_kib()?);
    // Both ends, and some in between.
    let asked: Vec<String> = all.iter().step_by(41).chain(all.last()).map(ToString::to_string).collect();
    let rows = list(&asked)?;
    for server in &asked {
        let sessions = rows.iter().filter(|row| row.server == *server).count();
        ensure!(sessions == 5, "{server} has {sessions} sessions");
    }
    let asked_kib = server.resident_kib()?;
    eprintln!(
        "{SERVERS} addresses: {idle} KiB idle, {asked_kib} KiB after {} listings; one: {one} KiB",
        asked.len()
    );
    ensure!(idle < one + SERVERS * KIB_EACH, "{idle} KiB for {SERVERS}, {one} KiB for one");
    ensure!(
        asked_kib < one + SERVERS * KIB_EACH + 8 * 1024,
        "{asked_kib} KiB after {} listings",
        asked.len()
    );
    Ok(())
}

fn list(servers: &[String]) -> Result<Vec<Row>> {
    let more: Vec<&str> = servers.iter().skip(1).map(String::as_str).collect();
    List::new(&servers[0])?.login(DOUBLE_ADMIN).args(&["-l", "502"]).args(&more).rows()
}
