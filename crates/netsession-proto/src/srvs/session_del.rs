//! NetrSessionDel: ends sessions (\[MS-SRVS\] 3.1.4.7).

use super::{CodeAlone, Operation, ResponseError, Right, RpcCall};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The request: every session of this user from this computer ends.
///
/// An absent or empty name matches every name, so both are given here. Samba ends the whole connection that such a
/// session is on, with every other session on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDelRequest {
    /// The server, as `\\fs1`. No server looks at it.
    pub server: Option<String>,
    /// The computer, as NetrSessionEnum names it and with `\\` in front.
    pub client: String,
    /// The user, as NetrSessionEnum names it.
    pub user: String,
}

impl SessionDelRequest {
    /// Reads a stub. Absent names are empty.
    ///
    /// # Errors
    /// The stub is malformed.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = NdrReader::new(stub);
        Ok(Self {
            server: reader.unique_string("ServerName")?,
            client: reader.unique_string("ClientName")?.unwrap_or_default(),
            user: reader.unique_string("UserName")?.unwrap_or_default(),
        })
    }
}

impl RpcCall for SessionDelRequest {
    const OPNUM: u16 = 13;
    const OPERATION: Operation =
        Operation::change("NetrSessionDel", "closing of a session").with_right(Right::EndSessions);
    type Response = CodeAlone;

    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        writer.unique_string(Some(&self.client));
        writer.unique_string(Some(&self.user));
        writer.into_bytes()
    }

    fn decode_response(&self, stub: &[u8], _: usize) -> Result<CodeAlone, ResponseError> {
        CodeAlone::decode(stub)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samba_writes_the_same_bytes() {
        let request = SessionDelRequest {
            server: Some(r"\\fs1".into()),
            client: r"\\10.0.0.5".into(),
            user: r"LAB\bob".into(),
        };
        // python3-samba 4.17
        let samba = "000002000600000000000000060000005c005c006600730031000000040002000b000000000000000b0000005c005c00\
            310030002e0030002e0030002e00350000000000080002000800000000000000080000004c00410042005c0062006f00\
            62000000";
        let hex: String = request.encode().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, samba);
        assert_eq!(SessionDelRequest::decode(&request.encode()), Ok(request.clone()));
        for end in 0..request.encode().len() {
            assert!(SessionDelRequest::decode(&request.encode()[..end]).is_err(), "{end} bytes");
        }
    }
}
