use netsession_proto::client::Entropy;

use crate::error::{Cause, Error, LocalError, Step};

/// Random bytes for one connection.
pub(super) fn entropy() -> Result<Entropy, Error> {
    let mut entropy = Entropy { client_guid: [0; 16], preauth_salt: [0; 32] };
    getrandom::fill(&mut entropy.client_guid)
        .and_then(|()| getrandom::fill(&mut entropy.preauth_salt))
        .map_err(no_randomness)?;
    Ok(entropy)
}

pub(super) fn no_randomness(error: getrandom::Error) -> Error {
    Error::new(Step::Connect, Cause::Local(LocalError::NoRandomness(error)))
}
