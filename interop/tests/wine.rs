//! The program for Windows under Wine: what asks Windows itself, against a double of `netapi32.dll`, and the wire.
//!
//! Tests whose needs are missing on this machine are counted as ignored, by name.

#[path = "wine/choice.rs"]
mod choice;
#[path = "wine/codes.rs"]
mod codes;
#[path = "wine/console.rs"]
mod console;
#[path = "wine/filters.rs"]
mod filters;
#[path = "wine/levels.rs"]
mod levels;
#[path = "wine/library.rs"]
mod library;
#[path = "wine/memory.rs"]
mod memory;
#[path = "wine/rows.rs"]
mod rows;
#[path = "wine/support.rs"]
mod support;
#[path = "wine/table.rs"]
mod table;
#[path = "wine/wire.rs"]
mod wire;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    rows::add(&mut suite);
    levels::add(&mut suite);
    filters::add(&mut suite);
    memory::add(&mut suite);
    codes::add(&mut suite);
    choice::add(&mut suite);
    console::add(&mut suite);
    wire::add(&mut suite);
    library::add(&mut suite);
    // Statics are not dropped by themselves.
    suite.run(support::end_wine);
}
