use std::sync::Arc;
use std::time::Instant;

use netsession_proto::client::Negotiated;

use super::plan::SmbPlan;
use super::session::Session;
use crate::Timings;

/// A logged-on connection, whose bytes `W` carries. Dropped at any point, it leaves nothing behind.
pub(crate) struct Driver<W> {
    pub(super) wire: W,
    pub(super) session: Session,
}

impl<W> Driver<W> {
    /// What was agreed on with the server.
    pub(crate) fn negotiated(&self) -> Negotiated {
        self.session.negotiated()
    }

    /// The plan of this connection, for another one that must be there by this deadline.
    pub(crate) fn plan_until(&self, deadline: Instant) -> Arc<SmbPlan> {
        self.session.plan_until(deadline)
    }

    /// How long each phase took.
    pub(crate) fn timings(&mut self) -> Timings {
        self.session.timings()
    }
}
