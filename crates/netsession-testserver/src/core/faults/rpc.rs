use netsession_proto::rpce::{FaultStatus, Response};
use netsession_proto::wire::to_u32;

use crate::scenario::FaultKind;

/// The fault that a call, or a bind, is answered with.
pub(in crate::core) fn rpc_fault(kinds: &[FaultKind]) -> Option<FaultStatus> {
    kinds.iter().find_map(|kind| match kind {
        FaultKind::RpcFault(status) => Some(FaultStatus(*status)),
        _ => None,
    })
}

/// Spoils the fragments of a response. The returned fragment follows them, without end.
pub(in crate::core) fn spoil_fragments(kind: &FaultKind, parts: &mut Vec<Response<'_>>) -> Option<Vec<u8>> {
    match kind {
        FaultKind::AllocHint(hint) => parts.iter_mut().for_each(|part| part.alloc_hint = *hint),
        FaultKind::AllocHintOff(off) => {
            for part in parts {
                let hint = i64::from(part.alloc_hint).saturating_add(*off).clamp(0, i64::from(u32::MAX));
                part.alloc_hint = to_u32(usize::try_from(hint).unwrap_or(usize::MAX));
            }
        }
        FaultKind::OtherCall => {
            parts.iter_mut().for_each(|part| part.call_id = part.call_id.wrapping_add(1));
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
