use std::time::Duration;

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Header, SessionFlags};

use super::super::reply::{Protection, Reply};
use crate::scenario::FaultKind;

/// Far from any number that a client uses.
const UNUSED_MESSAGE_ID: u64 = 0x0bad_0000_0000;

/// Spoils a reply. The returned reply is sent before it.
pub(in crate::core) fn spoil_message(kind: &FaultKind, reply: &mut Reply) -> Option<Reply> {
    match kind {
        FaultKind::Status(status) => reply.fail(NtStatus(*status)),
        FaultKind::WrongMessageId => reply.header.message_id ^= UNUSED_MESSAGE_ID,
        FaultKind::NextCommandOwnSize => {
            let size = Header::SIZE.saturating_add(reply.body.len()).next_multiple_of(8);
            reply.body.resize(size.saturating_sub(Header::SIZE), 0);
            reply.header.next_command = u32::try_from(size).unwrap_or(u32::MAX);
        }
        FaultKind::NoCredits => reply.header.credits = 0,
        FaultKind::Interim => {
            let interim = reply.interim();
            reply.header.credits = 0;
            return Some(interim);
        }
        FaultKind::BareInterim => {
            let mut interim = Reply { protection: Protection::None, ..reply.interim() };
            // A client must not believe credits that are not protected.
            interim.header.credits = u16::MAX;
            return Some(interim);
        }
        FaultKind::InterimWithoutEnd(milliseconds) => {
            *reply = reply.interim();
            reply.repeat = Some(Duration::from_millis(*milliseconds));
        }
        FaultKind::UnsolicitedWithoutEnd(milliseconds) => {
            reply.repeat = Some(Duration::from_millis(*milliseconds));
        }
        FaultKind::Unprotected => reply.protection = Protection::None,
        FaultKind::SignedOnly => {
            if let Protection::Sealed(session_id) = reply.protection {
                reply.protection = Protection::Signed(session_id);
            }
        }
        FaultKind::Guest => set_session_flags(&mut reply.body, SessionFlags::GUEST),
        FaultKind::NullSession => set_session_flags(&mut reply.body, SessionFlags::NULL),
        _ => {}
    }
    None
}

/// SessionFlags stand behind StructureSize.
fn set_session_flags(body: &mut [u8], flags: SessionFlags) {
    body.iter_mut().skip(2).zip(flags.0.to_le_bytes()).for_each(|(byte, bits)| *byte |= bits);
}
