use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession_proto::client::Negotiated;
use netsession_proto::query::Query as _;

use super::choice::system_asks;
use super::smb;
#[cfg(windows)]
use super::windows;
use crate::Timings;
#[cfg(feature = "tokio")]
use crate::admission::{Admission, AtOnce};
#[cfg(feature = "tokio")]
use crate::deadlines::later;
use crate::error::Error;
use crate::question::{Ask, Carrier};
#[cfg(feature = "tokio")]
use crate::question::{BothAnswers, one_after_the_other};
use crate::settings::Settings;

/// The checked settings of a builder, for the backend that they select.
#[derive(Debug, Clone)]
pub(crate) enum ConnectPlan {
    Smb(Arc<smb::SmbPlan>),
    #[cfg(windows)]
    Windows(windows::WindowsPlan),
}

impl ConnectPlan {
    /// Its deadline begins at `now`.
    pub(crate) fn new(settings: Settings, now: Instant) -> Result<Self, Error> {
        if system_asks(&settings, cfg!(windows))? {
            #[cfg(windows)]
            return windows::WindowsPlan::new(&settings, now).map(Self::Windows);
        }
        Ok(Self::Smb(Arc::new(smb::SmbPlan::new(settings, now)?)))
    }

    /// For one of many servers in one run: the wait for the log-on guard is not this server's time.
    #[cfg(feature = "tokio")]
    pub(crate) fn as_one_of_many(&mut self) {
        match self {
            Self::Smb(plan) => Arc::make_mut(plan).as_one_of_many(),
            #[cfg(windows)]
            Self::Windows(_) => {}
        }
    }

    /// For a server that is asked again and again: the wait for the log-on guard is not its time.
    #[cfg(feature = "tokio")]
    pub(crate) fn without_the_wait_for_the_guard(&mut self) {
        match self {
            Self::Smb(plan) => Arc::make_mut(plan).without_the_wait_for_the_guard(),
            #[cfg(windows)]
            Self::Windows(_) => {}
        }
    }

