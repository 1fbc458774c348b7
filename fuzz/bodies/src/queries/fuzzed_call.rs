use std::fmt::Debug;

use netsession_proto::srvs::{ResponseError, RpcCall};
use netsession_proto::wire::DecodeError;

use crate::input::Input;

/// What a call brings to the targets: the coding of its stubs in the other direction, and what must hold.
pub(crate) trait FuzzedCall: RpcCall<Response: Debug + PartialEq> + Debug + PartialEq + Sized {
    /// A request; the number chooses among those whose responses have different forms, such as the level.
    fn numbered(number: u8) -> Self;

    /// Reads the stub of a request.
    fn decode(stub: &[u8]) -> Result<Self, DecodeError>;

    /// The stub of a response.
    fn encode_response(response: &Self::Response) -> Vec<u8>;

    /// How many entries a response has.
    fn entries(response: &Self::Response) -> usize;

    /// Panics where a response cannot be one to this request.
    fn assert_fits(&self, response: &Self::Response);
}

/// The decoders of a call, without its type.
#[derive(Debug)]
pub(crate) struct CallDecoders {
    pub(crate) opnum: u16,
    /// Decodes a request; what is decoded is the same after it has been encoded and decoded again.
    pub(crate) request: fn(&[u8]),
    /// The same for a response. The first byte has the number of the request and the limit of entries.
    pub(crate) response: fn(&[u8]),
    /// The first byte with which the stub of a response is decoded.
    pub(crate) response_choice: fn(&[u8]) -> Option<u8>,
}

/// The limit of entries in the first byte of a response.
const LIMIT: u8 = 0x0f;

impl CallDecoders {
    pub(super) const fn new<C: FuzzedCall>() -> Self {
        Self {
            opnum: C::OPNUM,
            request: request::<C>,
            response: response::<C>,
            response_choice: response_choice::<C>,
        }
    }
}

fn request<C: FuzzedCall>(stub: &[u8]) {
    if let Ok(first) = C::decode(stub) {
        assert_eq!(C::decode(&first.encode()).as_ref(), Ok(&first));
    }
}

/// A response with a small limit: never more entries than that, and what is refused for being too many is refused
/// with less room as well.
fn response<C: FuzzedCall>(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let choice = input.u8();
    let call = C::numbered(choice >> 4);
    let limit = usize::from(choice & LIMIT);
    let stub = input.rest();
    match call.decode_response(stub, limit) {
        Ok(first) => {
            assert!(C::entries(&first) <= limit, "{} of {limit}", C::entries(&first));
            call.assert_fits(&first);
            let again = call.decode_response(&C::encode_response(&first), limit);
            assert_eq!(again.as_ref(), Ok(&first));
        }
        Err(ResponseError::TooManyEntries { limit: reported }) => {
            assert_eq!(reported, limit);
            assert!(call.decode_response(stub, limit / 2).is_err());
        }
        Err(_) => {}
    }
}

fn response_choice<C: FuzzedCall>(stub: &[u8]) -> Option<u8> {
    let number = (0..16).find(|number| C::numbered(*number).decode_response(stub, stub.len()).is_ok())?;
    Some(number << 4 | LIMIT)
}
