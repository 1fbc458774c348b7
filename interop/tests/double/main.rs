//! The double under other people's clients, and `netsession` under a double that misbehaves.
//!
//! A client of ours that agrees with a server of ours proves nothing by itself: first python3-samba, impacket,
//! rpcclient and smbtorture show that the double is a server; then the double shows what `netsession` does.

mod calls;
mod deadline;
mod faults;
mod guard;
mod harm;
mod impacket;
mod list;
mod many;
mod memory;
mod protection;
mod python3_samba;
mod rpcclient;
mod smbtorture;
mod sweep;
mod top;
mod truth;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    python3_samba::add(&mut suite);
    impacket::add(&mut suite);
    rpcclient::add(&mut suite);
    smbtorture::add(&mut suite);
    calls::add(&mut suite);
    protection::add(&mut suite);
    list::add(&mut suite);
    deadline::add(&mut suite);
    faults::add(&mut suite);
    memory::add(&mut suite);
    many::add(&mut suite);
    sweep::add(&mut suite);
    guard::add(&mut suite);
    top::add(&mut suite);
    harm::add(&mut suite);
    suite.run(|| {});
}
