//! The screen as it is drawn, and what keys make of it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod fixture;
mod keys;
mod model;
mod picture;
mod views;
