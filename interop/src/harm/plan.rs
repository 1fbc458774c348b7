//! What is done to each connection.

use std::time::Duration;

use fastrand::Rng;

use super::spoil::Harm;
use super::target::{MODES, Mode};

/// What every connection has for itself, the first time.
pub const DEADLINE: Duration = Duration::from_secs(2);

/// What is to be done to one connection.
#[derive(Clone, Debug)]
pub(super) struct HarmPlan {
    /// Among all connections of a run.
    pub(super) number: usize,
    pub(super) mode: Mode,
    /// Which frame of the server, from 0.
    pub(super) frame: usize,
    pub(super) harm: Harm,
    pub(super) random: Rng,
}

impl HarmPlan {
    /// Of the connection with this number, by the frames that the server sends in each mode.
    pub(super) fn new(number: usize, seed: u64, lengths: &[usize]) -> Self {
        let mut random = Rng::with_seed(seed ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mode = number % MODES.len();
        let frame = random.usize(..lengths[mode]);
        let harm = Harm::ALL[random.usize(..Harm::ALL.len())];
        Self { number, mode: MODES[mode], frame, harm, random }
    }

    /// Passes every frame on.
    pub(super) fn harmless(mode: Mode) -> Self {
        Self { number: 0, mode, frame: usize::MAX, harm: Harm::Bit, random: Rng::with_seed(0) }
    }
}
