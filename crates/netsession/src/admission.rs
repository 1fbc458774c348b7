use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::resolve::Resolve;

/// When a server may be connected to: a fleet asks only so many at a time, and only so many at each address.
pub(crate) trait Admission: Send {
    /// The resolver to ask, in place of the one that is set: its thread may have to be counted.
    fn resolver(&self, set: &Arc<dyn Resolve>) -> Arc<dyn Resolve>;

    /// The name is resolved, or is not going to be.
    fn resolved(&self, is_ok: bool);

    /// Returns when a connection to this address may be made, and tells how long that took.
    fn enter(&mut self, address: IpAddr) -> impl Future<Output = Duration> + Send;
}

/// A single client: at once.
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
