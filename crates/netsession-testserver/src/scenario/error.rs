use std::path::PathBuf;

/// The reason why there is no scenario.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The content of the file is invalid.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The line and the reason.
        #[source]
        error: Box<ScenarioError>,
    },
    /// The text is not TOML, or is not a valid scenario; line and reason are in the text.
    #[error("not a scenario: {0}")]
    Wrong(#[source] Box<toml::de::Error>),
    /// No scenario of this name is shipped.
    #[error("no scenario {name:?} is shipped; there are {}", shipped.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// The names of those that are.
        shipped: &'static [&'static str],
    },
}
