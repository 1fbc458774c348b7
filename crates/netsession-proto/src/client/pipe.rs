use super::connection::Connection;
use crate::smb2::{CloseRequest, FSCTL_PIPE_TRANSCEIVE, FileId, IoctlRequest, ReadRequest, WriteRequest};

/// Bytes that one credit pays for (\[MS-SMB2\] 3.1.5.2).
pub(super) const ONE_CREDIT: u32 = 0x1_0000;

/// A bound pipe, on which no call is under way: what it has of its own, apart from the connection.
#[derive(Debug)]
pub(super) struct Pipe {
    file_id: FileId,
    max_fragment: u16,
    is_spent: bool,
}

impl Pipe {
    pub(super) fn new(file_id: FileId, max_fragment: u16) -> Self {
        Self { file_id, max_fragment, is_spent: false }
    }

    /// The longest fragment that the server takes, in bytes.
    pub(super) fn max_fragment(&self) -> u16 {
        self.max_fragment
    }

    /// READs are open that nothing will answer but the next call's answer: the pipe is of no use for another call.
    pub(super) fn spend(&mut self) {
        self.is_spent = true;
    }

    pub(super) fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// Writes a fragment; more follow.
    pub(super) fn write(&self, fragment: &[u8], connection: &mut Connection) -> u64 {
        connection.send(&WriteRequest { file_id: self.file_id, data: fragment })
    }

    /// Writes the last fragment and reads the answer, in one request.
    pub(super) fn transceive(&self, fragment: &[u8], connection: &mut Connection) -> u64 {
        // One credit's worth, because CreditCharge is 1 ([MS-SMB2] 3.2.4.1.5).
        let max_output = connection.agreement().max_transact_size.min(ONE_CREDIT);
        let code = FSCTL_PIPE_TRANSCEIVE;
        connection.send(&IoctlRequest { code, file_id: self.file_id, input: fragment, max_output })
    }

    /// Reads on.
    pub(super) fn read(&self, connection: &mut Connection) -> u64 {
        let length = connection.agreement().max_read_size.min(ONE_CREDIT);
        connection.send(&ReadRequest { file_id: self.file_id, length })
    }

    /// Closes it, without waiting for the answer, which nothing takes.
    pub(super) fn close(self, connection: &mut Connection) {
        connection.send(&CloseRequest { file_id: self.file_id });
    }
}
