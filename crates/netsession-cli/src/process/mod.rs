//! This process: its terminal, its log, its signals, its open files, its memory, its end.

mod exit;
#[cfg(unix)]
pub(crate) mod file_owner;
mod interrupt;
pub(crate) mod log;
pub(crate) mod open_files;
mod private_memory;
mod terminal;
mod user_folder;

pub(crate) use exit::Exit;
pub(crate) use interrupt::{EndSignal, Interrupt, interrupted};
pub(crate) use private_memory::keep_memory_private;
pub(crate) use terminal::{Terminal, is_dumb, reader_has_gone, say};
pub(crate) use user_folder::{CONFIG, STATE};
