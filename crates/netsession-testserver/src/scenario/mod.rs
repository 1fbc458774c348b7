//! A server and its faults, as a TOML file.
//!
//! Everything but users and sessions has a default, so that a scenario names only what is special about it.
//!
//! ```
//! use netsession_testserver::Scenario;
//!
//! let scenario: Scenario = r#"
//!     [[user]]
//!     name = "admin"
//!     password = "secret"
//!     administrator = true
//!
//!     [[session]]
//!     client = "10.0.0.5"
//!     user = "alice"
//!
//!     [[fault]]
//!     step = "enumerate"
//!     kind = { cut-off = 100 }
//! "#
//! .parse()?;
//! assert_eq!(scenario.sessions().len(), 1);
//!
//! let wrong = "[smb]\ndialects = [\"1.0\"]".parse::<Scenario>().unwrap_err();
//! assert!(wrong.to_string().contains("line 2"));
//! # Ok::<(), netsession_testserver::scenario::ScenarioError>(())
//! ```

mod definition;
mod enumeration;
mod error;
mod fault;
mod files;
mod ntlm;
mod rpc;
mod session;
mod shipped;
mod smb;
mod user;

pub use definition::{Scenario, ServerInfo};
pub use enumeration::{Access, Enumeration, ErrorBody, LevelNumber, Missing, Names, ResumeOnSuccess};
pub use error::ScenarioError;
pub use fault::{Fault, FaultKind, Layer, Step, When};
pub use files::{Files, OpenFile, SessionDel, Share, Shares};
pub use ntlm::Ntlm;
pub use rpc::Rpc;
pub use session::Session;
pub use shipped::{SHIPPED, shipped};
pub use smb::{CipherName, CompoundReplies, DialectNumber, Encryption, SigningName, Smb};
pub use user::User;

#[cfg(test)]
mod tests;
