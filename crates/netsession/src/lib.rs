//! Who is connected to an SMB file server, from where, with what open, since when and how long idle.
//!
//! The server itself is asked, over the network, with nothing installed on it: Windows, Samba, NAS. It is
//! `NetSessionEnum` of the Win32 API for every system, spoken as `NetrSessionEnum` (\[MS-SRVS\] 3.1.4.5)
//! over SMB 2.0.2 to 3.1.1.
//!
//! ```no_run
//! # #[cfg(feature = "tokio")]
//! # async fn example() -> Result<(), netsession::Error> {
//! use netsession::{Client, Credentials};
//!
//! let client = Client::builder("fs1.example.com")
//!     .credentials(Credentials::ntlm("LAB", "admin", "secret"))
//!     .connect()
//!     .await?;
//! for session in client.sessions().list().await? {
//!     println!("{} {:?} idle {:?}", session.client(), session.user(), session.idle());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | start here | for |
//! |---|---|
//! | `Client` | the async API, on tokio (feature `tokio`, on by default) |
//! | [`blocking::Client`] | the same without a runtime |
//! | [`Listing`], [`Session`] | what a server answers |
//! | [`Error`], [`ErrorKind`] | what can go wrong, and what to do |
//! | [`logon_guard`] | why a wrong password is tried once in a process, and how to try again |

mod account;
mod backend;
pub mod blocking;
#[cfg(feature = "tokio")]
mod client;
mod connect;
mod credentials;
mod deadlines;
mod error;
mod handover;
mod kerberos;
mod level;
pub mod logon_guard;
mod question;
mod resolve;
mod server_name;
mod session;
mod settings;
mod signal;

pub use account::Account;
#[cfg(feature = "tokio")]
pub use client::{Client, ClientBuilder, SessionsRequest};
pub use credentials::Credentials;
pub use error::{Error, ErrorKind, Step};
pub use kerberos::Kerberos;
pub use level::{Level, ParseLevelError};
pub use netsession_proto::client::{Encryption, Negotiated, Phase};
pub use netsession_proto::smb2::Dialect;
pub use secrecy::SecretString;
pub use server_name::{ParseServerNameError, ServerName};
pub use session::{Listing, Session, SessionFlags};
