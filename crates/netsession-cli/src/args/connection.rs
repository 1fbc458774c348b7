use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::text::{duration, size};

/// How to connect to a server.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// When to encrypt the session; it is signed in any case
    ///
    /// `auto` encrypts if the server can. With `off` a server that demands encryption is an error, and with
    /// `required` one that cannot encrypt.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) encrypt: Encrypt,

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
