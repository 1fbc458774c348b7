use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{FileGetInfoRequest, FileGetInfoResponse, FileInfo, FileLevel, InfoLevel};

use super::context::CallContext;

/// NetrFileGetInfo (\[MS-SRVS\] 3.1.4.3).
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = FileGetInfoRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    let rules = &context.host.scenario().files;
    let refuse = |level, code| Ok(FileGetInfoResponse { level, info: None, code }.encode());
    // The tag of the union is the level that was asked for, in a refusal too.
    let level = FileLevel::from_number(request.level).unwrap_or(FileLevel::L3);
    if !rules.levels.contains(&request.level) {
        return refuse(level, Win32Error(rules.missing_level));
    }
    if !context.caller.administrator {
        return refuse(level, Win32Error::ACCESS_DENIED);
    }
    let files = context.host.files().snapshot();
    let Some(file) = files.iter().find(|file| file.id == request.id) else {
        return refuse(level, Win32Error(rules.missing_id));
    };
    let info = Some(match level {
        FileLevel::L2 => FileInfo { id: file.id, ..FileInfo::default() },
        FileLevel::L3 => file.clone(),
    });
    Ok(FileGetInfoResponse { level, info, code: Win32Error::SUCCESS }.encode())
}
