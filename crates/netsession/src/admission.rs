use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::resolve::Resolve;

/// When a server may be connected to: a fleet limits the connections at the same time, in all and per address.
pub(crate) trait Admission: Send {
    /// The resolver to use instead of the configured one: a fleet counts its threads.
    fn resolver(&self, set: &Arc<dyn Resolve>) -> Arc<dyn Resolve>;

    /// The resolution of the name has ended, or there will be none.
    fn resolved(&self, is_ok: bool);

    /// Waits until a connection to this address is allowed; returns the time that it waited.
    fn enter(&mut self, address: IpAddr) -> impl Future<Output = Duration> + Send;
}

/// Admission of a single client, without a wait.
pub(crate) struct AtOnce;

impl Admission for AtOnce {
    fn resolver(&self, set: &Arc<dyn Resolve>) -> Arc<dyn Resolve> {
        Arc::clone(set)
    }

    fn resolved(&self, _: bool) {}

    async fn enter(&mut self, _: IpAddr) -> Duration {
        Duration::ZERO
    }
}
