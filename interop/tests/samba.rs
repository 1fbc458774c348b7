//! `netsession list` against a real Samba, compared with what python3-samba sees.
//!
//! Tests whose needs are missing on this machine are counted as ignored, by name.

#[path = "samba/access.rs"]
mod access;
#[path = "samba/compare.rs"]
mod compare;
#[path = "samba/damage.rs"]
mod damage;
#[path = "samba/downgrade.rs"]
mod downgrade;
#[path = "samba/formats.rs"]
mod formats;
#[path = "samba/levels.rs"]
mod levels;
#[path = "samba/numbers.rs"]
mod numbers;
#[path = "samba/peers.rs"]
mod peers;
#[path = "samba/round_trips.rs"]
mod round_trips;
#[path = "samba/security.rs"]
mod security;
#[path = "samba/servers.rs"]
mod servers;
#[path = "samba/support.rs"]
mod support;
#[path = "samba/sweep.rs"]
mod sweep;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    security::add(&mut suite);
    access::add(&mut suite);
    levels::add(&mut suite);
    compare::add(&mut suite);
    formats::add(&mut suite);
    numbers::add(&mut suite);
    round_trips::add(&mut suite);
    downgrade::add(&mut suite);
    damage::add(&mut suite);
    servers::add(&mut suite);
    sweep::add(&mut suite);
    peers::add(&mut suite);
    // Statics are not dropped by themselves.
    suite.run(support::stop_servers);
}
