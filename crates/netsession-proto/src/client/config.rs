use std::time::Instant;

use crate::smb2::Dialect;

/// What a [`Handshake`](super::Handshake) must know before the first byte.
#[derive(Debug, Clone)]
pub struct Config {
    /// The host as the user named it, without port and brackets: it stands in the paths
    /// `\\server\IPC$` and in `ServerName`.
    pub server: String,
    /// The lowest dialect to offer.
    pub min_dialect: Dialect,
    /// The highest dialect to offer.
    pub max_dialect: Dialect,
    /// Whether the session is to be encrypted.
    pub encryption: Encryption,
    /// No compound: this server has refused one before.
    pub single_steps: bool,
    /// How much of the server's answer is taken.
    pub limits: Limits,
    /// The moment at which everything that has not been answered fails.
    pub deadline: Instant,
}

impl Config {
    /// A configuration with every dialect, encryption where the server can, and the usual limits.
    #[must_use]
    pub fn new(server: impl Into<String>, deadline: Instant) -> Self {
        Self {
            server: server.into(),
            min_dialect: Dialect::LOWEST,
            max_dialect: Dialect::HIGHEST,
            encryption: Encryption::default(),
            single_steps: false,
            limits: Limits::default(),
            deadline,
        }
    }
}

/// Whether a session is encrypted. In every case it is at least signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encryption {
    /// Encrypted where the server can (SMB 3.0 and later), else signed.
    #[default]
    Auto,
    /// Encrypted, or no session: a server that cannot is an error.
    Required,
    /// Signed only: a server that demands encryption is an error.
    Off,
}

impl Encryption {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Auto, Self::Required, Self::Off];

    /// Its name in configurations: `auto`, `required` or `off`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Required => "required",
            Self::Off => "off",
        }
    }
}

/// How much of a server's answer is taken before it becomes an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries of one question, over all pages.
    pub entries: usize,
    /// Bytes of RPC answer to one question, over all pages.
    pub answer_bytes: usize,
    /// Bytes of one SMB2 frame.
    pub frame_bytes: usize,
    /// Pages of one question.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 1_000_000, answer_bytes: 256 << 20, frame_bytes: 1 << 20, pages: 10_000 }
    }
}

/// Random bytes for one connection, from a cryptographic source, never used twice.
#[derive(Clone)]
pub struct Entropy {
    /// ClientGuid. Random for each connection: Samba hands connections with equal ones to one process.
    pub client_guid: [u8; 16],
    /// The salt of the pre-authentication integrity context.
    pub preauth_salt: [u8; 32],
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entropy").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_has_its_names_in_configurations() {
        let names: Vec<_> = Encryption::ALL.iter().map(|encryption| encryption.as_str()).collect();
        assert_eq!(names, ["auto", "required", "off"]);
    }

    #[test]
    fn debug_output_hides_random_bytes() {
        let entropy = Entropy { client_guid: [1; 16], preauth_salt: [2; 32] };
        assert_eq!(format!("{entropy:?}"), "Entropy { .. }");
    }
}
