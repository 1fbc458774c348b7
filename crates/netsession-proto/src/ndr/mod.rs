//! Pointers, strings and conformant arrays of NDR 2.0 (C706 chapter 14).
//!
//! Only what the server service needs, by hand: four-byte integers, unique pointers, wide strings and arrays
//! of structures. Reader and writer align by themselves, counted from the start of the stub.

mod reader;
mod writer;

pub use reader::NdrReader;
pub use writer::NdrWriter;
