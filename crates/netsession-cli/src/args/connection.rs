use std::time::Duration;

use clap::Args;
use netsession::{Backend, Dialect, Encryption};

use super::one_of::one_of;
use crate::text::{duration, size};

/// How to connect to a server.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// When to encrypt the session; it is signed in any case
    ///
    /// `auto` encrypts if the server can. With `off` a server that demands encryption is an error, and with
    /// `required` one that cannot encrypt. What the configuration has for a server counts where this is `auto`.
    #[arg(
        long,
        value_parser = one_of(Encryption::ALL, Encryption::as_str, |_| None),
        default_value = Encryption::default().as_str(),
        value_name = "WHEN"
    )]
    pub(crate) encrypt: Encryption,

    /// Lowest SMB dialect to accept [default: 2.0.2]
    ///
    /// A server that has none at or above it is an error. 3.0 is the first one with encryption.
    #[arg(long, value_parser = one_of(Dialect::ALL, Dialect::as_str, |_| None), value_name = "DIALECT")]
    pub(crate) min_dialect: Option<Dialect>,

    /// SMB client to use: the program's own, or Windows itself
    ///
    /// `auto` on Windows is Windows itself, as the user who is logged on. It is smb on every other system, for a
    /// server with a port or with credentials in the configuration, and where a login, a password, --encrypt or
    /// --kerberos asks for what Windows has no parameter for.
    #[arg(
        long,
        value_parser = one_of(Backend::ALL, Backend::as_str, meaning),
        default_value = Backend::default().as_str(),
        value_name = "BACKEND"
    )]
    pub(crate) backend: Backend,

    /// Maximum time for one server, from its name to its answer: 500ms, 10s, 1m30s
    ///
    /// The TCP connect has at most 5 s of it.
    #[arg(long, value_parser = duration::parse, default_value = "10s", value_name = "DURATION")]
    pub(crate) timeout: Duration,

    /// Maximum memory for the answers of all servers together: 64MiB, 1GiB
    ///
    /// A server whose answer would go beyond it fails with the kind `limit`, and the others go on.
    #[arg(long, value_parser = size::parse, default_value = "1GiB", value_name = "SIZE")]
    pub(crate) max_memory: usize,
}

impl Default for ConnectionArgs {
    fn default() -> Self {
        Self {
            encrypt: Encryption::Auto,
            min_dialect: None,
            backend: Backend::Auto,
            timeout: Duration::from_secs(10),
            max_memory: 1 << 30,
        }
    }
}

impl ConnectionArgs {
    /// What the option says, else the configuration: `auto` says nothing.
    pub(crate) fn encryption_or(&self, configured: Option<Encryption>) -> Encryption {
        match self.encrypt {
            Encryption::Auto => configured.unwrap_or_default(),
            said => said,
        }
    }
}

fn meaning(backend: Backend) -> Option<&'static str> {
    match backend {
        Backend::Smb => Some("The program's own SMB client, with a login"),
        Backend::Windows => Some("Windows' own client, as the user who is logged on"),
        _ => None,
    }
}
