use std::time::Instant;

use netsession_proto::client::{ListRequest, Negotiated};

use super::choice::system_asks;
use super::smb;
#[cfg(windows)]
use super::windows;
use crate::error::Error;
use crate::settings::Settings;
use crate::{Listing, Timings};

/// The settings of a builder, found to be sound, for the backend that they mean.
#[derive(Debug, Clone)]
pub(crate) enum Plan {
    Smb(Box<smb::Plan>),
    #[cfg(windows)]
    Windows(windows::Plan),
}

impl Plan {
    /// Its deadline begins at `now`.
    pub(crate) fn new(settings: Settings, now: Instant) -> Result<Self, Error> {
        if system_asks(&settings, cfg!(windows))? {
            #[cfg(windows)]
            return windows::Plan::new(&settings, now).map(Self::Windows);
        }
        Ok(Self::Smb(Box::new(smb::Plan::new(settings, now)?)))
    }

    /// The server as it is shown.
    pub(crate) fn server(&self) -> String {
        match self {
            Self::Smb(plan) => plan.server.to_string(),
            #[cfg(windows)]
            Self::Windows(plan) => plan.server.to_string(),
        }
    }

    /// The plan of the wire, unless it is Windows that asks.
    #[cfg(feature = "tokio")]
    pub(crate) fn wire(&mut self) -> Option<&mut smb::Plan> {
        match self {
            Self::Smb(plan) => Some(plan),
            #[cfg(windows)]
            Self::Windows(_) => None,
        }
    }

    /// The deadline that has begun with `connect()`.
    pub(crate) fn deadline(&self) -> Instant {
        match self {
            Self::Smb(plan) => plan.deadline,
            #[cfg(windows)]
            Self::Windows(plan) => plan.deadline,
        }
    }

    /// The deadline of a question that begins now, after the first one.
    pub(crate) fn renewed(&self, now: Instant) -> Instant {
        match self {
            Self::Smb(plan) => plan.renewed(now),
            #[cfg(windows)]
            Self::Windows(plan) => plan.renewed(now),
        }
    }
}

/// What answers questions, carried by tokio.
#[cfg(feature = "tokio")]
pub(crate) enum AsyncDriver {
    Smb(Box<smb::AsyncDriver>),
    #[cfg(windows)]
    Windows(windows::Plan),
}

#[cfg(feature = "tokio")]
impl AsyncDriver {
    /// Ready to be asked, and what was agreed on with the server.
    pub(crate) async fn connect(plan: &Plan) -> Result<(Self, Option<Negotiated>), Error> {
        match plan {
            Plan::Smb(plan) => {
                let (driver, negotiated) = smb::connect(plan).await?;
                Ok((Self::Smb(Box::new(driver)), Some(negotiated)))
            }
            // The system connects when it is asked.
            #[cfg(windows)]
            Plan::Windows(plan) => Ok((Self::Windows(plan.clone()), None)),
        }
    }

    /// How long each phase took.
    pub(crate) fn timings(&mut self) -> Timings {
        match self {
            Self::Smb(driver) => driver.timings(),
            #[cfg(windows)]
            Self::Windows(_) => Timings::default(),
        }
    }

    /// The answer, and whether another question can be asked.
    pub(crate) async fn list(
        &mut self,
        request: ListRequest,
        deadline: Instant,
    ) -> (bool, Result<Listing, Error>) {
        match self {
            Self::Smb(driver) => driver.list(request, deadline).await,
            #[cfg(windows)]
            Self::Windows(plan) => (true, windows::list(plan, &request, deadline).await),
        }
    }
}

/// What answers questions in the caller's thread.
pub(crate) enum BlockingDriver {
    Smb(Box<smb::BlockingDriver>),
    #[cfg(windows)]
    Windows(windows::Plan),
}

impl BlockingDriver {
    /// As [`AsyncDriver::connect`].
    pub(crate) fn connect(plan: &Plan) -> Result<(Self, Option<Negotiated>), Error> {
        match plan {
            Plan::Smb(plan) => {
                let (driver, negotiated) = smb::connect_blocking(plan)?;
                Ok((Self::Smb(Box::new(driver)), Some(negotiated)))
            }
            #[cfg(windows)]
            Plan::Windows(plan) => Ok((Self::Windows(plan.clone()), None)),
        }
    }

    /// How long each phase took.
    pub(crate) fn timings(&mut self) -> Timings {
        match self {
            Self::Smb(driver) => driver.timings(),
            #[cfg(windows)]
            Self::Windows(_) => Timings::default(),
        }
    }

    /// As [`AsyncDriver::list`].
    pub(crate) fn list(&mut self, request: ListRequest, deadline: Instant) -> (bool, Result<Listing, Error>) {
        match self {
            Self::Smb(driver) => driver.list(request, deadline),
            #[cfg(windows)]
            Self::Windows(plan) => (true, windows::list_blocking(plan, &request, deadline)),
        }
    }
}
