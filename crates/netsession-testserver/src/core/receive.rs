use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Command, FileId, Flags, Header, TRANSFORM_PROTOCOL_ID, TransformHeader, split};
use netsession_proto::wire::Reader;

use super::connection::ServerConnection;
use super::reply::{Protection, Reply, error_body};
use crate::scenario::{Encryption, Step};

/// A request and what it stands on: session, tree and file, its own or those of the request before it.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) header: Header,
    /// The whole message.
    pub(super) message: &'a [u8],
    pub(super) session_id: u64,
    pub(super) tree_id: u32,
    /// The file of the request before it, which [`FileId::ANY`] stands for.
    pub(super) file_id: Option<FileId>,
    /// The session that it was encrypted for.
    pub(super) sealed: Option<u64>,
    pub(super) in_compound: bool,
    pub(super) step: Step,
}

/// What a command has to say.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: NtStatus,
    pub(super) body: Vec<u8>,
}

/// What one request of a compound leaves to the next (\[MS-SMB2\] 3.3.5.2.7.2).
#[derive(Debug, Default)]
struct Before {
    session_id: u64,
    tree_id: u32,
    file_id: Option<FileId>,
    failed: Option<NtStatus>,
}

impl ServerConnection {
    /// Takes a frame: a message, a compound, or either encrypted.
    pub(super) fn handle_frame(&mut self, frame: Vec<u8>) {
        let Some((frame, sealed)) = self.open(frame) else { return self.hang_up() };
        let Ok(messages) = split(&frame) else { return self.hang_up() };
        let in_compound = messages.len() > 1;
        let mut before = Before::default();
        let mut replies = Vec::new();
        for message in messages {
            let Ok(header) = Header::decode(message) else { return self.hang_up() };
            if header.flags.contains(Flags::RESPONSE) {
                return self.hang_up();
            }
            if header.command == Command::CANCEL {
                replies.extend(self.cancel(header.message_id));
                continue;
            }
            if !self.credits.spend(header.credit_charge) {
                return self.hang_up();
            }
            let own = !header.flags.contains(Flags::RELATED);
            let mut call = Call {
                session_id: if own { header.session_id } else { before.session_id },
                tree_id: if own { header.tree_id() } else { before.tree_id },
                file_id: if own { None } else { before.file_id },
                sealed,
                in_compound,
                step: step_of(header.command),
                header,
                message,
            };
            let outcome = match before.failed {
                Some(status) if !own => Err(status),
                _ => self.authorize(&call).and_then(|()| self.dispatch(&mut call)),
            };
            if self.outbox.is_shut() {
                return;
            }
            before = Before {
                session_id: call.session_id,
                tree_id: call.tree_id,
                file_id: call.file_id,
                failed: outcome.as_ref().err().copied(),
            };
            let answer = match outcome {
                Ok(None) => continue,
                Ok(Some(answer)) => answer,
                Err(status) => Answer { status, body: error_body() },
            };
            let reply = self.reply(&call, answer);
            replies.push(reply);
            replies.extend(self.wake(&call));
        }
        self.send(replies);
    }

    /// The reply to a call.
    pub(super) fn reply(&mut self, call: &Call<'_>, answer: Answer) -> Reply {
        let header = Header {
            credit_charge: call.header.credit_charge,
            status: answer.status,
            command: call.header.command,
            credits: self.credits.grant(call.header.credits),
            flags: Flags::RESPONSE,
            ..Header::request(call.header.message_id, call.session_id, call.tree_id)
        };
        Reply {
            step: call.step,
            header,
            body: answer.body,
            protection: self.protection(call, answer.status),
            in_compound: call.in_compound,
            repeat: None,
        }
    }

    fn protection(&self, call: &Call<'_>, status: NtStatus) -> Protection {
        if let Some(session_id) = call.sealed {
            return Protection::Sealed(session_id);
        }
        let Some(session) = self.sessions.get(&call.session_id).filter(|session| session.keys.is_some())
        else {
            return Protection::None;
        };
        let ends_log_on = call.header.command == Command::SESSION_SETUP && status == NtStatus::SUCCESS;
        let signed = call.header.flags.contains(Flags::SIGNED) || session.signing_required || ends_log_on;
        if signed { Protection::Signed(call.session_id) } else { Protection::None }
    }

    fn open(&self, frame: Vec<u8>) -> Option<(Vec<u8>, Option<u64>)> {
        if !frame.starts_with(&TRANSFORM_PROTOCOL_ID) {
            return Some((frame, None));
        }
        let session_id = TransformHeader::decode(&mut Reader::new(&frame)).ok()?.session_id;
        let sealer = self.sessions.get(&session_id)?.keys.as_ref()?.sealer.as_ref()?;
        Some((sealer.open(session_id, frame).ok()?, Some(session_id)))
    }

    /// Whether the session exists and the request is protected as it must be (\[MS-SMB2\] 3.3.5.2).
    fn authorize(&self, call: &Call<'_>) -> Result<(), NtStatus> {
        let command = call.header.command;
        if command == Command::NEGOTIATE {
            return Ok(());
        }
        if self.negotiated.is_none() {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        if command == Command::SESSION_SETUP || (command == Command::ECHO && call.session_id == 0) {
            return Ok(());
        }
        let session = self.sessions.get(&call.session_id).filter(|session| !session.ended);
        let Some((session, keys)) = session.and_then(|session| Some((session, session.keys.as_ref()?)))
        else {
            return Err(NtStatus::USER_SESSION_DELETED);
        };
        if let Some(sealed) = call.sealed {
            return if sealed == call.session_id { Ok(()) } else { Err(NtStatus::ACCESS_DENIED) };
        }
        let signed = call.header.flags.contains(Flags::SIGNED);
        if self.scenario.smb.encryption == Encryption::Required
            || (signed && !keys.signer.verify(call.message))
            || (!signed && session.signing_required)
        {
            return Err(NtStatus::ACCESS_DENIED);
        }
        Ok(())
    }
}

fn step_of(command: Command) -> Step {
    match command {
        Command::NEGOTIATE => Step::Negotiate,
        Command::SESSION_SETUP => Step::LogOn,
        Command::TREE_CONNECT => Step::TreeConnect,
        Command::CREATE => Step::Create,
        Command::READ => Step::Read,
        _ => Step::Other,
    }
}
