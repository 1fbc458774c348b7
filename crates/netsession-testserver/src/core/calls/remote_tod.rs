use netsession_proto::erref::Win32Error;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{RemoteTodRequest, RemoteTodResponse, TimeOfDay};
use netsession_proto::wire::to_u32;

use super::context::CallContext;

/// NetrRemoteTOD (\[MS-SRVS\] 3.1.4.21).
pub(super) fn answer(context: &CallContext<'_>, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    RemoteTodRequest::decode(stub).map_err(|_| FaultStatus::BAD_STUB_DATA)?;
    // Hundredths of a second since 1970.
    let hundredths = (context.filetime / 100_000).saturating_sub(1_164_447_360_000);
    let whole = |value: u64| to_u32(usize::try_from(value).unwrap_or(usize::MAX));
    let time = TimeOfDay {
        elapsed: whole(hundredths / 100),
        hundredths: whole(hundredths % 100),
        timezone: context.host.scenario().server.timezone_minutes.saturating_neg(),
    };
    Ok(RemoteTodResponse { time, code: Win32Error::SUCCESS }.encode())
}
