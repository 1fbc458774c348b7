use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::{FaultStatus, Response};
use netsession_proto::srvs::{SessionEnumRequest, SessionEnumResponse, SessionInfo};
use netsession_proto::wire::{Writer, to_u32};

use crate::scenario::FaultKind;

/// The fault that the call is answered with.
pub(in crate::core) fn rpc_fault(kinds: &[FaultKind]) -> Option<FaultStatus> {
    kinds.iter().find_map(|kind| match kind {
        FaultKind::RpcFault(status) => Some(FaultStatus(*status)),
        _ => None,
    })
}

/// Spoils a page of sessions.
pub(in crate::core) fn spoil_page(
    kind: &FaultKind,
    request: &SessionEnumRequest,
    sessions: &[SessionInfo],
    page: &mut SessionEnumResponse,
) {
    match kind {
        FaultKind::PageWithoutProgress => {
            page.code = Win32Error::MORE_DATA;
            page.resume = request.resume;
        }
        FaultKind::PageWithoutEntry => {
            page.code = Win32Error::MORE_DATA;
            page.sessions.clear();
            page.resume = request.resume.map(|resume| resume.saturating_add(1));
        }
        FaultKind::PagesWithoutEnd => {
            page.code = Win32Error::MORE_DATA;
            page.sessions = sessions.iter().map(|session| session.clone().reduced_to(page.level)).collect();
            page.resume = request.resume.map(|resume| resume.wrapping_add(1));
        }
        FaultKind::Surrogate => {
            if let Some(session) = page.sessions.first_mut() {
                session.client.push(char::REPLACEMENT_CHARACTER);
            }
        }
        _ => {}
    }
}

/// Spoils the bytes of an answer.
pub(in crate::core) fn spoil_stub(kind: &FaultKind, stub: &mut Vec<u8>) {
    match kind {
        FaultKind::Count(count) => {
            const ENTRIES_READ: usize = 4 /* level */ + 4 /* tag */ + 4 /* container */;
            const MAXIMUM_COUNT: usize = ENTRIES_READ + 4 /* EntriesRead */ + 4 /* pointer */;
            overwrite(stub, ENTRIES_READ, &count.to_le_bytes());
            overwrite(stub, MAXIMUM_COUNT, &count.to_le_bytes());
        }
        FaultKind::Surrogate => {
            let marker = [0xfd, 0xff];
            if let Some(at) = stub.chunks(2).position(|unit| unit == marker) {
                overwrite(stub, at.saturating_mul(2), &0xd800_u16.to_le_bytes());
            }
        }
        _ => {}
    }
}

/// Spoils the fragments of an answer. What is returned is read after them, without end.
pub(in crate::core) fn spoil_fragments(kind: &FaultKind, parts: &mut Vec<Response<'_>>) -> Option<Vec<u8>> {
    match kind {
        FaultKind::AllocHint(hint) => parts.iter_mut().for_each(|part| part.alloc_hint = *hint),
        FaultKind::AllocHintOff(off) => {
            for part in parts {
                let hint = i64::from(part.alloc_hint).saturating_add(*off).clamp(0, i64::from(u32::MAX));
                part.alloc_hint = to_u32(usize::try_from(hint).unwrap_or(usize::MAX));
            }
        }
        FaultKind::FragmentsReversed => {
            if let Some((_, rest)) = parts.split_first_mut() {
                rest.reverse();
            }
        }
        FaultKind::FragmentMissing if parts.len() > 1 => {
            parts.remove(1);
        }
        FaultKind::FragmentLoop => {
            let again = parts.get(1).filter(|part| !part.last).map(Response::encode);
            parts.truncate(1);
            return again;
        }
        _ => {}
    }
    None
}

fn overwrite(bytes: &mut Vec<u8>, at: usize, with: &[u8]) {
    let mut writer = Writer::new();
    writer.bytes(bytes);
    writer.overwrite(at, with);
    *bytes = writer.into_bytes();
}
