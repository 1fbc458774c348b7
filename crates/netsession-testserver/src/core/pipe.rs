use std::collections::VecDeque;

use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::split_pdu;
use netsession_proto::wire::to_usize;

use super::association::{Association, protocol_error};
use super::operation::Operation;
use crate::scenario::Step;

pub(super) use super::association::PipeContext;

/// An open pipe `srvsvc`: bytes in, messages out.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) session_id: u64,
    pub(super) tree_id: u32,
    /// READs for which there is nothing yet.
    pub(super) waiting: VecDeque<Waiting>,
    association: Association,
    /// The beginning of a PDU.
    incoming: Vec<u8>,
    /// What is to be read: one PDU is one message of the pipe.
    outgoing: VecDeque<Vec<u8>>,
    /// What is read when there is nothing else, without end.
    looped: Option<Vec<u8>>,
}

/// What a READ or IOCTL brings.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) data: Vec<u8>,
    pub(super) status: NtStatus,
}

/// A READ that waits for a write.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) operation: Operation<'static>,
    pub(super) length: u32,
}

impl Pipe {
    pub(super) fn new(session_id: u64, tree_id: u32) -> Self {
        Self {
            session_id,
            tree_id,
            waiting: VecDeque::new(),
            association: Association::default(),
            incoming: Vec::new(),
            outgoing: VecDeque::new(),
            looped: None,
        }
    }

    /// Takes what the client writes, and returns what kind of step it was.
    pub(super) fn write(&mut self, data: &[u8], context: &mut PipeContext<'_>) -> Step {
        let mut bytes = std::mem::take(&mut self.incoming);
        bytes.extend_from_slice(data);
        let mut rest = bytes.as_slice();
        let mut step = Step::Other;
        loop {
            match split_pdu(rest) {
                Ok(None) => {
                    self.incoming = rest.to_vec();
                    return step;
                }
                Ok(Some((pdu, after))) => {
                    let answer = self.association.receive(pdu, context);
                    step = answer.step;
                    self.outgoing.extend(answer.pdus);
                    self.looped = answer.looped.or(self.looped.take());
                    rest = after;
                }
                Err(_) => {
                    self.outgoing.push_back(protocol_error(rest));
                    return step;
                }
            }
        }
    }

    /// The next message, or as much of it as fits.
    pub(super) fn read(&mut self, length: u32, overflows: bool) -> Option<Piece> {
        let mut data = self.outgoing.pop_front().or_else(|| self.looped.clone())?;
        let length = to_usize(length);
        let mut status = NtStatus::SUCCESS;
        if data.len() > length {
            self.outgoing.push_front(data.split_off(length));
            status = NtStatus::BUFFER_OVERFLOW;
        } else if overflows && !self.outgoing.is_empty() {
            status = NtStatus::BUFFER_OVERFLOW;
        }
        Some(Piece { data, status })
    }

    /// A READ that has been waiting, with what it brings now.
    pub(super) fn next_completed(&mut self, overflows: bool) -> Option<(Waiting, Piece)> {
        let length = self.waiting.front()?.length;
        let piece = self.read(length, overflows)?;
        Some((self.waiting.pop_front()?, piece))
    }

    /// Stops the READ with this number from waiting.
    pub(super) fn cancel(&mut self, message_id: u64) -> Option<Waiting> {
        let is_wanted = |waiting: &Waiting| waiting.operation.header.message_id == message_id;
        let index = self.waiting.iter().position(is_wanted)?;
        self.waiting.remove(index)
    }
}
