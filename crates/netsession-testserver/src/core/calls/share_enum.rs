use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{InfoLevel, ShareEnumRequest, ShareEnumResponse, ShareInfo, ShareLevel};
use netsession_proto::wire::to_u32;

use super::context::CallContext;
use super::page::spoil_stub;

/// NetrShareEnum (\[MS-SRVS\] 3.1.4.8). All shares are one page.
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let request = ShareEnumRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    let scenario = context.host.scenario();
    let refuse = |code| Ok(ShareEnumResponse::encode_error(request.level, request.resume, code));
    let access = scenario.shares.levels.get(&request.level.to_string());
    let (Some(level), Some(access)) = (ShareLevel::from_number(request.level), access) else {
        return refuse(Win32Error::INVALID_LEVEL);
    };
    if !access.allows(context.caller.administrator) {
        return refuse(Win32Error::ACCESS_DENIED);
    }
    let shown = |share: ShareInfo| match level {
        ShareLevel::L2 => share,
        ShareLevel::L1 => ShareInfo { current_uses: None, max_uses: None, path: None, ..share },
    };
    let entries: Vec<ShareInfo> = scenario.share_list().into_iter().map(shown).collect();
    let total_entries = to_u32(entries.len());
    let response = ShareEnumResponse {
        level,
        entries,
        total_entries,
        resume: request.resume,
        code: Win32Error::SUCCESS,
    };
    let mut stub = response.encode();
    spoil_stub(context, &mut stub);
    Ok(stub)
}
