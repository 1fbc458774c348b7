//! `netsession list` against servers that are neither the Samba of this machine nor the double: what other people
//! have written, and a newer Samba.

mod impacket;
mod samba_4_22;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    impacket::add(&mut suite);
    samba_4_22::add(&mut suite);
    suite.run(|| {});
}
