//! `netsession list` against servers that are neither the Samba of this machine nor the double: what other people
//! have written, and a newer Samba.

mod impacket;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    impacket::add(&mut suite);
    suite.run(|| {});
}