    /// The server as it is shown.
    pub(crate) fn server(&self) -> String {
        match self {
            Self::Smb(plan) => plan.server.to_string(),
            #[cfg(windows)]
            Self::Windows(plan) => plan.server.to_string(),
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

    /// The deadline of a later question that begins now.
    pub(crate) fn renewed(&self, now: Instant) -> Instant {
        match self {
            Self::Smb(plan) => plan.renewed(now),
            #[cfg(windows)]
            Self::Windows(plan) => plan.renewed(now),
        }
    }
}

/// A connected backend, whose bytes `W` carries where they are not Windows' own.
pub(crate) enum Driver<W> {
    Smb(Box<smb::Driver<W>>),
    #[cfg(windows)]
    Windows(windows::WindowsPlan),
}

/// Driven by tokio.
#[cfg(feature = "tokio")]
pub(crate) type AsyncDriver = Driver<smb::AsyncWire>;
/// Driven by the caller's thread.
pub(crate) type BlockingDriver = Driver<smb::BlockingWire>;

impl<W> Driver<W> {
    /// The negotiated protocol; Windows does not report it.
    pub(crate) fn negotiated(&self) -> Option<Negotiated> {
        match self {
            Self::Smb(driver) => Some(driver.negotiated()),
            #[cfg(windows)]
            Self::Windows(_) => None,
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
}

#[cfg(feature = "tokio")]
impl AsyncDriver {
    /// Connects. The wait for the admission moves the deadline of the plan.
    pub(crate) async fn connect(
        plan: &mut ConnectPlan,
        admission: &mut impl Admission,
    ) -> Result<Self, Error> {
        match plan {
            ConnectPlan::Smb(plan) => Ok(Self::Smb(Box::new(smb::open(plan, admission).await?))),
            // Windows connects at the first call.
            #[cfg(windows)]
            ConnectPlan::Windows(plan) => Ok(Self::Windows(plan.clone())),
        }
    }
}

/// Connects again, in place of a connection that is of no use any more.
#[cfg(feature = "tokio")]
async fn reopen(driver: &mut smb::Driver<smb::AsyncWire>, deadline: Instant) -> Result<(), Error> {
    let mut plan = driver.plan_until(deadline);
    // Boxed: it is rare, and its future is large.
    *driver = Box::pin(smb::open(&mut plan, &mut AtOnce)).await?;
    Ok(())
}

#[cfg(feature = "tokio")]
impl Carrier for AsyncDriver {
    async fn ask<Q: Ask + Clone + Send + Sync + 'static>(
        &mut self,
        question: &Q,
        deadline: Instant,
    ) -> Result<Q::Output, Error> {
        match self {
            Self::Smb(driver) => {
                let result = driver.ask(question, deadline).await;
                if !is_session_expired::<Q, _>(&result) {
                    return result;
                }
                reopen(driver, deadline).await?;
                driver.ask(question, deadline).await
            }
            #[cfg(windows)]
            Self::Windows(plan) => windows::ask(plan, question, deadline).await,
        }
    }

    async fn ask_both<A, B>(&mut self, first: &A, second: &B, deadline: Instant) -> BothAnswers<A, B>
    where
        A: Ask + Clone + Send + Sync + 'static,
        B: Ask + Clone + Send + Sync + 'static,
    {
        match self {
            Self::Smb(driver) => {
                // At most half of the time, so that there is some for a new connection.
                let now = Instant::now();
                let patience = later(now, deadline.saturating_duration_since(now) / 2);
                let is_over = match driver.open_second(patience).await {
                    Ok(()) => match driver.ask_both(first, second, deadline).await {
                        Some(result)
                            if B::Query::OPERATION.is_repeatable && is_session_expired::<A, _>(&result) =>
                        {
                            true
                        }
                        Some(result) => return result,
                        None => false,
                    },
                    Err(error) => {
                        tracing::debug!(%error, "no second pipe on this connection: connecting again, for one");
                        true
                    }
                };
                if is_over {
                    reopen(driver, deadline).await?;
                }
            }
            #[cfg(windows)]
            Self::Windows(_) => {}
        }
        one_after_the_other(self, first, second, deadline).await
    }

    async fn pause(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

impl BlockingDriver {
    /// As [`AsyncDriver::connect`], without an admission.
    pub(crate) fn connect(plan: &ConnectPlan) -> Result<Self, Error> {
        match plan {
            ConnectPlan::Smb(plan) => Ok(Self::Smb(Box::new(smb::open_blocking(plan)?))),
            #[cfg(windows)]
            ConnectPlan::Windows(plan) => Ok(Self::Windows(plan.clone())),
        }
    }
}

/// Ready at the first poll: the caller's thread waits within it.
impl Carrier for BlockingDriver {
    async fn ask<Q: Ask + Clone + Send + Sync + 'static>(
        &mut self,
        question: &Q,
        deadline: Instant,
    ) -> Result<Q::Output, Error> {
        match self {
            Self::Smb(driver) => {
                let result = driver.ask(question, deadline);
                if !is_session_expired::<Q, _>(&result) {
                    return result;
                }
                **driver = smb::open_blocking(&driver.plan_until(deadline))?;
                driver.ask(question, deadline)
            }
            #[cfg(windows)]
            Self::Windows(plan) => windows::ask_blocking(plan, question, deadline),
        }
    }

    async fn pause(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Whether the connection was held beyond the end of its ticket. The request was not carried out
/// (\[MS-SMB2\] 3.3.5.2.9): it is repeated over a new connection, once. Not one that changes something, which would rely
/// on the server to follow that section; the listing right before it has found the end of the ticket.
fn is_session_expired<Q: Ask, T>(result: &Result<T, Error>) -> bool {
    let is_expired =
        Q::Query::OPERATION.is_repeatable && result.as_ref().is_err_and(Error::is_session_expired);
    if is_expired {
        tracing::debug!("the session has expired: connecting again");
    }
    is_expired
}
