use std::fmt;

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::array::Array;
use aes_gcm::aead::consts::{U11, U16};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use ccm::Ccm;
use hmac::KeyInit;

use super::TransformHeader;
use crate::wire::{DecodeError, Reader, Writer, to_u32, to_usize};

/// How messages are encrypted (\[MS-SMB2\] 2.2.3.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// AES-128-CCM: all that SMB 3.0 and 3.0.2 have.
    Aes128Ccm,
    /// AES-128-GCM.
    Aes128Gcm,
    /// AES-256-CCM.
    Aes256Ccm,
    /// AES-256-GCM.
    Aes256Gcm,
}

impl Cipher {
    /// All ciphers, in the order in which they are preferred: that of Windows, the fastest first.
    pub const ALL: [Self; 4] = [Self::Aes128Gcm, Self::Aes128Ccm, Self::Aes256Gcm, Self::Aes256Ccm];

    /// The number that stands on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Aes128Ccm => 0x0001,
            Self::Aes128Gcm => 0x0002,
            Self::Aes256Ccm => 0x0003,
            Self::Aes256Gcm => 0x0004,
        }
    }

    /// The cipher with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.number() == number)
    }

    /// Bytes of its key.
    #[must_use]
    pub const fn key_size(self) -> usize {
        match self {
            Self::Aes128Ccm | Self::Aes128Gcm => 16,
            Self::Aes256Ccm | Self::Aes256Gcm => 32,
        }
    }
}

/// Encrypts messages to the other end and decrypts those from it (\[MS-SMB2\] 3.1.4.3, 3.1.5.1).
pub struct Sealer {
    cipher: Cipher,
    outgoing: Key,
    incoming: Key,
    /// Counts the messages sent. Keys are of one session only, so that a counter never repeats a nonce.
    sent: u64,
}

/// Why an encrypted message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenError {
    /// The header breaks the format.
    Malformed(DecodeError),
    /// It is for another session.
    OtherSession,
    /// The authentication tag is wrong.
    Tag,
}

enum Key {
    Aes128Ccm(Box<Ccm<aes::Aes128, U16, U11>>),
    Aes128Gcm(Box<Aes128Gcm>),
    Aes256Ccm(Box<Ccm<aes::Aes256, U16, U11>>),
    Aes256Gcm(Box<Aes256Gcm>),
    /// A key of the wrong size: it encrypts and opens nothing.
    Unusable,
}

impl Sealer {
    /// A sealer with a key for each direction, each of [`Cipher::key_size`] bytes.
    #[must_use]
    pub fn new(cipher: Cipher, outgoing: &[u8], incoming: &[u8]) -> Self {
        Self { cipher, outgoing: Key::new(cipher, outgoing), incoming: Key::new(cipher, incoming), sent: 0 }
    }

    /// The cipher.
    #[must_use]
    pub const fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Encrypts a message or compound: the result is the whole frame.
    ///
    /// Returns `None` where the cipher fails, which it does only beyond 4 GiB.
    #[must_use]
    pub fn seal(&mut self, session_id: u64, message: &[u8]) -> Option<Vec<u8>> {
        // [MS-SMB2] 3.1.4.3: never the same nonce twice with a key. Counted from 0, because the keys are those of one session:
        // a new connection logs on again, and derives others.
        let mut nonce = [0; 16];
        nonce.iter_mut().zip(self.sent.to_le_bytes()).for_each(|(to, from)| *to = from);
        self.sent = self.sent.checked_add(1)?;
        let header =
            TransformHeader { signature: [0; 16], nonce, original_size: to_u32(message.len()), session_id };
        let mut out = Writer::with_capacity(TransformHeader::SIZE.saturating_add(message.len()));
        header.encode(&mut out);
        out.bytes(message);
        let mut frame = out.into_bytes();
        let (head, body) = frame.split_at_mut_checked(TransformHeader::SIZE)?;
        let tag = self.outgoing.encrypt(&nonce, head.get(TransformHeader::AUTHENTICATED..)?, body)?;
        head.iter_mut().skip(4).zip(tag).for_each(|(to, from)| *to = from);
        Some(frame)
    }

    /// Decrypts a frame of this session in place and returns the message or compound within.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(&self, session_id: u64, mut frame: Vec<u8>) -> Result<Vec<u8>, OpenError> {
        let header = TransformHeader::decode(&mut Reader::new(&frame)).map_err(OpenError::Malformed)?;
        if header.session_id != session_id {
            return Err(OpenError::OtherSession);
        }
        let size = frame.len().saturating_sub(TransformHeader::SIZE);
        if to_usize(header.original_size) != size {
            let problem = DecodeError::wrong("OriginalMessageSize", 36, "is not the size of the message");
            return Err(OpenError::Malformed(problem));
        }
        let (head, body) = frame.split_at_mut_checked(TransformHeader::SIZE).ok_or(OpenError::Tag)?;
        let authenticated = head.get(TransformHeader::AUTHENTICATED..).ok_or(OpenError::Tag)?;
        self.incoming.decrypt(&header.nonce, authenticated, body, &header.signature).ok_or(OpenError::Tag)?;
        frame.drain(..TransformHeader::SIZE);
        Ok(frame)
    }
}

