//! The Perl distribution: its own tests, and scripts written for the original, unchanged, against Samba and the
//! double, with what they print compared.

mod distribution;
mod double;
mod samba;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    distribution::add(&mut suite);
    double::add(&mut suite);
    samba::add(&mut suite);
    suite.run(|| ());
}
