use netsession_proto::srvs::RpcCall;

/// A call that Windows can make by itself, through `netapi32`, with the same typed request and response as over
/// the wire. Other systems have no such way: there every call qualifies.
pub trait SystemCall: RpcCall {
    /// Makes the call, and waits for as long as Windows does. An answer of more than `max_entries` entries is
    /// not copied.
    #[cfg(windows)]
    fn call(&self, max_entries: usize) -> SystemAnswer<Self::Response>;
}

/// What Windows answered: a response, the RPC fault that it made a code of, or why the call was not made.
#[cfg(windows)]
pub(crate) type SystemAnswer<R> =
    Result<Result<R, netsession_proto::rpce::FaultStatus>, netsession_proto::client::Cause>;

#[cfg(not(windows))]
impl<C: RpcCall> SystemCall for C {}
