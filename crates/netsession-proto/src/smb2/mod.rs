//! SMB 2.0.2 to 3.1.1: one file for each command, and signing, sealing and key derivation (\[MS-SMB2\]).

mod dialect;

pub use dialect::Dialect;
