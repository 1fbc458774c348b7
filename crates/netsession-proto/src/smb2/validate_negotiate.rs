use super::negotiate::{Capabilities, SecurityMode};
use crate::wire::{DecodeError, Reader, Writer};

/// Repeats the client's NEGOTIATE, signed (VALIDATE_NEGOTIATE_INFO, \[MS-SMB2\] 2.2.31.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidateNegotiateRequest {
    /// What the client can, as offered.
    pub capabilities: Capabilities,
    /// ClientGuid, as sent.
    pub client_guid: [u8; 16],
    /// SecurityMode, as sent.
    pub security_mode: SecurityMode,
    /// The dialects, as offered.
    pub dialects: Vec<u16>,
}

/// Repeats the server's NEGOTIATE, signed (\[MS-SMB2\] 2.2.32.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidateNegotiateResponse {
    /// What the server can.
    pub capabilities: Capabilities,
    /// ServerGuid.
    pub server_guid: [u8; 16],
    /// SecurityMode.
    pub security_mode: SecurityMode,
    /// The dialect chosen.
    pub dialect: u16,
}

impl ValidateNegotiateRequest {
    /// The input of the control code.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u32(self.capabilities.0);
        out.bytes(&self.client_guid);
        out.u16(self.security_mode.0);
        out.u16_length(self.dialects.len());
        self.dialects.iter().for_each(|dialect| out.u16(*dialect));
        out.into_bytes()
    }

    /// Reads the input of the control code.
    ///
    /// # Errors
    /// The bytes break the format.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(input);
        let capabilities = Capabilities(reader.u32("Capabilities")?);
        let client_guid = reader.take_array("Guid")?;
        let security_mode = SecurityMode(reader.u16("SecurityMode")?);
        let count = reader.u16_length("DialectCount")?;
        let mut list = Reader::new(reader.take(count.saturating_mul(2), "Dialects")?);
        let mut dialects = Vec::new();
        while !list.is_empty() {
            dialects.push(list.u16("Dialects")?);
        }
        Ok(Self { capabilities, client_guid, security_mode, dialects })
    }
}

impl ValidateNegotiateResponse {
    /// Bytes of the output.
    pub const SIZE: u32 = 4 /* Capabilities */ + 16 /* Guid */ + 2 /* SecurityMode */ + 2 /* Dialect */;

    /// The output of the control code.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u32(self.capabilities.0);
        out.bytes(&self.server_guid);
        out.u16(self.security_mode.0);
        out.u16(self.dialect);
        out.into_bytes()
    }

    /// Reads the output of the control code.
    ///
    /// # Errors
    /// The bytes break the format.
    pub fn decode(output: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(output);
        Ok(Self {
            capabilities: Capabilities(reader.u32("Capabilities")?),
            server_guid: reader.take_array("Guid")?,
            security_mode: SecurityMode(reader.u16("SecurityMode")?),
            dialect: reader.u16("Dialect")?,
        })
    }
}
