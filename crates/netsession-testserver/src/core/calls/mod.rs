//! The calls that the double answers, one file each. A new call is its file and its line in [`CALLS`].

mod connection_enum;
mod context;
mod file_close;
mod file_enum;
mod file_get_info;
mod page;
mod remote_tod;
mod server_get_info;
mod session_del;
mod session_enum;
mod share_enum;

use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{ConnectionEnumRequest, FileCloseRequest, FileEnumRequest, FileGetInfoRequest};
use netsession_proto::srvs::{RemoteTodRequest, RpcCall, SessionDelRequest};
use netsession_proto::srvs::{ServerGetInfoRequest, SessionEnumRequest, ShareEnumRequest};

use super::faults;
use crate::host::{Caller, Host};
use context::Handler;

pub(super) use context::CallContext;

/// Every call, by its opnum.
const CALLS: &[Call] = &[
    call::<SessionEnumRequest>(session_enum::answer),
    call::<RemoteTodRequest>(remote_tod::answer),
    call::<ServerGetInfoRequest>(server_get_info::answer),
    call::<FileEnumRequest>(file_enum::answer),
    call::<FileGetInfoRequest>(file_get_info::answer),
    call::<FileCloseRequest>(file_close::answer),
    call::<SessionDelRequest>(session_del::answer),
    call::<ShareEnumRequest>(share_enum::answer),
    call::<ConnectionEnumRequest>(connection_enum::answer),
];

/// A call that the double answers.
struct Call {
    opnum: u16,
    /// Whether it changes something on the server: such a call must not be sent twice.
    is_change: bool,
    handler: Handler,
}

const fn call<C: RpcCall>(handler: Handler) -> Call {
    Call { opnum: C::OPNUM, is_change: !C::OPERATION.is_repeatable, handler }
}

/// Answers one call as the host answers it over the network, without a connection. Its clock stands at the
/// beginning of 1601.
///
/// # Errors
/// The RPC fault that the client gets: `nca_op_rng_error` for a call that the double does not have.
///
/// ```
/// use netsession_proto::srvs::{Level, RpcCall as _, SessionEnumRequest, SessionEnumResponse};
/// use netsession_testserver::core::answer_call;
/// use netsession_testserver::{Caller, Host, scenario};
///
/// let host = Host::from(scenario::shipped("windows")?);
/// let caller = Caller { administrator: true, ..Caller::default() };
/// let request = SessionEnumRequest::new(Level::L1);
/// let stub = answer_call(&host, &caller, SessionEnumRequest::OPNUM, &request.encode()).unwrap();
/// let response = SessionEnumResponse::decode(&stub, Level::L1, 100).unwrap();
/// assert_eq!(response.sessions.len(), 4);
/// # Ok::<(), netsession_testserver::scenario::ScenarioError>(())
/// ```
pub fn answer_call(host: &Host, caller: &Caller, opnum: u16, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    answer(&CallContext { host, caller, filetime: 0, faults: &[] }, opnum, stub)
}

/// Answers a call, or fails it with the RPC fault of the scenario.
pub(super) fn answer(context: &CallContext<'_>, opnum: u16, stub: &[u8]) -> Result<Vec<u8>, FaultStatus> {
    let call = CALLS.iter().find(|call| call.opnum == opnum);
    if call.is_some_and(|call| call.is_change) {
        context.host.traffic().count_change();
    }
    if let Some(status) = faults::rpc_fault(context.faults) {
        return Err(status);
    }
    (call.ok_or(FaultStatus::OP_RNG_ERROR)?.handler)(context, stub)
}
