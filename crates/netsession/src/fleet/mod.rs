//! Many servers at once.

mod address_gate;
mod answers;
mod builder;
mod schedule;
mod slot;
#[cfg(test)]
mod tests;

pub use answers::{FleetAnswer, FleetAnswers};
pub use builder::Fleet;
