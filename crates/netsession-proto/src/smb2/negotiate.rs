use super::body::{buffer, put_buffer};
use super::{Body, Command, Dialect, NegotiateContext};
use crate::wire::{DecodeError, Reader, Writer};

/// Asks for one of several dialects (\[MS-SMB2\] 2.2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegotiateRequest {
    /// The numbers of the dialects offered, lowest first.
    pub dialects: Vec<u16>,
    /// Whether signing is demanded.
    pub security_mode: SecurityMode,
    /// What the client can.
    pub capabilities: Capabilities,
    /// Tells clients apart.
    pub client_guid: [u8; 16],
    /// Contexts; only where 3.1.1 is offered.
    pub contexts: Vec<NegotiateContext>,
}

/// The dialect chosen and what the server can (\[MS-SMB2\] 2.2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegotiateResponse<'a> {
    /// Whether signing is demanded.
    pub security_mode: SecurityMode,
    /// The number of the dialect chosen.
    pub dialect: u16,
    /// Tells servers apart.
    pub server_guid: [u8; 16],
    /// What the server can.
    pub capabilities: Capabilities,
    /// The largest buffer of a control code, in bytes.
    pub max_transact_size: u32,
    /// The largest READ, in bytes.
    pub max_read_size: u32,
    /// The largest WRITE, in bytes.
    pub max_write_size: u32,
    /// The server's clock, as a FILETIME.
    pub system_time: u64,
    /// The mechanisms for logging on: a NegTokenInit2, or nothing.
    pub token: &'a [u8],
    /// Contexts; only in 3.1.1.
    pub contexts: Vec<NegotiateContext>,
}

/// SecurityMode (\[MS-SMB2\] 2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SecurityMode(pub u16);

impl SecurityMode {
    /// Can sign.
    pub const SIGNING_ENABLED: Self = Self(0x0001);
    /// Signs, and wants signatures.
    pub const SIGNING_REQUIRED: Self = Self(0x0002);
}

/// Capabilities (\[MS-SMB2\] 2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(pub u32);

impl Capabilities {
    /// Requests of more than one credit.
    pub const LARGE_MTU: Self = Self(0x0000_0004);
    /// Encryption, in 3.0 and 3.0.2.
    pub const ENCRYPTION: Self = Self(0x0000_0040);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl NegotiateRequest {
    fn offers_contexts(&self) -> bool {
        self.dialects.contains(&Dialect::Smb311.number())
    }
}

impl<'a> Body<'a> for NegotiateRequest {
    const COMMAND: Command = Command::NEGOTIATE;

    fn encode(&self, out: &mut Writer) {
        out.u16(36); // StructureSize
        out.u16_length(self.dialects.len());
        out.u16(self.security_mode.0);
        out.u16(0); // Reserved
        out.u32(self.capabilities.0);
        out.bytes(&self.client_guid);
        // NegotiateContextOffset, NegotiateContextCount, Reserved2; or ClientStartTime, which is zero.
        let context_offset = out.u32_later();
        let context_count = out.u16_later();
        out.u16(0);
        for dialect in &self.dialects {
            out.u16(*dialect);
        }
        if self.offers_contexts() {
            out.align(8);
            let offset = crate::wire::to_u32(out.position());
            out.set_u32(context_offset, offset);
            out.set_u16(context_count, crate::wire::to_u16(self.contexts.len()));
            NegotiateContext::encode_list(&self.contexts, out);
        }
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(36, "NEGOTIATE request StructureSize")?;
        let dialect_count = reader.u16_length("DialectCount")?;
        let security_mode = SecurityMode(reader.u16("SecurityMode")?);
        reader.skip(2, "Reserved")?;
        let capabilities = Capabilities(reader.u32("Capabilities")?);
        let client_guid = reader.take_array("ClientGuid")?;
        let context_offset = reader.u32_length("NegotiateContextOffset")?;
        let context_count = reader.u16_length("NegotiateContextCount")?;
        reader.skip(2, "Reserved2")?;
        let mut dialects = Reader::new(reader.take(dialect_count.saturating_mul(2), "Dialects")?);
        let mut numbers = Vec::new();
        while !dialects.is_empty() {
            numbers.push(dialects.u16("Dialects")?);
        }
        let mut request =
            Self { dialects: numbers, security_mode, capabilities, client_guid, contexts: Vec::new() };
        if request.offers_contexts() {
            request.contexts = NegotiateContext::decode_list(reader, context_offset, context_count)?;
        }
        Ok(request)
    }
}

impl<'a> Body<'a> for NegotiateResponse<'a> {
    const COMMAND: Command = Command::NEGOTIATE;

    fn encode(&self, out: &mut Writer) {
        out.u16(65); // StructureSize
        out.u16(self.security_mode.0);
        out.u16(self.dialect);
        let context_count = out.u16_later();
        out.bytes(&self.server_guid);
        out.u32(self.capabilities.0);
        out.u32(self.max_transact_size);
        out.u32(self.max_read_size);
        out.u32(self.max_write_size);
        out.u64(self.system_time);
        out.u64(0); // ServerStartTime
        let token_offset = out.u16_later();
        out.u16_length(self.token.len());
        let context_offset = out.u32_later();
        let offset = put_buffer(out, self.token);
        out.set_u16(token_offset, crate::wire::to_u16(offset));
        if self.dialect == Dialect::Smb311.number() {
            out.align(8);
            let offset = crate::wire::to_u32(out.position());
            out.set_u32(context_offset, offset);
            out.set_u16(context_count, crate::wire::to_u16(self.contexts.len()));
            NegotiateContext::encode_list(&self.contexts, out);
        }
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(65, "NEGOTIATE response StructureSize")?;
        let security_mode = SecurityMode(reader.u16("SecurityMode")?);
        let dialect = reader.u16("DialectRevision")?;
        let context_count = reader.u16_length("NegotiateContextCount")?;
        let server_guid = reader.take_array("ServerGuid")?;
        let capabilities = Capabilities(reader.u32("Capabilities")?);
        let max_transact_size = reader.u32("MaxTransactSize")?;
        let max_read_size = reader.u32("MaxReadSize")?;
        let max_write_size = reader.u32("MaxWriteSize")?;
        let system_time = reader.u64("SystemTime")?;
        reader.skip(8, "ServerStartTime")?;
        let token_offset = reader.u16_length("SecurityBufferOffset")?;
        let token_length = reader.u16_length("SecurityBufferLength")?;
        let context_offset = reader.u32_length("NegotiateContextOffset")?;
        let token = buffer(reader, token_offset, token_length, "SecurityBuffer")?;
        let contexts = if dialect == Dialect::Smb311.number() {
            NegotiateContext::decode_list(reader, context_offset, context_count)?
        } else {
            Vec::new()
        };
        Ok(Self {
            security_mode,
            dialect,
            server_guid,
            capabilities,
            max_transact_size,
            max_read_size,
            max_write_size,
            system_time,
            token,
            contexts,
        })
    }
}