impl Key {
    fn new(cipher: Cipher, key: &[u8]) -> Self {
        fn boxed<C: KeyInit>(key: &[u8]) -> Option<Box<C>> {
            C::new_from_slice(key).ok().map(Box::new)
        }
        match cipher {
            Cipher::Aes128Ccm => boxed(key).map(Self::Aes128Ccm),
            Cipher::Aes128Gcm => boxed(key).map(Self::Aes128Gcm),
            Cipher::Aes256Ccm => boxed(key).map(Self::Aes256Ccm),
            Cipher::Aes256Gcm => boxed(key).map(Self::Aes256Gcm),
        }
        .unwrap_or(Self::Unusable)
    }

    fn encrypt(&self, nonce: &[u8; 16], aad: &[u8], body: &mut [u8]) -> Option<[u8; 16]> {
        match self {
            Self::Aes128Ccm(key) => encrypt(&**key, nonce, aad, body),
            Self::Aes128Gcm(key) => encrypt(&**key, nonce, aad, body),
            Self::Aes256Ccm(key) => encrypt(&**key, nonce, aad, body),
            Self::Aes256Gcm(key) => encrypt(&**key, nonce, aad, body),
            Self::Unusable => None,
        }
    }

    fn decrypt(&self, nonce: &[u8; 16], aad: &[u8], body: &mut [u8], tag: &[u8; 16]) -> Option<()> {
        match self {
            Self::Aes128Ccm(key) => decrypt(&**key, nonce, aad, body, tag),
            Self::Aes128Gcm(key) => decrypt(&**key, nonce, aad, body, tag),
            Self::Aes256Ccm(key) => decrypt(&**key, nonce, aad, body, tag),
            Self::Aes256Gcm(key) => decrypt(&**key, nonce, aad, body, tag),
            Self::Unusable => None,
        }
    }
}

fn encrypt<C: AeadInOut<TagSize = U16>>(
    cipher: &C,
    nonce: &[u8; 16],
    aad: &[u8],
    body: &mut [u8],
) -> Option<[u8; 16]> {
    cipher.encrypt_inout_detached(&nonce_of::<C>(nonce), aad, body.into()).ok().map(Into::into)
}

fn decrypt<C: AeadInOut<TagSize = U16>>(
    cipher: &C,
    nonce: &[u8; 16],
    aad: &[u8],
    body: &mut [u8],
    tag: &[u8; 16],
) -> Option<()> {
    cipher.decrypt_inout_detached(&nonce_of::<C>(nonce), aad, body.into(), &Array::from(*tag)).ok()
}

/// The first bytes of the nonce field, as many as the cipher takes.
fn nonce_of<C: AeadInOut>(nonce: &[u8; 16]) -> Array<u8, C::NonceSize> {
    let mut first = Array::default();
    first.iter_mut().zip(nonce).for_each(|(to, from): (&mut u8, &u8)| *to = *from);
    first
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({:?})", self.cipher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_at_the_other_end_until_a_bit_is_flipped() {
        for cipher in Cipher::ALL {
            let (one, other) = (vec![1; cipher.key_size()], vec![2; cipher.key_size()]);
            let mut client = Sealer::new(cipher, &one, &other);
            let server = Sealer::new(cipher, &other, &one);
            let first = client.seal(9, b"who is connected?").unwrap();
            let second = client.seal(9, b"who is connected?").unwrap();
            assert_ne!(first, second, "a nonce is not used twice");
            assert_eq!(server.open(9, first.clone()).unwrap(), b"who is connected?");
            assert_eq!(server.open(8, first.clone()), Err(OpenError::OtherSession));
            assert_eq!(client.open(9, first.clone()), Err(OpenError::Tag), "{cipher:?}: one's own");
            for byte in 0..first.len() {
                let mut flipped = first.clone();
                flipped[byte] ^= 0x10;
                // The bytes of a nonce that the cipher does not use are authenticated all the same.
                assert!(server.open(9, flipped).is_err(), "{cipher:?}: byte {byte}");
            }
            for length in 0..first.len() {
                assert!(server.open(9, first[..length].to_vec()).is_err());
            }
        }
    }
}
