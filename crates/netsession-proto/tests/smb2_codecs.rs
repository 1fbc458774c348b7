//! Every SMB2 message: what is encoded is decoded again, and no prefix of a message is taken for a whole one.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;
use netsession_proto::wire::DecodeError;
use proptest::prelude::*;

fn header() -> Header {
    Header {
        credit_charge: 1,
        status: NtStatus(0),
        command: Command::NEGOTIATE,
        credits: 5,
        flags: Flags::RESPONSE,
        next_command: 0,
        message_id: 3,
        async_or_tree_id: 7 << 32,
        session_id: 11,
        signature: [0; 16],
    }
}

/// Holds one message against its decoder: whole, and cut off at every byte.
fn holds<B>(message: &B)
where
    B: for<'a> Body<'a> + PartialEq + std::fmt::Debug,
{
    holds_with(message, |bytes| B::decode(bytes).map(|again| assert_eq!(again, *message)), 0);
}

/// As `holds`, for bodies that borrow. `optional` bytes at the end may be missing.
fn holds_with<'m, B: Body<'m>>(
    message: &B,
    decode: impl Fn(&[u8]) -> Result<(), DecodeError>,
    optional: usize,
) {
    let bytes = encode(&header(), message);
    assert_eq!(Header::decode(&bytes).unwrap().command, B::COMMAND);
    decode(&bytes).unwrap();
    for length in 0..bytes.len() - optional {
        assert!(decode(&bytes[..length]).is_err(), "{:?} cut to {length} of {}", B::COMMAND, bytes.len());
    }
}

fn file_id() -> impl Strategy<Value = FileId> {
    any::<(u64, u64)>().prop_map(|(persistent, volatile)| FileId { persistent, volatile })
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..200)
}

fn numbers() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 0..9)
}

fn context() -> impl Strategy<Value = NegotiateContext> {
    prop_oneof![
        (numbers(), bytes()).prop_map(|(hashes, salt)| NegotiateContext::Preauth { hashes, salt }),
        numbers().prop_map(NegotiateContext::Encryption),
        numbers().prop_map(NegotiateContext::Signing),
        "[a-zä-ü0-9.]{0,20}".prop_map(NegotiateContext::NetName),
        (0x100_u16..0x200, bytes()).prop_map(|(kind, data)| NegotiateContext::Other { kind, data }),
    ]
}

fn contexts() -> impl Strategy<Value = Vec<NegotiateContext>> {
    proptest::collection::vec(context(), 1..5)
}

