use super::response::SessionEnumResponse;
use crate::ndr::{NdrReader, NdrWriter};
use crate::srvs::enumeration::EnumRequest;
use crate::srvs::{Filters, Level, MAX_PREFERRED_LENGTH, Operation, ResponseError, Right, RpcCall};
use crate::wire::DecodeError;

/// The question (\[MS-SRVS\] 3.1.4.5).
///
/// ```
/// use netsession_proto::srvs::{Level, RpcCall as _, SessionEnumRequest};
///
/// let request = SessionEnumRequest { user: Some("alice".into()), ..SessionEnumRequest::new(Level::L1) };
/// assert_eq!(SessionEnumRequest::decode(&request.encode()), Ok(request));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnumRequest {
    /// The server, as `\\fs1`. No server looks at it.
    pub server: Option<String>,
    /// Only sessions from this computer, as `\\10.0.0.5`.
    pub client: Option<String>,
    /// Only sessions of this user.
    pub user: Option<String>,
    /// The number of the level: any number, so that a server double can refuse it with 124.
    pub level: u32,
    /// How many bytes of entries to send at most; [`MAX_PREFERRED_LENGTH`] is everything.
    pub preferred_length: u32,
    /// Where to go on: the handle of the answer before, 0 at first.
    pub resume: Option<u32>,
}

impl SessionEnumRequest {
    /// Asks for all sessions, from the first one.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self {
            server: None,
            client: None,
            user: None,
            level: level.number(),
            preferred_length: MAX_PREFERRED_LENGTH,
            resume: Some(0),
        }
    }

    /// Reads a stub. The container may be null or have an empty array; entries in it are refused.
    ///
    /// # Errors
    /// The stub is malformed, or level and tag differ.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = NdrReader::new(stub);
        let server = reader.unique_string("ServerName")?;
        let client = reader.unique_string("ClientName")?;
        let user = reader.unique_string("UserName")?;
        let EnumRequest { level, preferred_length, resume } = EnumRequest::decode(&mut reader)?;
        Ok(Self { server, client, user, level, preferred_length, resume })
    }
}

impl RpcCall for SessionEnumRequest {
    const OPNUM: u16 = 12;
    const OPERATION: Operation = Operation::question("NetrSessionEnum", "enumeration of sessions")
        .with_right(Right::ListSessions)
        .with_filters(Filters::ClientAndUser);
    type Response = SessionEnumResponse;

    /// The stub. The container is there, and empty: Samba answers a null one with an empty list.
    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        writer.unique_string(self.client.as_deref());
        writer.unique_string(self.user.as_deref());
        let Self { level, preferred_length, resume, .. } = *self;
        EnumRequest { level, preferred_length, resume }.encode(&mut writer);
        writer.into_bytes()
    }

    /// See [`SessionEnumResponse::decode`].
    fn decode_response(&self, stub: &[u8], max_entries: usize) -> Result<SessionEnumResponse, ResponseError> {
        // Only the double asks for levels that there are not.
        let level =
            Level::from_number(self.level).ok_or(DecodeError::invalid("Level", 0, u64::from(self.level)))?;
        SessionEnumResponse::decode(stub, level, max_entries)
    }
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::srvs::session_enum::samba_bytes::REQUESTS;
    use crate::srvs::test_bytes::bytes;

    #[test]
    fn samba_writes_the_same_bytes() {
        for (level, hex) in REQUESTS {
            let request = SessionEnumRequest {
                server: Some(r"\\fs1".into()),
                client: (level != Level::L1).then(|| r"\\10.0.0.5".into()),
                user: (level != Level::L10).then(|| "alice".into()),
                resume: (level != Level::L502).then_some(0),
                ..SessionEnumRequest::new(level)
            };
            assert_eq!(request.encode(), bytes(hex), "level {level}");
            assert_eq!(SessionEnumRequest::decode(&bytes(hex)), Ok(request), "level {level}");
        }
    }

    #[test]
    fn every_prefix_is_an_error() {
        for (level, hex) in REQUESTS {
            let stub = bytes(hex);
            for end in 0..stub.len() {
                assert!(SessionEnumRequest::decode(&stub[..end]).is_err(), "level {level}, {end} bytes");
            }
        }
    }

    #[test]
    fn other_clients_send_other_containers() {
        let head = [0u32, 0, 0, 1, 1];
        let tail = [0xffff_ffff, 0];
        let wanted = SessionEnumRequest { resume: None, ..SessionEnumRequest::new(Level::L1) };
        for (container, well_formed) in [
            (&[0][..], true),
            (&[1, 0, 0], true),
            (&[1, 0, 2, 0], true),
            (&[1, 1, 0], false),
            (&[1, 1, 2, 1, 0], false),
        ] {
            let words = head.iter().chain(container).chain(&tail);
            let stub: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
            assert_eq!(
                SessionEnumRequest::decode(&stub).ok(),
                well_formed.then(|| wanted.clone()),
                "{container:?}"
            );
        }
    }

    #[test]
    fn level_and_tag_must_agree() {
        let mut stub = SessionEnumRequest::new(Level::L1).encode();
        stub[16] = 2;
        assert!(SessionEnumRequest::decode(&stub).is_err());
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            server in option::of("[^\0]{0,12}"),
            client in option::of("[^\0]{0,12}"),
            user in option::of("[^\0]{0,12}"),
            level: u32,
            preferred_length: u32,
            resume: Option<u32>,
        ) {
            let request = SessionEnumRequest { server, client, user, level, preferred_length, resume };
            prop_assert_eq!(SessionEnumRequest::decode(&request.encode()), Ok(request));
        }

        #[test]
        fn anything_is_decoded_or_refused(stub in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = SessionEnumRequest::decode(&stub);
        }
    }
}
