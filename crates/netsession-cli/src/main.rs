//! The `netsession` command.
fn main() {}
