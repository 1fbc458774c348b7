use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Command, FileId, Flags, Header};
use netsession_proto::wire::Reader;

use crate::scenario::Step;

/// One request of a frame, and the session, tree and file that it works on: its own, or those of the
/// operation before it (\[MS-SMB2\] 3.3.5.2.7.2).
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    pub(super) header: Header,
    /// The whole message.
    pub(super) message: &'a [u8],
    pub(super) session_id: u64,
    pub(super) tree_id: u32,
    /// The file of the operation before it, which [`FileId::ANY`] stands for; then its own.
    pub(super) file_id: Option<FileId>,
    /// The session that it was encrypted for.
    pub(super) sealed: Option<u64>,
    pub(super) in_compound: bool,
    pub(super) step: Step,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) status: NtStatus,
    /// What comes after the header of the response.
    pub(super) body: Vec<u8>,
}

impl Completion {
    pub(super) fn success(body: Vec<u8>) -> Self {
        Self { status: NtStatus::SUCCESS, body }
    }
}

impl Operation<'_> {
    pub(super) fn command(&self) -> Command {
        self.header.command
    }

    pub(super) fn is_signed(&self) -> bool {
        self.header.flags.contains(Flags::SIGNED)
    }

    pub(super) fn is_related(&self) -> bool {
        self.header.flags.contains(Flags::RELATED)
    }

    /// A field that only a server looks at, by its place in the body.
    pub(super) fn field<const N: usize>(&self, offset: usize) -> Result<[u8; N], NtStatus> {
        let mut reader = Reader::new(self.message);
        let field = reader
            .skip(Header::SIZE.saturating_add(offset), "fields before")
            .and_then(|()| reader.take_array("field"));
        field.map_err(|_| NtStatus::INVALID_PARAMETER)
    }

    /// The same operation without its message, to be completed later.
    pub(super) fn detached(&self) -> Operation<'static> {
        Operation { header: self.header.clone(), message: &[], file_id: None, ..*self }
    }
}
