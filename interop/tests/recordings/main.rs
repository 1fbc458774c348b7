//! Recorded conversations, messages and stubs of real servers: Windows 7 to Server 2025, macOS, Azure Files.
//!
//! The recordings are no part of the project. Without the folder (`cargo xtask test --recordings DIR`) one test is
//! counted as ignored for each kind; a stub for which there is no decoder is ignored by name.

mod conversation;
mod messages;
mod recorded;
mod replay;
mod stubs;

use netsession_interop::suite::{Need, Suite};

fn main() {
    let mut suite = Suite::new();
    let kinds: [(&str, fn(&mut Suite)); 3] =
        [("conversations", replay::add), ("messages", messages::add), ("stubs", stubs::add)];
    for (kind, add) in kinds {
        if suite.runs(&[Need::Recordings]) {
            add(&mut suite);
        } else {
            suite.test(&[Need::Recordings], format!("recordings::{kind}"), || Ok(()));
        }
    }
    suite.run(|| {});
}
