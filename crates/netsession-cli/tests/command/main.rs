//! The program, as it is typed: one program of tests, because most of them wait for another process, and each program is
//! linked with the whole library and runs after the one before.
//!
//! Nothing here may change what the whole process has (variables, folder, limits): the tests run side by side.

mod cli;
mod confirm;
mod demo;
mod exporter;
mod files;
mod filters;
mod history;
mod info;
mod interrupt;
mod json;
mod prompt;
mod secrets;
mod support;
mod textfile;
mod threads;
mod time;
mod top;
mod units;
mod watch;
