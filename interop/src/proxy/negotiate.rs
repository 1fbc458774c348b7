//! NEGOTIATE request and response, taken apart and put together again. [MS-SMB2] 2.2.3, 2.2.4

use anyhow::{Context as _, Result, ensure};

/// SMB2_GLOBAL_CAP_ENCRYPTION
pub const CAP_ENCRYPTION: u32 = 0x40;
/// SMB2_PREAUTH_INTEGRITY_CAPABILITIES
pub const PREAUTH: u16 = 0x0001;
/// SMB2_ENCRYPTION_CAPABILITIES
pub const ENCRYPTION: u16 = 0x0002;
/// SMB2_SIGNING_CAPABILITIES
pub const SIGNING: u16 = 0x0008;

const HEADER: usize = 64;
const REQUEST_FIXED: usize = HEADER + 36;
const RESPONSE_FIXED: usize = HEADER + 64;

/// A negotiate context: its type and its data.
pub type Context = (u16, Vec<u8>);

/// What a client offers.
#[derive(Clone, Debug)]
pub struct Request {
    fixed: Vec<u8>,
    /// In the client's order.
    pub dialects: Vec<u16>,
    /// Only with dialect 3.1.1.
    pub contexts: Vec<Context>,
}

/// What a server chose.
#[derive(Clone, Debug)]
pub struct Response {
    fixed: Vec<u8>,
    token: Vec<u8>,
    /// Only with dialect 3.1.1.
    pub contexts: Vec<Context>,
}

impl Request {
    /// `None` when the frame is something else.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        (command(frame) == Some((0, false))).then(|| Self::read(frame).ok()).flatten()
    }

    fn read(frame: &[u8]) -> Result<Self> {
        let count = usize::from(u16_at(frame, HEADER + 2)?);
        let dialects =
            (0..count).map(|number| u16_at(frame, REQUEST_FIXED + 2 * number)).collect::<Result<Vec<_>>>()?;
        let contexts = if dialects.contains(&0x0311) {
            let offset = u32_at(frame, HEADER + 28)? as usize;
            read_contexts(frame, offset, u16_at(frame, HEADER + 32)?)?
        } else {
            Vec::new()
        };
        Ok(Self { fixed: frame[..REQUEST_FIXED].to_vec(), dialects, contexts })
    }

    /// SMB2_GLOBAL_CAP_*
    pub fn capabilities(&self) -> u32 {
        u32_at(&self.fixed, HEADER + 8).unwrap_or_default()
    }

    /// Changes them.
    pub fn set_capabilities(&mut self, capabilities: u32) {
        self.fixed[HEADER + 8..HEADER + 12].copy_from_slice(&capabilities.to_le_bytes());
    }

    /// The frame again.
    pub fn build(&self) -> Vec<u8> {
        let mut frame = self.fixed.clone();
        frame[HEADER + 2..HEADER + 4].copy_from_slice(&(self.dialects.len() as u16).to_le_bytes());
        // Below 3.1.1 these eight bytes are a start time of zero.
        frame[HEADER + 28..HEADER + 36].fill(0);
        frame.extend(self.dialects.iter().flat_map(|dialect| dialect.to_le_bytes()));
        if self.dialects.contains(&0x0311) {
            let offset = append_contexts(&mut frame, &self.contexts);
            frame[HEADER + 28..HEADER + 32].copy_from_slice(&offset.to_le_bytes());
            frame[HEADER + 32..HEADER + 34].copy_from_slice(&(self.contexts.len() as u16).to_le_bytes());
        }
        frame
    }
}

impl Response {
    /// `None` when the frame is something else.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        (command(frame) == Some((0, true))).then(|| Self::read(frame).ok()).flatten()
    }

    fn read(frame: &[u8]) -> Result<Self> {
        let offset = usize::from(u16_at(frame, HEADER + 56)?);
        let length = usize::from(u16_at(frame, HEADER + 58)?);
        let token = frame.get(offset..offset + length).context("the token")?.to_vec();
        let fixed = frame.get(..RESPONSE_FIXED).context("the fixed part")?.to_vec();
        let mut response = Self { fixed, token, contexts: Vec::new() };
        if response.dialect() == 0x0311 {
            let offset = u32_at(frame, HEADER + 60)? as usize;
            response.contexts = read_contexts(frame, offset, u16_at(frame, HEADER + 6)?)?;
        }
        Ok(response)
    }

    /// The one that the server chose.
    pub fn dialect(&self) -> u16 {
        u16_at(&self.fixed, HEADER + 4).unwrap_or_default()
    }

    /// SMB2_GLOBAL_CAP_*
    pub fn capabilities(&self) -> u32 {
        u32_at(&self.fixed, HEADER + 24).unwrap_or_default()
    }

    /// Changes them.
    pub fn set_capabilities(&mut self, capabilities: u32) {
        self.fixed[HEADER + 24..HEADER + 28].copy_from_slice(&capabilities.to_le_bytes());
    }

    /// The first algorithm in a context of ciphers or signing algorithms; the server names one.
    pub fn algorithm(&self, context: u16) -> Option<u16> {
        let (_, data) = self.contexts.iter().find(|(kind, _)| *kind == context)?;
        u16_at(data, 2).ok()
    }

    /// The frame again.
    pub fn build(&self) -> Vec<u8> {
        let mut frame = self.fixed.clone();
        frame[HEADER + 56..HEADER + 58].copy_from_slice(&(RESPONSE_FIXED as u16).to_le_bytes());
        frame.extend_from_slice(&self.token);
        if self.dialect() == 0x0311 {
            let offset = append_contexts(&mut frame, &self.contexts);
            frame[HEADER + 60..HEADER + 64].copy_from_slice(&offset.to_le_bytes());
            frame[HEADER + 6..HEADER + 8].copy_from_slice(&(self.contexts.len() as u16).to_le_bytes());
        }
        frame
    }
}

/// The command, and whether it is a response.
fn command(frame: &[u8]) -> Option<(u16, bool)> {
    let is_response = frame.get(16)? & 1 != 0;
    frame.starts_with(b"\xFESMB").then_some((u16_at(frame, 12).ok()?, is_response))
}

fn read_contexts(frame: &[u8], mut offset: usize, count: u16) -> Result<Vec<Context>> {
    let mut contexts = Vec::new();
    for _ in 0..count {
        offset = offset.next_multiple_of(8);
        let length = usize::from(u16_at(frame, offset + 2)?);
        let data = frame.get(offset + 8..offset + 8 + length).context("the data of a context")?;
        contexts.push((u16_at(frame, offset)?, data.to_vec()));
        offset += 8 + length;
    }
    Ok(contexts)
}

/// Gives the offset of the first one; 0 when there is none.
fn append_contexts(frame: &mut Vec<u8>, contexts: &[Context]) -> u32 {
    let mut first = 0;
    for (kind, data) in contexts {
        frame.resize(frame.len().next_multiple_of(8), 0);
        if first == 0 {
            first = frame.len() as u32;
        }
        frame.extend_from_slice(&kind.to_le_bytes());
        frame.extend_from_slice(&(data.len() as u16).to_le_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(data);
    }
    first
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    ensure!(bytes.len() >= at + 2, "too short");
    Ok(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    ensure!(bytes.len() >= at + 4, "too short");
    Ok(u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]))
}
