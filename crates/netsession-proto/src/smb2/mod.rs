//! SMB 2.0.2 to 3.1.1: one file for each command, and signing, sealing and key derivation (\[MS-SMB2\]).
//!
//! Each command's file has its request and its response, both encoded and decoded, so that a client and
//! a server double are built from the same codecs. Offsets inside a message count from its header, so a
//! [`Body`] is always read from and written to a whole message.

mod body;
mod close;
mod command;
mod compound;
mod create;
mod dialect;
mod error_response;
mod file_id;
mod frame;
mod header;
mod ioctl;
mod key_derivation;
mod negotiate;
mod negotiate_context;
mod preauth;
mod read;
mod sealing;
mod session_setup;
mod signing;
mod transform;
mod tree_connect;
mod validate_negotiate;
mod write;

pub use body::{Body, encode};
pub use close::{CloseRequest, CloseResponse};
pub use command::Command;
pub use compound::{join, split};
pub use create::{CreateRequest, CreateResponse};
pub use dialect::Dialect;
pub use error_response::{ErrorContext, ErrorResponse, encode_error};
pub use file_id::FileId;
pub use frame::{FrameBuffer, FrameError, frame};
pub use header::{Flags, Header};
pub use ioctl::{FSCTL_PIPE_TRANSCEIVE, FSCTL_VALIDATE_NEGOTIATE_INFO, IoctlRequest, IoctlResponse};
pub use key_derivation::{SessionKeys, derive_keys};
pub use negotiate::{Capabilities, NegotiateRequest, NegotiateResponse, SecurityMode};
pub use negotiate_context::NegotiateContext;
pub use preauth::PreauthHash;
pub use read::{ReadRequest, ReadResponse};
pub use sealing::{Cipher, OpenError, Sealer};
pub use session_setup::{SessionFlags, SessionSetupRequest, SessionSetupResponse};
pub use signing::{Role, Signer, SigningAlgorithm};
pub use transform::TransformHeader;
pub use tree_connect::{ShareType, TreeConnectRequest, TreeConnectResponse};
pub use validate_negotiate::{ValidateNegotiateRequest, ValidateNegotiateResponse};
pub use write::{WriteRequest, WriteResponse};

/// The first four bytes of an SMB2 message.
pub const PROTOCOL_ID: [u8; 4] = [0xfe, b'S', b'M', b'B'];

/// The first four bytes of an encrypted one.
pub const TRANSFORM_PROTOCOL_ID: [u8; 4] = [0xfd, b'S', b'M', b'B'];

/// The first four bytes of an SMB1 message.
pub const SMB1_PROTOCOL_ID: [u8; 4] = [0xff, b'S', b'M', b'B'];
