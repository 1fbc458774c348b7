//! NTLM, version 2 alone, from both ends (\[MS-NLMP\]).
//!
//! [`NtlmAuthenticator`] is the client. [`verify`] is what a server needs on top of the messages.
//!
//! LM and NTLMv1 are left out on purpose, and so are password hashes as input.

mod authenticate_message;
mod authenticator;
mod av_pair;
mod challenge_message;
mod flags;
mod keys;
mod message_header;
mod message_signature;
mod mic;
mod negotiate_message;
mod ntlmv2_response;
mod payload;
mod upper_case;
pub mod verify;
mod version;

#[cfg(test)]
mod specification_tests;

pub use authenticate_message::AuthenticateMessage;
pub use authenticator::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
pub use av_pair::{AvId, AvPair, TargetInfo};
pub use challenge_message::ChallengeMessage;
pub use flags::NegotiateFlags;
pub use keys::Side;
pub use message_header::is_ntlm_message;
pub use message_signature::MessageSigner;
pub use negotiate_message::NegotiateMessage;
pub use ntlmv2_response::Ntlmv2Response;
pub use version::Version;
