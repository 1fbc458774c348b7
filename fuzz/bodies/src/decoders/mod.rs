//! The first byte chooses a decoder, which gets the rest. What is decoded must be the same after it has been
//! encoded and decoded once more.

mod auth;
mod rpc;
mod smb2;

use crate::input::Input;

/// What a number chooses.
type Decoder = fn(&[u8]);

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let number = usize::from(input.u8());
    let all = || smb2::DECODERS.iter().chain(rpc::DECODERS).chain(auth::DECODERS);
    let decoder = all().nth(number % all().count());
    if let Some(decoder) = decoder {
        decoder(input.rest());
    }
}

/// Decodes bytes; encodes what came of it, where anything did, and decodes that.
macro_rules! again {
    ($bytes:expr, $decode:expr, $encode:expr) => {
        if let Ok(first) = $decode($bytes) {
            let bytes = $encode(&first);
            let second = $decode(bytes.as_slice());
            assert!(second.as_ref().is_ok_and(|second| *second == first), "{}", stringify!($decode));
        }
    };
}
pub(crate) use again;
