use std::fmt::Debug;

use netsession_proto::client::Limits;
use netsession_proto::erref::Win32Error;
use netsession_proto::query::OneCall;
use netsession_proto::srvs::{CodeAlone, FileCloseRequest, RpcCall, SessionDelRequest};
use netsession_proto::wire::DecodeError;

use super::fuzzed_call::FuzzedCall;
use super::fuzzed_query::{FuzzedQuery, Honest};
use super::single_file_query::FIRST_ID;
use crate::input::Input;

/// Close this file.
pub(super) type FileClosing = OneCall<FileCloseRequest>;
/// End these sessions.
pub(super) type SessionEnd = OneCall<SessionDelRequest>;

/// A call that changes something, and says no more than whether it worked.
pub(crate) trait FuzzedClose:
    RpcCall<Response = CodeAlone> + Clone + Debug + PartialEq + 'static
{
    /// What the input closes.
    fn wanted(input: &mut Input<'_>) -> Self;

    /// Reads the stub of a request.
    fn decode(stub: &[u8]) -> Result<Self, DecodeError>;
}

macro_rules! closes {
    ($($call:ident),+) => {
        $(
            impl FuzzedQuery for OneCall<$call> {
                type Wanted = $call;

                fn wanted(input: &mut Input<'_>) -> $call {
                    <$call as FuzzedClose>::wanted(input)
                }

                fn new_query(wanted: &$call, _: Limits) -> Self {
                    Self(wanted.clone())
                }

                fn text_bytes(_: &CodeAlone) -> usize {
                    0
                }

                fn assert_answered(&self, _: &$call, codes: &[CodeAlone]) {
                    assert_eq!(codes, [CodeAlone(Win32Error::SUCCESS)]);
                }

                fn honest(input: &mut Input<'_>) -> Honest<$call, CodeAlone, $call> {
                    let closed = CodeAlone(Win32Error::SUCCESS);
                    let wanted = <$call as FuzzedClose>::wanted(input);
                    Honest { wanted, items: vec![closed], may_page: false, answer: Box::new(move |_| closed) }
                }
            }

            impl FuzzedCall for $call {
                fn numbered(number: u8) -> Self {
                    <Self as FuzzedClose>::wanted(&mut Input::new(&[0, number]))
                }

                fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
                    <Self as FuzzedClose>::decode(stub)
                }

                fn encode_response(response: &CodeAlone) -> Vec<u8> {
                    response.encode()
                }

                fn entries(_: &CodeAlone) -> usize {
                    0
                }

                fn assert_fits(&self, _: &CodeAlone) {}
            }
        )+
    };
}

closes!(FileCloseRequest, SessionDelRequest);

impl FuzzedClose for FileCloseRequest {
    fn wanted(input: &mut Input<'_>) -> Self {
        let [_, id, high] = input.array();
        Self { server: Some(r"\\fs1".to_owned()), id: FIRST_ID + u32::from_be_bytes([high & 0x7f, 0, 0, id]) }
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }
}

impl FuzzedClose for SessionDelRequest {
    fn wanted(input: &mut Input<'_>) -> Self {
        input.u8();
        // An empty name matches every name.
        let client = input.pick(&["", r"\\10.0.0.7", r"\\[::1]", r"\\"]).to_owned();
        let user = input.pick(&["alice", r"LAB\bob", "ü", ""]).to_owned();
        Self { server: Some(r"\\fs1".to_owned()), client, user }
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }
}
