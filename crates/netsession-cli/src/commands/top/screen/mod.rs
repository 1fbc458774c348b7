//! The screen, without terminal, clock and network: what servers answer and what keys do goes in, and out come cells
//! and requests. A benchmark includes it by its path: it needs nothing but `crate::text`.

mod action;
mod column;
mod cursor;
mod dialog;
mod draw;
mod filter;
mod geometry;
mod group;
mod item;
mod keys;
mod palette;
mod perform;
mod rate;
mod row;
mod rows;
mod server;
mod state;
// Not in the benchmark that includes this: it has no such feature.
#[cfg(all(test, feature = "demo"))]
mod tests;
mod totals;
mod update;
mod value;
mod view;

pub(crate) use action::Request;
pub(crate) use dialog::{Ending, Target, What};
pub(crate) use keys::action;
pub(crate) use palette::Palette;
pub(crate) use state::Screen;
pub(crate) use update::{Event, Failure, FileItem, SessionItem, Update};
