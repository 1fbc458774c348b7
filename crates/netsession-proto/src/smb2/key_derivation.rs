use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Cipher, Dialect, PreauthHash, Sealer, Signer, SigningAlgorithm};
use crate::auth::SessionKey;

/// Which end of the connection this is: it tells which of the two ciphers seals and which opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// What a session signs and encrypts with.
#[derive(Debug)]
pub struct SessionKeys {
    /// Signs and verifies.
    pub signer: Signer,
    /// Encrypts and decrypts, where a cipher was agreed on.
    pub sealer: Option<Sealer>,
}

/// Derives the keys of a session (\[MS-SMB2\] 3.2.5.3.1, 3.3.5.5.3).
///
/// Before 3.0 the session key itself signs, and there is no cipher. The keys of AES-256 come from the
/// full session key, every other key from its first 16 bytes.
#[must_use]
pub fn derive_keys(
    role: Role,
    dialect: Dialect,
    session_key: &SessionKey,
    preauth: &PreauthHash,
    signing: SigningAlgorithm,
    cipher: Option<Cipher>,
) -> SessionKeys {
    let first = session_key.first_16();
    if !dialect.is_smb3() {
        return SessionKeys { signer: Signer::new(signing, &first, role), sealer: None };
    }
    let labels = Labels::of(dialect, preauth);
    let mut signing_key = Zeroizing::new([0; 16]);
    derive(&*first, labels.signing, &mut *signing_key);
    let sealer = cipher.map(|cipher| {
        // A session key of less than 16 bytes is filled up, whatever the cipher.
        let full = if cipher.key_size() > 16 && session_key.as_bytes().len() > 16 {
            Zeroizing::new(session_key.as_bytes().to_vec())
        } else {
            Zeroizing::new(first.to_vec())
        };
        let key_for = |label| {
            let mut key = Zeroizing::new(vec![0; cipher.key_size()]);
            derive(&full, label, &mut key);
            key
        };
        let (to_server, to_client) = (key_for(labels.client_to_server), key_for(labels.server_to_client));
        match role {
            Role::Client => Sealer::new(cipher, &to_server, &to_client),
            Role::Server => Sealer::new(cipher, &to_client, &to_server),
        }
    });
    SessionKeys { signer: Signer::new(signing, &signing_key, role), sealer }
}

/// Label and context of a derivation, each with its terminating null where the specification has one.
type Label<'a> = (&'static [u8], &'a [u8]);

struct Labels<'a> {
    signing: Label<'a>,
    client_to_server: Label<'a>,
    server_to_client: Label<'a>,
}

impl<'a> Labels<'a> {
    fn of(dialect: Dialect, preauth: &'a PreauthHash) -> Self {
        if dialect == Dialect::Smb311 {
            let context = &preauth.value()[..];
            Self {
                signing: (b"SMBSigningKey\0", context),
                client_to_server: (b"SMBC2SCipherKey\0", context),
                server_to_client: (b"SMBS2CCipherKey\0", context),
            }
        } else {
            Self {
                signing: (b"SMB2AESCMAC\0", b"SmbSign\0"),
                client_to_server: (b"SMB2AESCCM\0", b"ServerIn \0"),
                server_to_client: (b"SMB2AESCCM\0", b"ServerOut\0"),
            }
        }
    }
}

/// The key derivation function in counter mode with HMAC-SHA256 of SP800-108, for a key of up to 32
/// bytes, which is one block (\[MS-SMB2\] 3.1.4.2).
fn derive(key: &[u8], (label, context): Label<'_>, out: &mut [u8]) {
    let bits = u32::try_from(out.len()).unwrap_or_default().saturating_mul(8);
    // INVARIANT: HMAC takes a key of any length, so the fallback cannot be reached.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { return };
    let mut block: [u8; 32] = mac
        .chain_update(1_u32.to_be_bytes())
        .chain_update(label)
        .chain_update([0])
        .chain_update(context)
        .chain_update(bits.to_be_bytes())
        .finalize()
        .into_bytes()
        .into();
    for (to, from) in out.iter_mut().zip(block) {
        *to = from;
    }
    zeroize::Zeroize::zeroize(&mut block);
}
