use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{ServerGetInfoRequest, ServerGetInfoResponse, ServerInfo101};

use super::context::CallContext;

/// NetrServerGetInfo (\[MS-SRVS\] 3.1.4.17), as a server of Windows 10.0 that shares files and printers.
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = ServerGetInfoRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    let level = request.level;
    if level != ServerGetInfoRequest::LEVEL {
        return Ok(ServerGetInfoResponse { level, info: None, code: Win32Error::INVALID_LEVEL }.encode());
    }
    let scenario = context.host.scenario();
    // By the specification the name that it was asked by, if there is one.
    let asked = request.server.map(|name| name.trim_start_matches('\\').to_owned());
    let name = asked.unwrap_or_else(|| scenario.server.name.clone());
    let comment = scenario.description.clone();
    let info = Some(ServerInfo101 { name, version: (10, 0), kind: 0x9203, comment });
    Ok(ServerGetInfoResponse { level, info, code: Win32Error::SUCCESS }.encode())
}
