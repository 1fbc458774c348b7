use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{CodeAlone, SessionDelRequest, SessionInfo};

use super::context::CallContext;
use crate::scenario::FaultKind;

/// NetrSessionDel (\[MS-SRVS\] 3.1.4.7).
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = SessionDelRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    Ok(CodeAlone(delete(context, &request)).encode())
}

fn delete(context: &CallContext<'_>, request: &SessionDelRequest) -> Win32Error {
    let rules = context.host.scenario().session_del;
    if !rules.access.allows(context.caller.administrator) {
        return Win32Error::ACCESS_DENIED;
    }
    // Both empty would end every session: the server refuses.
    let is_without_backslashes = !request.client.is_empty() && !request.client.starts_with(r"\\");
    if (request.client.is_empty() && request.user.is_empty()) || is_without_backslashes {
        return Win32Error(rules.no_match);
    }
    let ends = |session: &SessionInfo| {
        let client = session.client.trim_start_matches('\\');
        let user = session.user.as_deref().unwrap_or_default();
        let is_client =
            request.client.is_empty() || client.eq_ignore_ascii_case(request.client.trim_start_matches('\\'));
        is_client && (request.user.is_empty() || user.eq_ignore_ascii_case(&request.user))
    };
    if context.faults.contains(&FaultKind::AlreadyGone) {
        context.host.sessions().remove(ends);
        close_files_without_session(context);
    }
    if context.host.sessions().remove(ends) == 0 {
        return Win32Error(rules.no_match);
    }
    close_files_without_session(context);
    Win32Error::SUCCESS
}

/// The files of a user go with the last session of that user.
fn close_files_without_session(context: &CallContext<'_>) {
    let sessions = context.host.sessions().snapshot();
    context.host.files().remove(|file| !sessions.iter().any(|session| session.user == file.user));
}
