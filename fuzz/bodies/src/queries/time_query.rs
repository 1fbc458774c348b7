use netsession_proto::client::Limits;
use netsession_proto::erref::Win32Error;
use netsession_proto::query::OneCall;
use netsession_proto::srvs::{RemoteTodRequest, RemoteTodResponse, TimeOfDay};
use netsession_proto::wire::DecodeError;

use super::fuzzed_call::FuzzedCall;
use super::fuzzed_query::{FuzzedQuery, Honest};
use crate::input::Input;

/// What time is it?
pub(super) type TimeQuery = OneCall<RemoteTodRequest>;

impl FuzzedQuery for TimeQuery {
    type Wanted = ();

    fn wanted(input: &mut Input<'_>) {
        input.u8();
    }

    fn new_query((): &(), _: Limits) -> Self {
        Self(RemoteTodRequest::numbered(0))
    }

    fn text_bytes(_: &RemoteTodResponse) -> usize {
        0
    }

    /// The clock goes on while messages are delayed: by no more than a handshake and two questions may take.
    fn agree(one: &RemoteTodResponse, other: &RemoteTodResponse) -> bool {
        const LONGEST_HUNDREDTHS: u64 = 3 * 10 * 100;
        let clock = |time: TimeOfDay| u64::from(time.elapsed) * 100 + u64::from(time.hundredths);
        one.code == other.code
            && one.time.timezone == other.time.timezone
            && clock(one.time).abs_diff(clock(other.time)) <= LONGEST_HUNDREDTHS
    }

    fn assert_answered(&self, (): &(), responses: &[RemoteTodResponse]) {
        assert!(matches!(responses, [one] if one.code == Win32Error::SUCCESS), "{responses:?}");
    }

    fn honest(input: &mut Input<'_>) -> Honest<(), RemoteTodResponse, RemoteTodRequest> {
        let [elapsed, hundredths, zone, _] = [(); 4].map(|()| u32::from(input.u8()));
        let time = TimeOfDay { elapsed, hundredths, timezone: i32::try_from(zone).unwrap_or(-1) - 1 };
        let response = RemoteTodResponse { time, code: Win32Error::SUCCESS };
        Honest { wanted: (), items: vec![response], may_page: false, answer: Box::new(move |_| response) }
    }
}

impl FuzzedCall for RemoteTodRequest {
    fn numbered(_: u8) -> Self {
        Self { server: Some(r"\\fs1".to_owned()) }
    }

    fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(stub)
    }

    fn encode_response(response: &RemoteTodResponse) -> Vec<u8> {
        response.encode()
    }

    fn entries(_: &RemoteTodResponse) -> usize {
        0
    }

    fn assert_fits(&self, response: &RemoteTodResponse) {
        assert!(response.code == Win32Error::SUCCESS || response.time == TimeOfDay::default());
    }
}
