//! `netsession list` against a real Samba, compared with what python3-samba sees.
//!
//! Tests whose needs are missing on this machine are counted as ignored, by name.

mod access;
mod closing;
mod compare;
mod damage;
mod downgrade;
mod file_names;
mod files;
mod formats;
mod history;
mod info;
mod late;
mod levels;
mod numbers;
mod peers;
mod round_trips;
mod security;
mod servers;
mod support;
mod sweep;
mod time;
mod unwelcome;
mod watching;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    security::add(&mut suite);
    access::add(&mut suite);
    levels::add(&mut suite);
    compare::add(&mut suite);
    closing::add(&mut suite);
    file_names::add(&mut suite);
    files::add(&mut suite);
    formats::add(&mut suite);
    history::add(&mut suite);
    numbers::add(&mut suite);
    round_trips::add(&mut suite);
    downgrade::add(&mut suite);
    damage::add(&mut suite);
    servers::add(&mut suite);
    sweep::add(&mut suite);
    late::add(&mut suite);
    time::add(&mut suite);
    info::add(&mut suite);
    peers::add(&mut suite);
    unwelcome::add(&mut suite);
    watching::add(&mut suite);
    // Statics are not dropped by themselves.
    suite.run(support::stop_servers);
}
