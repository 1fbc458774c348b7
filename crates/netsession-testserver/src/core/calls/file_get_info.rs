use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{FileGetInfoRequest, FileGetInfoResponse, FileInfo, FileLevel, InfoLevel};

use super::context::CallContext;

/// NetrFileGetInfo (\[MS-SRVS\] 3.1.4.3).
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = FileGetInfoRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    let rules = &context.host.scenario().files;
    let refuse = |level, code| Ok(FileGetInfoResponse { level, file: None, code }.encode());
    let level = FileLevel::from_number(request.level).filter(|level| rules.levels.contains(&level.number()));
    let Some(level) = level else { return refuse(FileLevel::L3, Win32Error(rules.missing_level)) };
    if !context.caller.administrator {
        return refuse(level, Win32Error::ACCESS_DENIED);
    }
    let files = context.host.files().snapshot();
    match files.iter().find(|file| file.id == request.id) {
        Some(file) if level == FileLevel::L2 => {
            let file = Some(FileInfo { id: file.id, ..FileInfo::default() });
            Ok(FileGetInfoResponse { level, file, code: Win32Error::SUCCESS }.encode())
        }
        Some(file) => {
            let file = Some(file.clone());
            Ok(FileGetInfoResponse { level, file, code: Win32Error::SUCCESS }.encode())
        }
        None => refuse(level, Win32Error(rules.missing_id)),
    }
}
