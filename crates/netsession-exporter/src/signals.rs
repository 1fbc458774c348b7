//! Who ends and reloads the exporter from outside: signals, or a service manager that sends none.

use std::io;

use tokio::sync::mpsc::UnboundedReceiver;

/// The signal that ended the exporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// SIGTERM, the signal of a service manager, or the stop of a service.
    Terminated,
    /// Ctrl-C.
    Interrupted,
}

/// What the service manager of Windows tells a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceRequest {
    /// `sc stop`, and the end of the system.
    Stop,
    /// `sc control NAME paramchange`: what SIGHUP is elsewhere.
    Reload,
}

/// Where the exporter is told from.
pub(crate) enum Controls {
    Signals(Signals),
    Service(UnboundedReceiver<ServiceRequest>),
}

impl Controls {
    /// The next one. While a reload is running, another one stays pending.
    pub(crate) async fn next(&mut self, wants_reload: bool) -> ProcessSignal {
        match self {
            Self::Signals(signals) => signals.next(wants_reload).await,
            Self::Service(requests) => loop {
                match requests.recv().await {
                    // A service whose manager is gone ends.
                    Some(ServiceRequest::Stop) | None => return ProcessSignal::End(Ended::Terminated),
                    Some(ServiceRequest::Reload) if wants_reload => return ProcessSignal::Reload,
                    // The reload that is running began a moment ago.
                    Some(ServiceRequest::Reload) => {}
                }
            },
        }
    }
}

pub(crate) enum ProcessSignal {
    End(Ended),
    Reload,
}

#[cfg(unix)]
pub(crate) struct Signals {
    hangup: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next signal. While a reload is running, SIGHUP stays pending.
    async fn next(&mut self, wants_reload: bool) -> ProcessSignal {
        tokio::select! {
            _ = self.terminate.recv() => ProcessSignal::End(Ended::Terminated),
            _ = self.interrupt.recv() => ProcessSignal::End(Ended::Interrupted),
            _ = self.hangup.recv(), if wants_reload => ProcessSignal::Reload,
        }
    }
}

#[cfg(windows)]
pub(crate) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    /// Windows has no SIGHUP.
    async fn next(&mut self, _: bool) -> ProcessSignal {
        self.0.recv().await;
        ProcessSignal::End(Ended::Interrupted)
    }
}
