//! `netsession top`: who is connected, live.

pub(crate) mod screen;
