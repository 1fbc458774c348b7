use super::definition::Scenario;
use super::error::ScenarioError;

/// The names of the scenarios that come with the crate. They stand for real servers.
pub const SHIPPED: [&str; 5] = ["windows", "windows-hardened", "samba", "illumos", "nas-level-1"];

/// A scenario that comes with the crate.
///
/// # Errors
/// There is none of this name.
pub fn shipped(name: &str) -> Result<Scenario, ScenarioError> {
    match name {
        "windows" => include_str!("../../scenarios/windows.toml"),
        "windows-hardened" => include_str!("../../scenarios/windows-hardened.toml"),
        "samba" => include_str!("../../scenarios/samba.toml"),
        "illumos" => include_str!("../../scenarios/illumos.toml"),
        "nas-level-1" => include_str!("../../scenarios/nas-level-1.toml"),
        _ => return Err(ScenarioError::Unknown { name: name.to_owned(), shipped: &SHIPPED }),
    }
    .parse()
}
