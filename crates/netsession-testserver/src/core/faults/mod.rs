//! The faults of the scenario. A fault affects one of three layers, and there it is one arm of one match. Faults of
//! a page of a list are in `calls::page`.

mod frame;
mod message;
mod rpc;

use crate::scenario::{Fault, FaultKind, Layer, Step, When};

pub(super) use frame::spoil_frame;
pub(super) use message::spoil_message;
pub(super) use rpc::{rpc_fault, spoil_fragments};

/// The faults of one connection, each with the number of replies that it has seen.
#[derive(Debug)]
pub(super) struct Faults {
    faults: Vec<(Fault, u32)>,
}

impl Faults {
    pub(super) fn new(faults: &[Fault]) -> Self {
        Self { faults: faults.iter().map(|fault| (fault.clone(), 0)).collect() }
    }

    /// The faults of this reply. Each counts the reply: call this once for each reply and layer.
    pub(super) fn firing(&mut self, layer: Layer, step: Step, in_compound: bool) -> Vec<FaultKind> {
        let concerned = self.faults.iter_mut().filter(|(fault, _)| {
            fault.kind.layer() == layer && fault.step == step && (in_compound || fault.when == When::Always)
        });
        concerned
            .filter_map(|(fault, seen)| {
                let number = *seen;
                *seen = seen.saturating_add(1);
                let end = fault.times.map_or(u32::MAX, |times| fault.skip.saturating_add(times));
                (fault.skip..end).contains(&number).then(|| fault.kind.clone())
            })
            .collect()
    }
}
