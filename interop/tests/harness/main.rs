//! The harness itself, tried with other people's clients: Samba starts and ends, sessions are held and listed, the
//! proxy counts, delays and tampers.

mod life;
mod proxy;
mod sessions;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    life::add(&mut suite);
    sessions::add(&mut suite);
    proxy::add(&mut suite);
    suite.run(|| ());
}