proptest! {
    #[test]
    fn negotiate_is_read_as_written(
        mut dialects in numbers(), mode: u16, capabilities: u32, client_guid: [u8; 16], contexts in contexts(),
        server_guid: [u8; 16], sizes: (u32, u32, u32), system_time: u64, token in bytes(),
    ) {
        dialects.retain(|dialect| *dialect != Dialect::Smb311.number());
        let mut request = NegotiateRequest {
            dialects,
            security_mode: SecurityMode(mode),
            capabilities: Capabilities(capabilities),
            client_guid,
            contexts: Vec::new(),
        };
        holds(&request);
        request.dialects.push(Dialect::Smb311.number());
        request.contexts = contexts.clone();
        prop_assert_eq!(&NegotiateRequest::decode(&encode(&header(), &request)).unwrap(), &request);

        let mut response = NegotiateResponse {
            security_mode: SecurityMode(mode),
            dialect: Dialect::Smb302.number(),
            server_guid,
            capabilities: Capabilities(capabilities),
            max_transact_size: sizes.0,
            max_read_size: sizes.1,
            max_write_size: sizes.2,
            system_time,
            token: &token,
            contexts: Vec::new(),
        };
        holds_with(&response, |bytes| NegotiateResponse::decode(bytes).map(|again| assert_eq!(again, response)), 0);
        response.dialect = Dialect::Smb311.number();
        response.contexts = contexts;
        holds_with(&response, |bytes| NegotiateResponse::decode(bytes).map(|again| assert_eq!(again, response)), 0);
    }

    #[test]
    fn session_setup_is_read_as_written(security_mode: u8, flags: u16, token in bytes()) {
        let request = SessionSetupRequest { security_mode, token: &token };
        holds_with(&request, |bytes| SessionSetupRequest::decode(bytes).map(|again| assert_eq!(again, request)), 0);
        let response = SessionSetupResponse { flags: SessionFlags(flags), token: &token };
        holds_with(&response, |bytes| SessionSetupResponse::decode(bytes).map(|again| assert_eq!(again, response)), 0);
    }

    #[test]
    fn tree_connect_is_read_as_written(path in "[a-z\\\\$é]{0,40}", kind: u8, numbers: (u32, u32, u32)) {
        holds(&TreeConnectRequest { path });
        let (share_flags, capabilities, maximal_access) = numbers;
        holds(&TreeConnectResponse { share_type: ShareType(kind), share_flags, capabilities, maximal_access });
    }

    #[test]
    fn create_and_close_are_read_as_written(name in "[a-zé]{0,40}", file_id in file_id()) {
        holds(&CreateRequest { name });
        holds(&CreateResponse { file_id });
        holds(&CloseRequest { file_id });
        holds(&CloseResponse);
    }

    #[test]
    fn ioctl_is_read_as_written(code: u32, file_id in file_id(), data in bytes(), max_output: u32) {
        let request = IoctlRequest { code, file_id, input: &data, max_output };
        holds_with(&request, |bytes| IoctlRequest::decode(bytes).map(|again| assert_eq!(again, request)), 0);
        let response = IoctlResponse { code, file_id, output: &data };
        holds_with(&response, |bytes| IoctlResponse::decode(bytes).map(|again| assert_eq!(again, response)), 0);
    }

    #[test]
    fn read_and_write_are_read_as_written(file_id in file_id(), data in bytes(), length: u32) {
        let request = ReadRequest { file_id, length };
        // What follows the handle is not needed to understand a READ.
        holds_with(&request, |bytes| ReadRequest::decode(bytes).map(|again| assert_eq!(again, request)), 17);
        let response = ReadResponse { data: &data };
        holds_with(&response, |bytes| ReadResponse::decode(bytes).map(|again| assert_eq!(again, response)), 0);
        let request = WriteRequest { file_id, data: &data };
        holds_with(&request, |bytes| WriteRequest::decode(bytes).map(|again| assert_eq!(again, request)), 0);
        holds_with(&WriteResponse { count: length }, |bytes| WriteResponse::decode(bytes).map(|_| ()), 4);
    }

    #[test]
    fn errors_are_read_as_written(ids: (u32, u32), first in bytes(), second in bytes()) {
        let contexts = vec![ErrorContext { id: ids.0, data: &first }, ErrorContext { id: ids.1, data: &second }];
        for error in [ErrorResponse { contexts, data: &[] }, ErrorResponse { contexts: vec![], data: &first }] {
            let message = encode_error(&Header { command: Command::IOCTL, ..header() }, &error);
            prop_assert_eq!(&ErrorResponse::decode(&message).unwrap(), &error);
            for length in 0..message.len() {
                let cut = ErrorResponse::decode(&message[..length]);
                // The one byte that stands for no data is not needed.
                prop_assert!(cut.is_err() || (error.data.is_empty() && error.contexts.is_empty()));
            }
        }
    }

    #[test]
    fn validate_negotiate_is_read_as_written(capabilities: u32, guid: [u8; 16], mode: u16, dialects in numbers(), dialect: u16) {
        let (capabilities, security_mode) = (Capabilities(capabilities), SecurityMode(mode));
        let request = ValidateNegotiateRequest { capabilities, client_guid: guid, security_mode, dialects };
        let bytes = request.encode();
        prop_assert_eq!(&ValidateNegotiateRequest::decode(&bytes).unwrap(), &request);
        prop_assert!((0..bytes.len()).all(|length| ValidateNegotiateRequest::decode(&bytes[..length]).is_err()));
        let response = ValidateNegotiateResponse { capabilities, server_guid: guid, security_mode, dialect };
        let bytes = response.encode();
        prop_assert_eq!(u32::try_from(bytes.len()).unwrap(), ValidateNegotiateResponse::SIZE);
        prop_assert_eq!(ValidateNegotiateResponse::decode(&bytes), Ok(response));
        prop_assert!((0..bytes.len()).all(|length| ValidateNegotiateResponse::decode(&bytes[..length]).is_err()));
    }

    #[test]
    fn random_bytes_never_panic(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut message = encode(&header(), &CloseResponse);
        message.truncate(Header::SIZE);
        message.extend_from_slice(&noise);
        for bytes in [&noise, &message] {
            let _ = split(bytes);
            let _ = Header::decode(bytes);
            let _ = NegotiateRequest::decode(bytes);
            let _ = NegotiateResponse::decode(bytes);
            let _ = SessionSetupRequest::decode(bytes);
            let _ = SessionSetupResponse::decode(bytes);
            let _ = TreeConnectRequest::decode(bytes);
            let _ = CreateRequest::decode(bytes);
            let _ = CreateResponse::decode(bytes);
            let _ = IoctlRequest::decode(bytes);
            let _ = IoctlResponse::decode(bytes);
            let _ = ReadResponse::decode(bytes);
            let _ = WriteRequest::decode(bytes);
            let _ = ErrorResponse::decode(bytes);
        }
    }
}
