use std::fmt;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Nonce};
use cmac::Cmac;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{Flags, Header};

/// Which end of the connection this is: it tells which of the two ciphers seals and which opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// How messages are signed (\[MS-SMB2\] 2.2.3.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// HMAC-SHA256: SMB 2.0.2 and 2.1, and on request 3.1.1.
    HmacSha256,
    /// AES-128-CMAC: SMB 3.0 and later.
    AesCmac,
    /// AES-128-GMAC: SMB 3.1.1 on Windows 11, Server 2022 and Samba 4.15 and later.
    AesGmac,
}

impl SigningAlgorithm {
    /// All algorithms, the fastest first.
    pub const ALL: [Self; 3] = [Self::AesGmac, Self::AesCmac, Self::HmacSha256];

    /// The number that stands on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::HmacSha256 => 0x0000,
            Self::AesCmac => 0x0001,
            Self::AesGmac => 0x0002,
        }
    }

    /// The algorithm with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.number() == number)
    }
}

/// Signs messages and verifies signatures (\[MS-SMB2\] 3.1.4.1, 3.1.5.1).
pub struct Signer {
    key: Key,
    role: Role,
}

enum Key {
    HmacSha256(Box<Hmac<Sha256>>),
    AesCmac(Box<Cmac<aes::Aes128>>),
    AesGmac(Box<Aes128Gcm>),
}

impl Signer {
    /// A signer at this end of the connection.
    #[must_use]
    pub fn new(algorithm: SigningAlgorithm, key: &[u8; 16], role: Role) -> Self {
        let key = match algorithm {
            SigningAlgorithm::HmacSha256 => {
                // A key of one block, the short one filled with zeros, as HMAC itself would do.
                let mut block = zeroize::Zeroizing::new([0; 64]);
                block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
                Key::HmacSha256(Box::new(Hmac::new((&*block).into())))
            }
            SigningAlgorithm::AesCmac => Key::AesCmac(Box::new(Cmac::new(key.into()))),
            SigningAlgorithm::AesGmac => Key::AesGmac(Box::new(Aes128Gcm::new(key.into()))),
        };
        Self { key, role }
    }

    /// Signs a message as it will stand on the wire, padding of a compound included.
    pub fn sign(&self, message: &mut [u8]) {
        for (byte, bit) in message.iter_mut().skip(Header::FLAGS).zip(Flags::SIGNED.0.to_le_bytes()) {
            *byte |= bit;
        }
        let signature = self.signature(message, self.role);
        if let Some(place) = message.get_mut(Header::SIGNATURE..Header::SIZE) {
            place.iter_mut().zip(signature).for_each(|(to, from)| *to = from);
        }
    }

    /// Whether a message from the other end says that it is signed, and is.
    #[must_use]
    pub fn verify(&self, message: &[u8]) -> bool {
        let Ok(header) = Header::decode(message) else { return false };
        // Never the own role: with GMAC a message of ours that somebody sends back would verify otherwise.
        let other = match self.role {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        };
        header.flags.contains(Flags::SIGNED)
            && bool::from(self.signature(message, other).ct_eq(&header.signature))
    }

    fn signature(&self, message: &[u8], sender: Role) -> [u8; 16] {
        let before = message.get(..Header::SIGNATURE).unwrap_or_default();
        let after = message.get(Header::SIZE..).unwrap_or_default();
        let parts = [before, &[0; 16], after];
        match &self.key {
            Key::HmacSha256(mac) => {
                let mut mac = Hmac::clone(mac);
                parts.iter().for_each(|part| mac.update(part));
                let whole: [u8; 32] = mac.finalize().into_bytes().into();
                let mut half = [0; 16];
                half.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
                half
            }
            Key::AesCmac(mac) => {
                let mut mac = Cmac::clone(mac);
                parts.iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes().into()
            }
            Key::AesGmac(cipher) => {
                let nonce = Nonce::from(gmac_nonce(message, sender));
                // GMAC is GCM with nothing to encrypt.
                cipher
                    .encrypt_inout_detached(&nonce, &parts.concat(), (&mut [][..]).into())
                    .map(Into::into)
                    // INVARIANT: GCM fails only beyond 64 GiB, and a frame is at most 16 MiB.
                    .unwrap_or_default()
            }
        }
    }
}

/// MessageId, then one bit for a message from the server and one for a CANCEL, which is never sent here (\[MS-SMB2\]
/// 3.1.4.1).
fn gmac_nonce(message: &[u8], sender: Role) -> [u8; 12] {
    const MESSAGE_ID: usize = 24;
    let id = message.iter().copied().skip(MESSAGE_ID).take(8);
    let role = if sender == Role::Server { 1_u32 } else { 0 };
    let mut nonce = [0; 12];
    nonce.iter_mut().zip(id.chain(role.to_le_bytes())).for_each(|(to, from)| *to = from);
    nonce
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.key {
            Key::HmacSha256(_) => "Signer(HMAC-SHA256)",
            Key::AesCmac(_) => "Signer(AES-128-CMAC)",
            Key::AesGmac(_) => "Signer(AES-128-GMAC)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smb2::{CloseRequest, FileId, encode};

    #[test]
    fn a_signature_holds_until_a_bit_is_flipped() {
        for algorithm in SigningAlgorithm::ALL {
            let client = Signer::new(algorithm, &[7; 16], Role::Client);
            let server = Signer::new(algorithm, &[7; 16], Role::Server);
            let mut message = encode(&Header::request(5, 1, 2), &CloseRequest { file_id: FileId::ANY });
            assert!(!server.verify(&message), "{algorithm:?}: not signed at all");
            client.sign(&mut message);
            assert!(server.verify(&message), "{algorithm:?}");
            for byte in 0..message.len() {
                for bit in 0..8 {
                    message[byte] ^= 1 << bit;
                    assert!(!server.verify(&message), "{algorithm:?}: byte {byte} bit {bit}");
                    message[byte] ^= 1 << bit;
                }
            }
        }
    }

    #[test]
    fn a_message_is_not_accepted_from_its_own_sender_with_gmac() {
        let client = Signer::new(SigningAlgorithm::AesGmac, &[7; 16], Role::Client);
        let mut message = encode(&Header::request(5, 1, 2), &CloseRequest { file_id: FileId::ANY });
        client.sign(&mut message);
        assert!(!client.verify(&message));
    }

    #[test]
    fn a_truncated_message_is_not_signed() {
        let signer = Signer::new(SigningAlgorithm::AesCmac, &[7; 16], Role::Server);
        for length in 0..Header::SIZE {
            assert!(!signer.verify(&vec![0; length]));
        }
    }
}
