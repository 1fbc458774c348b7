//! The exporter with real parts: Debian's Prometheus scrapes it, with the configurations that `contrib/` has for
//! users, and it asks Samba and a thousand addresses of the double. Debian's Chromium runs the script of its start page.

mod contrib;
mod load;
mod page;
mod proxy;
mod scrape;
mod sharded;
mod stage;
mod textfile;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    contrib::add(&mut suite);
    scrape::add(&mut suite);
    sharded::add(&mut suite);
    textfile::add(&mut suite);
    proxy::add(&mut suite);
    page::add(&mut suite);
    load::add(&mut suite);
    suite.run(stage::stop);
}
