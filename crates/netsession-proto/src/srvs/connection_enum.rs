//! NetrConnectionEnum: the connections to a share, or from a computer (\[MS-SRVS\] 3.1.4.1).

use std::fmt;

use super::enumeration::{Entry, EnumRequest, EnumResponse, InfoLevel, string_behind};
use super::{MAX_PREFERRED_LENGTH, Operation, ResponseError, RpcCall};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionEnumRequest {
    /// The server, as `\\fs1`. No server looks at it.
    pub server: Option<String>,
    /// The name of a share, or a computer as `\\10.0.0.5`. Without one servers refuse the call.
    pub qualifier: Option<String>,
    /// The number of the level: any number, so that a server double can refuse it with 124.
    pub level: u32,
    /// Maximum bytes of entries to send; [`MAX_PREFERRED_LENGTH`] is everything.
    pub preferred_length: u32,
    /// Where to go on: the handle of the answer before, 0 at first.
    pub resume: Option<u32>,
}

/// The answer.
pub type ConnectionEnumResponse = EnumResponse<ConnectionInfo>;

impl ConnectionEnumRequest {
    /// Requests all connections of this share or computer, from the first one.
    #[must_use]
    pub fn new(qualifier: impl Into<String>) -> Self {
        let (level, qualifier) = (ConnectionLevel::L1.number(), Some(qualifier.into()));
        Self { server: None, qualifier, level, preferred_length: MAX_PREFERRED_LENGTH, resume: Some(0) }
    }

    /// Reads a stub.
    ///
    /// # Errors
    /// The stub is malformed, or level and tag differ.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = NdrReader::new(stub);
        let server = reader.unique_string("ServerName")?;
        let qualifier = reader.unique_string("Qualifier")?;
        let EnumRequest { level, preferred_length, resume } = EnumRequest::decode(&mut reader)?;
        Ok(Self { server, qualifier, level, preferred_length, resume })
    }
}

impl RpcCall for ConnectionEnumRequest {
    const OPNUM: u16 = 8;
    const OPERATION: Operation = Operation::question("NetrConnectionEnum", "enumeration of connections");
    type Response = ConnectionEnumResponse;

    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        writer.unique_string(self.qualifier.as_deref());
        let Self { level, preferred_length, resume, .. } = *self;
        EnumRequest { level, preferred_length, resume }.encode(&mut writer);
        writer.into_bytes()
    }

    fn decode_response(&self, stub: &[u8], max_entries: usize) -> Result<Self::Response, ResponseError> {
        let level = ConnectionLevel::requested(self.level)?;
        EnumResponse::decode(stub, level, max_entries)
    }
}

/// How much a connection reports. Level 0, an id alone, is not supported here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectionLevel {
    /// Every field.
    L1,
}

impl InfoLevel for ConnectionLevel {
    const ALL: &'static [Self] = &[Self::L1];

    fn number(self) -> u32 {
        1
    }
}

impl fmt::Display for ConnectionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

/// CONNECTION_INFO_1: a connection to a share (\[MS-SRVS\] 2.2.4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// The id.
    pub id: u32,
    /// STYPE_ bits of \[MS-SRVS\] 2.2.2.4, as the server sent them.
    pub kind: u32,
    /// Open files.
    pub opens: u32,
    /// Users of it.
    pub users: u32,
    /// Seconds since it was made.
    pub seconds: u32,
    /// The user.
    pub user: String,
    /// The share where a computer was asked for, the computer where a share was.
    pub name: String,
}

impl ConnectionInfo {
    /// Whether Samba (measured with 4.17.12) has filled it: with the same names in every row, whatever is connected.
    #[must_use]
    pub fn is_made_up(&self) -> bool {
        self.user == "dummy_user" && self.name == "IPC$"
    }
}

impl Entry for ConnectionInfo {
    type Level = ConnectionLevel;

    fn fixed_size(_: ConnectionLevel) -> usize {
        5 * 4 /* id, type, num_opens, num_users, time */ + 4 /* username */ + 4 /* netname */
    }

    fn decode(
        _: ConnectionLevel,
        fixed: &mut NdrReader<'_>,
        strings: &mut NdrReader<'_>,
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            id: fixed.u32("id")?,
            kind: fixed.u32("type")?,
            opens: fixed.u32("num_opens")?,
            users: fixed.u32("num_users")?,
            seconds: fixed.u32("time")?,
            user: string_behind(fixed.pointer("username")?, strings, "username")?,
            name: string_behind(fixed.pointer("netname")?, strings, "netname")?,
        })
    }

    fn encode_fixed(&self, _: ConnectionLevel, writer: &mut NdrWriter) {
        let numbers = [self.id, self.kind, self.opens, self.users, self.seconds];
        numbers.into_iter().for_each(|number| writer.u32(number));
        writer.pointer(true);
        writer.pointer(true);
    }

    fn strings(&self, _: ConnectionLevel) -> Vec<&str> {
        vec![&self.user, &self.name]
    }
}
