//! Whole conversations of the client state machine with the double, in memory and under a fake clock.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod calls;
mod compounds;
mod connected;
mod deadline;
mod double;
mod downgrade;
mod files;
mod filters;
mod fragments;
mod harm;
mod headers;
mod info;
mod levels;
mod limits;
mod netbios;
mod pages;
mod protection;
mod round_trips;
mod talk;
mod time;
mod two_pipes;
