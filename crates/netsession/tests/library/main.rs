//! The library against the double: one program of tests, because most of them wait, and each program is linked with the
//! whole library and runs after the one before.
//!
//! They run side by side and share the guard of the process, so that a log-on that fails has a guard of its own, or an account
//! that no other test uses.

mod closing;
mod closing_once;
mod expired;
mod fallback;
mod info;
mod limits;
mod log_on_statuses;
mod no_such_call;
mod readme;
mod time;
mod times;
mod timings;
mod watch;
