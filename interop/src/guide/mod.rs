//! Documents whose steps are run: fenced `console` blocks, with commands after `$ ` and what they print under them.

mod document;
mod shape;
mod stage;

use anyhow::{Result, ensure};

pub use self::document::{Block, Step, parse};
pub use self::shape::difference;
pub use self::stage::Stage;

/// Every step of a document prints what stands there, and there are steps at all.
pub fn check(document: &str, stage: &Stage<'_>) -> Result<usize> {
    let printed = stage.run(&parse(document)?)?;
    ensure!(!printed.is_empty(), "no step");
    let differences: Vec<_> =
        printed.iter().filter_map(|(step, printed)| difference(step, printed)).collect();
    ensure!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(printed.len())
}
