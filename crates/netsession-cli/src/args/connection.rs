use std::time::Duration;

use clap::{Args, ValueEnum};
use netsession::Dialect;

use crate::text::{duration, size};

/// How to connect to a server.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// When to encrypt the session; it is signed in any case
    ///
    /// `auto` encrypts if the server can. With `off` a server that demands encryption is an error, and with
    /// `required` one that cannot encrypt. What the configuration has for a server counts where this is `auto`.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) encrypt: Encrypt,

    /// Lowest SMB dialect to accept: 2.0.2, 2.1, 3.0, 3.0.2 or 3.1.1 [default: 2.0.2]
    ///
    /// A server that has none at or above it is an error. 3.0 is the first one with encryption.
    #[arg(long, value_parser = dialect, value_name = "DIALECT")]
    pub(crate) min_dialect: Option<Dialect>,

    /// SMB client to use: the program's own, or Windows itself
    ///
    /// `auto` on Windows is Windows itself, as the user who is logged on. It is smb on every other system, for a
    /// server with a port or with credentials in the configuration, and where a login, a password, --encrypt or
    /// --kerberos asks for what Windows has no parameter for.
    #[arg(long, value_enum, default_value_t, value_name = "BACKEND")]
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
            encrypt: Encrypt::Auto,
            min_dialect: None,
            backend: Backend::Auto,
            timeout: Duration::from_secs(10),
            max_memory: 1 << 30,
        }
    }
}

/// When to encrypt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encrypt {
    #[default]
    Auto,
    Required,
    Off,
}

impl From<Encrypt> for netsession::Encryption {
    fn from(encrypt: Encrypt) -> Self {
        match encrypt {
            Encrypt::Auto => Self::Auto,
            Encrypt::Required => Self::Required,
            Encrypt::Off => Self::Off,
        }
    }
}

impl From<netsession::Encryption> for Encrypt {
    fn from(encryption: netsession::Encryption) -> Self {
        match encryption {
            netsession::Encryption::Auto => Self::Auto,
            netsession::Encryption::Required => Self::Required,
            netsession::Encryption::Off => Self::Off,
        }
    }
}

impl Encrypt {
    /// As it is written on the command line and in the configuration.
    pub(crate) fn text(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// This, or the other one where this says nothing.
    pub(crate) fn or(self, other: Option<netsession::Encryption>) -> Self {
        match self {
            Self::Auto => other.map_or(self, Self::from),
            Self::Required | Self::Off => self,
        }
    }
}

fn dialect(text: &str) -> Result<Dialect, String> {
    let known = || Dialect::ALL.iter().map(|dialect| (*dialect, dialect.to_string()));
    let found = known().find(|(_, name)| name == text);
    found
        .map(|(dialect, _)| dialect)
        .ok_or_else(|| format!("it is one of {}", Vec::from_iter(known().map(|(_, name)| name)).join(", ")))
}

/// The SMB client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    #[default]
    Auto,
    /// The program's own SMB client, with a login
    Smb,
    /// That of Windows, as the user who is logged on
    Windows,
}

impl From<Backend> for netsession::Backend {
    fn from(backend: Backend) -> Self {
        match backend {
            Backend::Auto => Self::Auto,
            Backend::Smb => Self::Smb,
            Backend::Windows => Self::Windows,
        }
    }
}
