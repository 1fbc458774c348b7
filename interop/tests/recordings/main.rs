//! Recorded conversations, messages and stubs of real servers: Windows 7 to Server 2025, macOS, Azure Files.
//!
//! The recordings are no part of the project. Without the folder (`cargo xtask test --recordings DIR`) one test is
//! counted as ignored for each kind; a stub of a call that these tests cannot read is ignored by name (at present there is none).

mod conversation;
mod messages;
mod ndr;
mod recorded;
mod replay;
mod stub;
mod stubs;

use netsession_interop::suite::{Need, Suite};

/// Adds a test for each file of one kind.
type Add = fn(&mut Suite);

fn main() {
    let mut suite = Suite::new();
    let kinds: [(&str, Add); 3] =
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
