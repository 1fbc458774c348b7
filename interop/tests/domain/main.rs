//! `netsession list` in a real Active Directory domain: log-on with Kerberos.
//!
//! All tests share one domain. Tests whose needs are missing on this machine are counted as ignored, by name.

mod config;
mod expiry;
mod fallback;
mod guard;
mod in_between;
mod kdc;
mod log_on;
mod member;
mod names;
mod refusals;
mod support;

use netsession_interop::domain;
use netsession_interop::suite::{Need, Suite};

fn main() {
    let mut suite = Suite::new();
    if suite.runs(&[Need::Samba, Need::Program, Need::Domain])
        && let Err(error) = domain::enter()
    {
        eprintln!("no namespace to have a domain in: {error:#}");
        std::process::exit(1);
    }
    log_on::add(&mut suite);
    refusals::add(&mut suite);
    guard::add(&mut suite);
    kdc::add(&mut suite);
    fallback::add(&mut suite);
    config::add(&mut suite);
    expiry::add(&mut suite);
    member::add(&mut suite);
    in_between::add(&mut suite);
    names::add(&mut suite);
    // Statics are not dropped by themselves.
    suite.run(|| {
        member::stop();
        support::stop();
    });
}
