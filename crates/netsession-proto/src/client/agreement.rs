use crate::smb2::{Cipher, Dialect, SigningAlgorithm};

/// What both sides agreed on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agreement {
    pub(super) dialect: Dialect,
    pub(super) signing: SigningAlgorithm,
    pub(super) cipher: Option<Cipher>,
    pub(super) max_transact_size: u32,
    pub(super) max_read_size: u32,
}
