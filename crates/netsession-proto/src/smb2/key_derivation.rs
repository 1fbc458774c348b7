use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Cipher, Dialect, PreauthHash, Role, Sealer, Signer, SigningAlgorithm};
use crate::auth::SessionKey;

/// The signing and encryption keys of a session.
#[derive(Debug)]
pub struct SessionKeys {
    /// Signs and verifies.
    pub signer: Signer,
    /// Encrypts and decrypts, if a cipher was negotiated.
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
    // [MS-SMB2] 3.2.5.3.1: the dialects 2.0.2 and 2.1 have no key derivation.
    if !dialect.is_smb3() {
        return SessionKeys { signer: Signer::new(signing, &first, role), sealer: None };
    }
    let labels = Labels::for_dialect(dialect, preauth);
    let mut signing_key = Zeroizing::new([0; 16]);
    derive(&*first, labels.signing, &mut *signing_key);
    let sealer = cipher.map(|cipher| {
        // AES-256 keys derive from the full key of the mechanism, which is longer than 16 bytes only with Kerberos
        // (AES-256 tickets). AES-128 keys, and all keys with NTLM, derive from its first 16 bytes, padded with zeros if
        // it is shorter.
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

/// Label and context of a derivation (\[MS-SMB2\] 3.1.4.2), each with its terminating null if the specification
/// includes it.
type Label<'a> = (&'static [u8], &'a [u8]);

struct Labels<'a> {
    signing: Label<'a>,
    client_to_server: Label<'a>,
    server_to_client: Label<'a>,
}

impl<'a> Labels<'a> {
    fn for_dialect(dialect: Dialect, preauth: &'a PreauthHash) -> Self {
        if dialect == Dialect::Smb311 {
            // The preauthentication hash as the context binds the keys to the negotiation ([MS-SMB2] 3.2.5.3.1).
            let context = &preauth.value()[..];
            Self {
                signing: (b"SMBSigningKey\0", context),
                client_to_server: (b"SMBC2SCipherKey\0", context),
                server_to_client: (b"SMBS2CCipherKey\0", context),
            }
        } else {
            // The blank in "ServerIn " is part of the specification: both contexts are 10 bytes long.
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

/// The examples that Microsoft's open-specifications team published with real traffic ("SMB 2 and SMB 3
/// security in Windows 10: the anatomy of signing and cryptographic keys", and "Encryption in SMB 3.0: a
/// protocol perspective").
#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<char> = text.chars().filter(|digit| !digit.is_whitespace()).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
            .collect()
    }

    fn derived(session_key: &str, label: Label<'_>) -> String {
        let mut key = [0; 16];
        derive(&hex(session_key), label, &mut key);
        key.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    const PREAUTH: &str = "
        0DD13628CC3ED218EF9DF9772D436D0887AB9814BFAE63A80AA845F36909DB79
        28622DDDAD522D9751640A459762C5A9D6BB084CBB3CE6BDADEF5D5BCE3C6C01";

    const KEY_311: &str = "270E1BA896585EEB7AF3472D3B4C75A7";

    fn preauth() -> PreauthHash {
        PreauthHash::from_value(hex(PREAUTH).try_into().unwrap())
    }

    #[test]
    fn keys_of_smb_3_0() {
        let hash = PreauthHash::new();
        let labels = Labels::for_dialect(Dialect::Smb300, &hash);
        let key = "7CD451825D0450D235424E44BA6E78CC";
        assert_eq!(derived(key, labels.signing), "0B7E9C5CAC36C0F6EA9AB275298CEDCE");
        assert_eq!(derived(key, labels.client_to_server), "FAD27796665B313EBB578F388632B4F7");
        assert_eq!(derived(key, labels.server_to_client), "B0F0427F7CEB416D1D9DCC0CD4F99447");
        let key = "B4546771B515F766A86735532DD6C4F0";
        assert_eq!(derived(key, labels.client_to_server), "261B72350558F2E9DCF613070383EDBF");
        assert_eq!(derived(key, labels.server_to_client), "8FE2B57EC34D2DB5B1A9727F526BBDB5");
    }

    #[test]
    fn keys_of_smb_3_1_1() {
        let hash = preauth();
        let labels = Labels::for_dialect(Dialect::Smb311, &hash);
        assert_eq!(derived(KEY_311, labels.signing), "73FE7A9A77BEF0BDE49C650D8CCB5F76");
        assert_eq!(derived(KEY_311, labels.client_to_server), "629BCBC54422A0F572B97F45989B6073");
        assert_eq!(derived(KEY_311, labels.server_to_client), "E2AF0DCEFAC68DA71A0DFBD0D1350D74");
    }

    #[test]
    fn the_last_answer_of_a_windows_log_on_is_verified() {
        let key = SessionKey::new(hex(KEY_311));
        let keys =
            derive_keys(Role::Client, Dialect::Smb311, &key, &preauth(), SigningAlgorithm::AesCmac, None);
        let mut answer = hex("
            FE534D4240000100000000000100800009000000000000000300000000000000FFFE000000000000
            1900000000100000EBE146DA120BA25FC3376A49DFE31BC10900000048001D00A11B3019A0030A01
            00A3120410010000003B453CDC3524164200000000");
        assert!(keys.signer.verify(&answer));
        answer[70] ^= 1;
        assert!(!keys.signer.verify(&answer));
    }

    #[test]
    fn only_the_ciphers_of_256_bits_use_more_than_16_bytes_of_a_session_key() {
        let long: Vec<u8> = (0..32).collect();
        let seal = |key: &[u8], cipher| {
            let key = SessionKey::new(key.to_vec());
            let hash = preauth();
            let keys = derive_keys(
                Role::Client,
                Dialect::Smb311,
                &key,
                &hash,
                SigningAlgorithm::AesCmac,
                Some(cipher),
            );
            keys.sealer.unwrap().seal(1, b"x").unwrap()
        };
        assert_eq!(seal(&long, Cipher::Aes128Gcm), seal(&long[..16], Cipher::Aes128Gcm));
        assert_ne!(seal(&long, Cipher::Aes256Gcm), seal(&long[..16], Cipher::Aes256Gcm));
    }
}
