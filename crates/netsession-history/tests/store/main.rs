//! The store as its users see it: one process records, any number of others ask.

mod damage;
mod erase;
mod file;
mod kill;
mod record;
mod support;
