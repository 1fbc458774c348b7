//! The double under other people's clients, and `netsession` under a double that misbehaves.
//!
//! A client of ours that agrees with a server of ours proves nothing by itself: first python3-samba, impacket,
//! rpcclient and smbtorture show that the double is a server; then the double shows what `netsession` does.

#[path = "double/deadline.rs"]
mod deadline;
#[path = "double/faults.rs"]
mod faults;
#[path = "double/harm.rs"]
mod harm;
#[path = "double/impacket.rs"]
mod impacket;
#[path = "double/list.rs"]
mod list;
#[path = "double/many.rs"]
mod many;
#[path = "double/memory.rs"]
mod memory;
#[path = "double/protection.rs"]
mod protection;
#[path = "double/python3_samba.rs"]
mod python3_samba;
#[path = "double/rpcclient.rs"]
mod rpcclient;
#[path = "double/smbtorture.rs"]
mod smbtorture;
#[path = "double/sweep.rs"]
mod sweep;
#[path = "double/truth.rs"]
mod truth;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    python3_samba::add(&mut suite);
    impacket::add(&mut suite);
    rpcclient::add(&mut suite);
    smbtorture::add(&mut suite);
    protection::add(&mut suite);
    list::add(&mut suite);
    deadline::add(&mut suite);
    faults::add(&mut suite);
    memory::add(&mut suite);
    many::add(&mut suite);
    sweep::add(&mut suite);
    harm::add(&mut suite);
    suite.run(|| {});
}
