use netsession_proto::client::Limits;
use netsession_proto::erref::Win32Error;
use netsession_proto::query::OneCall;
use netsession_proto::srvs::{ServerGetInfoRequest, ServerGetInfoResponse, ServerInfo101};
use netsession_proto::wire::DecodeError;

use super::fuzzed_call::FuzzedCall;
use super::fuzzed_query::{FuzzedQuery, Honest};
use crate::input::Input;

/// What is the server?
pub(super) type InfoQuery = OneCall<ServerGetInfoRequest>;

impl FuzzedQuery for InfoQuery {
    type Wanted = ();

    fn wanted(input: &mut Input<'_>) {
        input.u8();
    }

    fn new_query((): &(), _: Limits) -> Self {
        Self(ServerGetInfoRequest::numbered(0))
    }

    fn text_bytes(response: &ServerGetInfoResponse) -> usize {
        let texts = response.info.iter().flat_map(|info| [&info.name, &info.comment]);
        texts.map(|text| text.encode_utf16().count() * 2).sum()
    }

    fn assert_answered(&self, (): &(), responses: &[ServerGetInfoResponse]) {
        assert!(matches!(responses, [one] if one.code.is_success() && one.info.is_some()), "{responses:?}");
    }

    fn honest(input: &mut Input<'_>) -> Honest<(), ServerGetInfoResponse, ServerGetInfoRequest> {
        let [length, major, minor, kind] = [(); 4].map(|()| input.u8());
        let info = ServerInfo101 {
            name: "n".repeat(usize::from(length)),
            version: (major.into(), minor.into()),
            kind: u32::from(kind) << 4,
            comment: "\u{7530}".repeat(usize::from(length / 2)),
        };
        let response = ServerGetInfoResponse {
            level: ServerGetInfoRequest::LEVEL,
            info: Some(info),
            code: Win32Error::SUCCESS,
        };
        let items = vec![response.clone()];
        Honest { wanted: (), items, may_page: false, answer: Box::new(move |_| response.clone()) }
    }
}

impl FuzzedCall for ServerGetInfoRequest {
    fn numbered(_: u8) -> Self {
        Self { machine: None, server: None, level: Self::LEVEL }
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }

    fn encode_response(response: &ServerGetInfoResponse) -> Vec<u8> {
        response.encode()
    }

    fn entries(_: &ServerGetInfoResponse) -> usize {
        0
    }

    fn assert_fits(&self, response: &ServerGetInfoResponse) {
        assert_eq!(response.info.is_some(), response.code.is_success());
    }
}
