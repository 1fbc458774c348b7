//! SPNEGO: which mechanism logs the user on, and the wrapping of its tokens (RFC 4178, \[MS-SPNG\]).
//!
//! The server's hint in the SMB2 NEGOTIATE response is a [`NegTokenInit`] (in its `NegTokenInit2` form),
//! and so is the client's first token. All tokens after it are [`NegTokenResp`].

mod der;
mod mech_type;
mod neg_token_init;
mod neg_token_resp;

pub use mech_type::{MechType, MechTypeList};
pub use neg_token_init::NegTokenInit;
pub use neg_token_resp::{NegState, NegTokenResp};
