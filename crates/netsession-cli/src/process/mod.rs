//! This process: its terminal, its log, its signals, its open files, its end.

mod exit;
mod interrupt;
pub(crate) mod log;
pub(crate) mod open_files;
mod terminal;

pub(crate) use exit::Exit;
pub(crate) use interrupt::{EndSignal, Interrupt};
pub(crate) use terminal::{Terminal, say};
