use netsession_proto::client::Limits;
use netsession_proto::erref::Win32Error;
use netsession_proto::query::OneCall;
use netsession_proto::srvs::{FileGetInfoRequest, FileGetInfoResponse, FileInfo, FileLevel, InfoLevel as _};
use netsession_proto::wire::DecodeError;

use super::enum_query::FuzzedEntry as _;
use super::fuzzed_call::FuzzedCall;
use super::fuzzed_query::{FuzzedQuery, Honest};
use crate::input::Input;

/// The id of the first file of the double.
pub(super) const FIRST_ID: u32 = 16;

/// Which file has this id?
pub(super) type SingleFile = OneCall<FileGetInfoRequest>;

impl FuzzedQuery for SingleFile {
    type Wanted = FileGetInfoRequest;

    fn wanted(input: &mut Input<'_>) -> FileGetInfoRequest {
        let [_, id, choice] = input.array();
        FileGetInfoRequest { id: FIRST_ID + u32::from(id), ..FileGetInfoRequest::numbered(choice) }
    }

    fn new_query(wanted: &FileGetInfoRequest, _: Limits) -> Self {
        Self(wanted.clone())
    }

    fn text_bytes(response: &FileGetInfoResponse) -> usize {
        let texts = response.info.iter().flat_map(|file| [&file.path, &file.user]).flatten();
        texts.map(|text| text.encode_utf16().count() * 2).sum()
    }

    fn assert_answered(&self, wanted: &FileGetInfoRequest, responses: &[FileGetInfoResponse]) {
        let [response] = responses else { panic!("not one response: {responses:?}") };
        assert!(response.code.is_success() && response.info.is_some(), "{response:?}");
        wanted.assert_fits(response);
    }

    fn honest(input: &mut Input<'_>) -> Honest<FileGetInfoRequest, FileGetInfoResponse, FileGetInfoRequest> {
        let wanted = Self::wanted(input);
        let level = FileLevel::from_number(wanted.level).expect("a level that there is");
        let info = Some(FileInfo::numbered(usize::from(input.u8()), level));
        let response = FileGetInfoResponse { level, info, code: Win32Error::SUCCESS };
        let items = vec![response.clone()];
        Honest { wanted, items, may_page: false, answer: Box::new(move |_| response.clone()) }
    }
}

impl FuzzedCall for FileGetInfoRequest {
    fn numbered(number: u8) -> Self {
        // Every server has level 3.
        let level = [FileLevel::L3, FileLevel::L2][usize::from(number % 2)].number();
        Self { server: Some(r"\\fs1".to_owned()), id: FIRST_ID, level }
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }

    fn encode_response(response: &FileGetInfoResponse) -> Vec<u8> {
        response.encode()
    }

    fn entries(_: &FileGetInfoResponse) -> usize {
        0
    }

    fn assert_fits(&self, response: &FileGetInfoResponse) {
        assert_eq!(response.level.number(), self.level);
        assert_eq!(response.info.is_some(), response.code.is_success());
        if let Some(file) = &response.info {
            assert_eq!(file.clone().reduced_to(response.level), *file, "fields that the level has not");
        }
    }
}
