//! From the password to the keys of a session (\[MS-NLMP\] 3.3.2, 3.4.5).

use hmac::{Hmac, KeyInit, Mac};
use md4::{Digest, Md4};
use md5::Md5;
use rc4::{Rc4, StreamCipher};
use zeroize::Zeroizing;

use super::upper_case::upper_case;

/// The sender of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Keys "client-to-server".
    Client,
    /// Keys "server-to-client".
    Server,
}

/// A key of 128 bits, wiped on drop.
pub(super) type Key = Zeroizing<[u8; 16]>;

/// NTOWFv2: the hash that replaces the password in all later steps (\[MS-NLMP\] 3.3.2).
///
/// The user is taken in upper case, the domain as it is.
pub(super) fn ntowf_v2(password: &str, user: &str, domain: &str) -> Key {
    // Unit by unit, so that no copy of the password is left behind.
    let mut hash = Md4::new();
    for unit in password.encode_utf16() {
        hash.update(unit.to_le_bytes());
    }
    let hash: Key = Zeroizing::new(hash.finalize().into());

    let mut name = Vec::new();
    for letter in upper_case(user).chain(domain.chars()) {
        name.extend(letter.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_le_bytes()));
    }
    hmac_md5(&hash, &[&name])
}

/// NTProofStr: the proof over the server's challenge and `temp` (\[MS-NLMP\] 3.3.2).
pub(super) fn nt_proof(response_key: &Key, server_challenge: &[u8; 8], temp: &[u8]) -> [u8; 16] {
    *hmac_md5(response_key, &[server_challenge, temp])
}

/// SessionBaseKey (\[MS-NLMP\] 3.3.2), which with NTLMv2 is the key exchange key too (KXKEY, 3.4.5.1).
pub(super) fn session_base_key(response_key: &Key, proof: &[u8; 16]) -> Key {
    hmac_md5(response_key, &[proof])
}

/// RC4K of a session key with the key exchange key, in either direction (\[MS-NLMP\] 3.1.5.1.2).
pub(super) fn exchange_key(key_exchange_key: &Key, session_key: &[u8; 16]) -> Key {
    let mut exchanged = Zeroizing::new(*session_key);
    rc4(key_exchange_key).apply_keystream(exchanged.as_mut_slice());
    exchanged
}

/// SIGNKEY with extended session security (\[MS-NLMP\] 3.4.5.2).
pub(super) fn sign_key(exported_session_key: &Key, side: Side) -> Key {
    md5(
        exported_session_key,
        match side {
            Side::Client => b"session key to client-to-server signing key magic constant\0",
            Side::Server => b"session key to server-to-client signing key magic constant\0",
        },
    )
}

/// SEALKEY with extended session security and 128 bits (\[MS-NLMP\] 3.4.5.3).
pub(super) fn seal_key(exported_session_key: &Key, side: Side) -> Key {
    md5(
        exported_session_key,
        match side {
            Side::Client => b"session key to client-to-server sealing key magic constant\0",
            Side::Server => b"session key to server-to-client sealing key magic constant\0",
        },
    )
}

/// HMAC-MD5 over the parts one after the other.
pub(super) fn hmac_md5(key: &Key, parts: &[&[u8]]) -> Key {
    // HMAC fills a short key with zeros up to the block. Doing so here leaves no length that could be wrong.
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key.iter()) {
        *to = *from;
    }
    let mut mac = Hmac::<Md5>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// RC4 with a key of 128 bits.
pub(super) fn rc4(key: &Key) -> Rc4 {
    // RC4 repeats its key, so that a key written twice is the same key. It has the one length for which the
    // constructor of the cipher cannot fail.
    let mut twice = Zeroizing::new([0; 32]);
    for (to, from) in twice.iter_mut().zip(key.iter().cycle()) {
        *to = *from;
    }
    Rc4::new((&*twice).into())
}

fn md5(key: &Key, constant: &[u8]) -> Key {
    let mut hash = Md5::new();
    hash.update(key.as_slice());
    hash.update(constant);
    Zeroizing::new(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rc4_with_a_key_written_twice_is_rc4_with_the_key() {
        let key = Zeroizing::new(*b"0123456789abcdef");
        let (mut ours, mut theirs) = ([0; 40], [0; 40]);
        rc4(&key).apply_keystream(&mut ours);
        Rc4::new_from_slice(key.as_slice()).unwrap().apply_keystream(&mut theirs);
        assert_eq!(ours, theirs);
    }

    #[test]
    fn a_key_exchange_is_its_own_reverse() {
        let (key, secret) = (Zeroizing::new([1; 16]), [2; 16]);
        assert_eq!(*exchange_key(&key, &exchange_key(&key, &secret)), secret);
    }

    #[test]
    fn the_user_is_in_upper_case_and_the_domain_is_not() {
        let key = |user, domain| *ntowf_v2("p", user, domain);
        assert_eq!(key("straße", "Lab"), key("STRAßE", "Lab"));
        assert_ne!(key("straße", "Lab"), key("STRASSE", "Lab"));
        assert_ne!(key("alice", "Lab"), key("alice", "LAB"));
        assert_eq!(key("alice@Lab", ""), key("ALICE@LAB", ""));
    }
}
