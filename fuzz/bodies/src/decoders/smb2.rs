use netsession_proto::smb2::*;
use netsession_proto::wire::{Reader, Writer};

use super::again::{Decoder, again};

/// Of bodies: the decoder gets a whole message.
macro_rules! bodies {
    ($($body:ty),* $(,)?) => {
        &[$(|bytes| again!(bytes, <$body>::decode, |body: &$body| encode(&header(), body))),*]
    };
}

const BODIES: &[Decoder] = bodies![
    NegotiateRequest,
    NegotiateResponse<'_>,
    SessionSetupRequest<'_>,
    SessionSetupResponse<'_>,
    TreeConnectRequest,
    TreeConnectResponse,
    CreateRequest,
    CreateResponse,
    CloseRequest,
    CloseResponse,
    IoctlRequest<'_>,
    IoctlResponse<'_>,
    ReadRequest,
    ReadResponse<'_>,
    WriteRequest<'_>,
    WriteResponse,
];

pub(super) const DECODERS: &[Decoder] = &[
    |bytes| {
        // The command in the header chooses among requests, and with the flag of a response among responses.
        let Ok(header) = Header::decode(bytes) else { return };
        let number = usize::from(header.command.0).saturating_mul(2);
        let is_response = usize::from(header.flags.contains(Flags::RESPONSE));
        BODIES[(number + is_response) % BODIES.len()](bytes);
    },
    |bytes| each(BODIES, bytes),
    |bytes| again!(bytes, ErrorResponse::decode, |body: &ErrorResponse<'_>| encode_error(&header(), body)),
    |bytes| again!(bytes, Header::decode, written(Header::encode)),
    |bytes| again!(bytes, transform, written(TransformHeader::encode)),
    |bytes| again!(bytes, ValidateNegotiateRequest::decode, ValidateNegotiateRequest::encode),
    |bytes| again!(bytes, ValidateNegotiateResponse::decode, ValidateNegotiateResponse::encode),
    compound,
    stream,
];

fn each(decoders: &[Decoder], bytes: &[u8]) {
    decoders.iter().for_each(|decoder| decoder(bytes));
}

fn header() -> Header {
    Header::request(1, 2, 3)
}

fn transform(bytes: &[u8]) -> Result<TransformHeader, netsession_proto::wire::DecodeError> {
    TransformHeader::decode(&mut Reader::new(bytes))
}

fn written<T>(encode: impl Fn(&T, &mut Writer)) -> impl Fn(&T) -> Vec<u8> {
    move |value| {
        let mut out = Writer::new();
        encode(value, &mut out);
        out.into_bytes()
    }
}

/// The parts of a compound are the whole of it.
fn compound(bytes: &[u8]) {
    let Ok(parts) = split(bytes) else { return };
    assert_eq!(parts.concat(), bytes);
    for part in parts {
        assert!(Header::decode(part).is_ok());
    }
}

/// However a stream is cut, the same frames come out of it, and no more than may be is held.
fn stream(bytes: &[u8]) {
    let (cut, bytes) = bytes.split_first().map_or((1, bytes), |(cut, rest)| (usize::from(*cut).max(1), rest));
    const MAX_FRAME: usize = 4096;
    let drain = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut buffer = FrameBuffer::new(MAX_FRAME);
        let mut frames = Vec::new();
        for piece in pieces {
            buffer.push(piece);
            loop {
                match buffer.next_frame() {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    // How much of what is not SMB is quoted depends on how much has come.
                    Err(error) => return (frames, Some(std::mem::discriminant(&error))),
                }
            }
        }
        (frames, None)
    };
    let whole = drain(&mut [bytes].into_iter());
    assert!(whole.0.iter().all(|frame| frame.len() <= MAX_FRAME));
    assert_eq!(whole, drain(&mut bytes.chunks(cut)));
}
