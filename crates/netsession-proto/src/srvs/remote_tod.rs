//! NetrRemoteTOD: what time it is on the server (\[MS-SRVS\] 3.1.4.21).

use super::info_response::return_value;
use super::{CodedResponse, Operation, ResponseError, Right, RpcCall};
use crate::erref::Win32Error;
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The question. Every user may ask it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RemoteTodRequest {
    /// The server, as `\\fs1`. No server looks at it.
    pub server: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteTodResponse {
    /// The clock; all zeros where the call failed.
    pub time: TimeOfDay,
    /// The return value of the call.
    pub code: Win32Error,
}

/// TIME_OF_DAY_INFO (\[MS-SRVS\] 2.2.4.105), without the fields that repeat the first ones as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeOfDay {
    /// Seconds since 1970, UTC.
    pub elapsed: u32,
    /// Hundredths of a second beyond that. Samba always says zero.
    pub hundredths: u32,
    /// Minutes to the west of UTC; -1 is undefined.
    pub timezone: i32,
}

impl RemoteTodRequest {
    /// Reads a stub.
    ///
    /// # Errors
    /// The stub is malformed.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self { server: NdrReader::new(stub).unique_string("ServerName")? })
    }
}

impl RpcCall for RemoteTodRequest {
    const OPNUM: u16 = 28;
    const OPERATION: Operation =
        Operation::question("NetrRemoteTOD", "request for the time").with_right(Right::Everyone);
    type Response = RemoteTodResponse;

    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        writer.into_bytes()
    }

    fn decode_response(&self, stub: &[u8], _: usize) -> Result<RemoteTodResponse, ResponseError> {
        let mut reader = NdrReader::new(stub);
        let is_there = reader.pointer("BufferPtr")?;
        let mut words = [0; 12];
        if is_there {
            for word in &mut words {
                *word = reader.u32("TIME_OF_DAY_INFO")?;
            }
        }
        let [elapsed, _, _, _, _, hundredths, timezone, ..] = words;
        let time = TimeOfDay { elapsed, hundredths, timezone: i32::from_le_bytes(timezone.to_le_bytes()) };
        let code = return_value(&mut reader, "BufferPtr", is_there)?;
        Ok(RemoteTodResponse { time: if code.is_success() { time } else { TimeOfDay::default() }, code })
    }
}

impl RemoteTodResponse {
    /// The stub, for a server double: the date repeats the seconds of the day and leaves the rest zero.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let TimeOfDay { elapsed, hundredths, timezone } = self.time;
        let (hours, minutes, seconds) = (elapsed / 3600 % 24, elapsed / 60 % 60, elapsed % 60);
        let timezone = u32::from_le_bytes(timezone.to_le_bytes());
        let words = [elapsed, 0, hours, minutes, seconds, hundredths, timezone, 310, 0, 0, 0, 0];
        let mut writer = NdrWriter::new();
        writer.pointer(self.code.is_success());
        if self.code.is_success() {
            words.into_iter().for_each(|word| writer.u32(word));
        }
        writer.u32(self.code.0);
        writer.into_bytes()
    }
}

impl CodedResponse for RemoteTodResponse {
    fn code(&self) -> Win32Error {
        self.code
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Samba 4.17 answered, on 2026-11-25 at 21:56:07 UTC.
    const SAMBA: [u32; 14] = [0x0002_0000, 1_795_643_767, 0, 21, 56, 7, 0, 0, 310, 25, 11, 2026, 3, 0];

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn decode(stub: &[u8]) -> Result<RemoteTodResponse, ResponseError> {
        RemoteTodRequest::default().decode_response(stub, 0)
    }

    #[test]
    fn samba_tells_the_time() {
        let time = TimeOfDay { elapsed: 1_795_643_767, hundredths: 0, timezone: 0 };
        assert_eq!(decode(&bytes(&SAMBA)), Ok(RemoteTodResponse { time, code: Win32Error::SUCCESS }));
    }

    #[test]
    fn error_needs_no_clock_and_success_does() {
        let response = RemoteTodResponse { time: TimeOfDay::default(), code: Win32Error::ACCESS_DENIED };
        assert_eq!(decode(&bytes(&[0, 5])), Ok(response));
        assert!(decode(&bytes(&[0, 0])).is_err());
        assert!(decode(&bytes(&[0, 5, 0, 0])).is_err(), "more than padding behind the return value");
    }

    #[test]
    fn every_prefix_is_an_error() {
        let stub = bytes(&SAMBA);
        for end in 0..stub.len() {
            assert!(decode(&stub[..end]).is_err(), "{end} bytes");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(elapsed: u32, hundredths: u32, timezone: i32) {
            let time = TimeOfDay { elapsed, hundredths, timezone };
            let response = RemoteTodResponse { time, code: Win32Error::SUCCESS };
            prop_assert_eq!(decode(&response.encode()), Ok(response));
            let request = RemoteTodRequest { server: Some(format!(r"\\{elapsed}")) };
            prop_assert_eq!(RemoteTodRequest::decode(&request.encode()), Ok(request));
        }
    }
}
