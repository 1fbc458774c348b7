//! Who is connected to an SMB file server, from where, with what open, since when and how long idle.
//!
//! The library asks the server itself, over the network, with nothing installed on it: Windows, Samba, NAS. It is
//! `NetSessionEnum`, `NetFileEnum`, `NetShareEnum`, `NetRemoteTOD` and `NetServerGetInfo` of the Win32 API for every system,
//! and what closes files and sessions (\[MS-SRVS\] 3.1.4), over SMB 2.0.2 to 3.1.1. On Windows the system itself can ask, as
//! the user who is logged on ([`Backend`]).
//!
//! ```
//! # #[cfg(feature = "tokio")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let scenario = netsession_testserver::scenario::shipped("windows")?;
//! # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
//! # let server = address.to_string();
//! use netsession::{Client, Credentials, Password};
//!
//! // `server` is a name such as "fs1.example.com".
//! let client = Client::builder(server)
//!     .credentials(Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!")))
//!     .connect()
//!     .await?;
//! for session in client.sessions().list().await? {
//!     println!("{} {:?} idle {:?}", session.client(), session.user(), session.idle());
//! }
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "tokio"))]
//! # fn main() {}
//! ```
//!
//! | start here | for |
//! |---|---|
//! | `Client` | the async API, on tokio (feature `tokio`, on by default) |
//! | [`blocking::Client`] | the same without a runtime |
//! | `Fleet` | many servers at once, as a stream of answers (feature `tokio`) |
//! | `Watch` | many servers again and again, over connections that are kept, and what changes on them (feature `tokio`) |
//! | [`Listing`], [`Session`] | what a server answers |
//! | [`Error`], [`ErrorKind`] | what can go wrong, and what to do |
//! | [`Account`], [`Password`], [`Credentials`], [`ServerName`] | who asks, and which server |
//! | [`escaped`] | names from a server, for a terminal |
//! | [`logon_guard`] | why a wrong password is tried once in a process, and how to try again |
//!
//! | feature | adds |
//! |---|---|
//! | `tokio` (default) | the async API |
//! | `kerberos` | tickets, by the system's GSSAPI library, which is loaded at run time. Unix only |
//! | `serde` | `Serialize` and `Deserialize` of [`Session`], [`SessionFlags`], [`Level`], [`ErrorKind`], [`ServerName`] and [`Account`]; `Serialize` of [`OpenFile`], [`FileAccess`], [`Share`], [`ShareType`], [`ServerTime`], [`ServerInfo`], [`Connection`] and [`Closed`]. As in the command's JSON, without `server`, `level` and `client_name`, which the command adds |
//! | `testing` | [`Session`], [`Listing`] and [`Error`] made by hand, for tests of code that uses them |
//!
//! No feature changes the default of a setting.

mod account;
#[cfg(feature = "tokio")]
mod admission;
mod backend;
mod backend_choice;
pub mod blocking;
#[cfg(feature = "tokio")]
mod client;
mod client_method;
mod closing;
mod collected;
mod connect;
mod connection_settings;
mod connections;
mod credentials;
mod deadlines;
mod error;
mod escape;
mod files;
#[cfg(feature = "tokio")]
mod fleet;
mod guarded_credentials;
mod info;
#[cfg(feature = "tokio")]
mod kept_client;
mod kerberos;
mod kerberos_policy;
mod level;
pub mod logon_guard;
mod memory_budget;
mod oneshot;
#[cfg(feature = "tokio")]
mod pace;
mod password;
mod question;
mod resolve;
#[cfg(feature = "serde")]
mod serde_impls;
mod server_memory;
mod server_name;
mod service_principal;
mod session;
mod sessions;
mod sessions_fold;
mod settings;
mod shares;
mod signal;
mod system_call;
mod time;
mod timings;
mod unc_host;
#[cfg(feature = "tokio")]
mod watch;

pub use account::{Account, ParseAccountError};
pub use backend_choice::{Backend, BackendConflict, WireOnly, WireSettings};
#[cfg(feature = "tokio")]
pub use client::{Client, ClientBuilder, SessionsRequest};
pub use closing::{CheckSession, CheckedFile, CheckedSession, CloseFile, CloseSession, Closed};
pub use connection_settings::ConnectionSettings;
pub use connections::{Connection, Connections};
pub use credentials::Credentials;
pub use error::{Error, ErrorKind, Operation, ParseErrorKindError, Step};
pub use escape::escaped;
#[cfg(feature = "testing")]
pub use files::OpenFileBuilder;
pub use files::{FileAccess, FileListing, Files, OpenFile, PathPattern};
#[cfg(feature = "tokio")]
pub use fleet::{Fleet, FleetAnswer, FleetAnswers};
pub use guarded_credentials::CredentialsInUse;
pub use info::{Info, ServerInfo};
#[cfg(feature = "tokio")]
pub use kept_client::KeptClient;
pub use kerberos_policy::Kerberos;
pub use level::{Level, ParseLevelError};
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub use logon_guard::fuzzing::run as fuzz_logon_guard;
pub use memory_budget::{MemoryBudget, MemoryShare};
pub use netsession_proto::client::{Encryption, Negotiated};
pub use netsession_proto::query::{ClientName, UserName};
pub use netsession_proto::smb2::Dialect;
pub use password::Password;
pub use question::Question;
pub use server_memory::ServerMemory;
pub use server_name::{ParseServerNameError, ServerName, ServerNameProblem};
pub use service_principal::{ParseServicePrincipalError, ServicePrincipal};
pub use session::{FilterMismatch, Folded, Listing, Session, SessionFlags, SessionFold};
#[cfg(feature = "testing")]
pub use session::{ListingBuilder, SessionBuilder};
pub use sessions::Sessions;
pub use sessions_fold::FoldedSessions;
pub use shares::{Share, ShareListing, ShareType, Shares};
pub use time::{ClockOffset, ServerTime, Time};
pub use timings::Timings;
#[cfg(feature = "tokio")]
pub use watch::{
    Change, Ended, Refresh, Refreshes, Snapshot, Watch, WatchControl, WatchEvent, WatchedFile, WatchedServer,
    WatchedSession,
};
