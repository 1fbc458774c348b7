use netsession_proto::smb2::{FrameBuffer, FrameError, SMB1_PROTOCOL_ID, TransformHeader};
use netsession_proto::wire::{Reader, to_usize};

/// MaxTransactSize where a request may cost more than one credit, in bytes.
pub(super) const MAX_TRANSACT: u32 = 0x0010_0000;
/// The largest frame that is accepted, in bytes: MaxTransactSize and 256 (\[MS-SMB2\] 3.3.5.2), encrypted.
const MAX_FRAME: usize = 0x0010_0000 + 256 + TransformHeader::SIZE;
/// The length before a frame and its protocol id.
const HELLO: usize = 4 + 4;

/// Cuts the stream into frames. The first one may be an SMB1 NEGOTIATE.
#[derive(Debug)]
pub(super) struct Inbox {
    /// The first bytes, until they show whether this is SMB1.
    hello: Option<Vec<u8>>,
    frames: FrameBuffer,
}

/// A frame, without its length.
#[derive(Debug)]
pub(super) enum Incoming {
    /// The multi-protocol NEGOTIATE of a client that also speaks SMB1.
    Smb1(Vec<u8>),
    /// One or more messages, encrypted or not.
    Smb2(Vec<u8>),
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self { hello: Some(Vec::new()), frames: FrameBuffer::new(MAX_FRAME) }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        match &mut self.hello {
            Some(hello) => hello.extend_from_slice(bytes),
            None => self.frames.push(bytes),
        }
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Incoming>, FrameError> {
        if let Some(hello) = &self.hello {
            let Some(protocol) = hello.get(HELLO - SMB1_PROTOCOL_ID.len()..HELLO) else { return Ok(None) };
            if protocol == SMB1_PROTOCOL_ID {
                let Some((message, rest)) = cut(hello) else { return Ok(None) };
                let (message, rest) = (message.to_vec(), rest.to_vec());
                self.frames.push(&rest);
                self.hello = None;
                return Ok(Some(Incoming::Smb1(message)));
            }
            self.frames.push(&self.hello.take().unwrap_or_default());
        }
        Ok(self.frames.next_frame()?.map(Incoming::Smb2))
    }
}

/// The first message and what follows it.
fn cut(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = Reader::new(bytes);
    let size = u32::from_be_bytes(reader.take_array("StreamProtocolLength").ok()?);
    let message = reader.take(to_usize(size), "message").ok()?;
    Some((message, reader.take_rest()))
}
