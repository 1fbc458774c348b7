//! The program for Windows under Wine: what asks Windows itself, against a double of `netapi32.dll`, and the wire.
//!
//! Tests whose needs are missing on this machine are counted as ignored, by name.

mod choice;
mod codes;
mod console;
mod files;
mod filters;
mod info;
mod levels;
mod library;
mod memory;
mod rows;
mod service;
mod support;
mod table;
mod time;
mod wire;

use netsession_interop::suite::Suite;

fn main() {
    let mut suite = Suite::new();
    time::add(&mut suite);
    info::add(&mut suite);
    files::add(&mut suite);
    rows::add(&mut suite);
    levels::add(&mut suite);
    filters::add(&mut suite);
    memory::add(&mut suite);
    codes::add(&mut suite);
    choice::add(&mut suite);
    console::add(&mut suite);
    wire::add(&mut suite);
    library::add(&mut suite);
    service::add(&mut suite);
    // Statics are not dropped by themselves.
    suite.run(support::end_wine);
}
