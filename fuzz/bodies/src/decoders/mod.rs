//! The first byte chooses a decoder, which gets the rest. What is decoded must be the same after it has been
//! encoded and decoded once more.
//!
//! The decoders of calls come last, so that those of a new query do not move the numbers of the others.

mod again;
mod auth;
mod rpc;
mod smb2;

use crate::input::Input;
use crate::queries::CALLS;

/// How many decoders stand before those of calls.
pub(crate) const BEFORE_CALLS: usize = smb2::DECODERS.len() + rpc::DECODERS.len() + auth::DECODERS.len();

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let number = usize::from(input.u8());
    let calls = CALLS.iter().flat_map(|call| [&call.request, &call.response]);
    let all = || smb2::DECODERS.iter().chain(rpc::DECODERS).chain(auth::DECODERS).chain(calls.clone());
    let decoder = all().nth(number % all().count());
    if let Some(decoder) = decoder {
        decoder(input.rest());
    }
}
