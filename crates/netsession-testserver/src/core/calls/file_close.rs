use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{CodeAlone, FileCloseRequest};

use super::context::CallContext;
use crate::scenario::FaultKind;

/// NetrFileClose (\[MS-SRVS\] 3.1.4.4).
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = FileCloseRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    if context.faults.contains(&FaultKind::AlreadyGone) {
        context.host.files().remove(|file| file.id == request.id);
    }
    let code = if !context.caller.administrator {
        Win32Error::ACCESS_DENIED
    } else if context.host.files().remove(|file| file.id == request.id) > 0 {
        Win32Error::SUCCESS
    } else {
        Win32Error(context.host.scenario().files.missing_id)
    };
    Ok(CodeAlone(code).encode())
}
