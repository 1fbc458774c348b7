//! Who ends and reloads the exporter from outside: signals, or a service manager that sends none.

use std::io;

use tokio::sync::mpsc::UnboundedReceiver;

/// The signal that ended the exporter. Who runs it has an exit code for each: a new one must not compile unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// SIGTERM, the signal of a service manager, or the stop of a service.
    Terminated,
    /// Ctrl-C.
    Interrupted,
}

/// What the service manager of Windows tells a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceRequest {
    /// `sc stop`, and the end of the system.
    Stop,
    /// `sc control NAME paramchange`: what SIGHUP is elsewhere.
    Reload,
}

/// Where the exporter is told from.
pub(crate) enum Controls {
    Signals(Signals),
    Service(ServiceRequests),
}

/// The requests of a service manager.
pub(crate) struct ServiceRequests {
    requests: UnboundedReceiver<ServiceRequest>,
    /// A reload that came while another one was running, which may have read the old file.
    reload_is_pending: bool,
}

impl Controls {
    /// The next one. While a reload is running, another one stays pending.
    pub(crate) async fn next(&mut self, wants_reload: bool) -> ProcessSignal {
        match self {
            Self::Signals(signals) => signals.next(wants_reload).await,
            Self::Service(service) => service.next(wants_reload).await,
        }
    }
}

impl ServiceRequests {
    pub(crate) fn new(requests: UnboundedReceiver<ServiceRequest>) -> Self {
        Self { requests, reload_is_pending: false }
    }

    async fn next(&mut self, wants_reload: bool) -> ProcessSignal {
        loop {
            if wants_reload && self.reload_is_pending {
                self.reload_is_pending = false;
                return ProcessSignal::Reload;
            }
            match self.requests.recv().await {
                // A service whose manager is gone ends.
                Some(ServiceRequest::Stop) | None => return ProcessSignal::End(Ended::Terminated),
                Some(ServiceRequest::Reload) => self.reload_is_pending = true,
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
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

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    /// What is there without waiting.
    fn next(service: &mut ServiceRequests, wants_reload: bool) -> Option<ProcessSignal> {
        match pin!(service.next(wants_reload)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(signal) => Some(signal),
            Poll::Pending => None,
        }
    }

    #[test]
    fn reload_during_a_reload_stays_pending() {
        let (sender, requests) = unbounded_channel();
        let mut service = ServiceRequests::new(requests);
        let send = |request| sender.send(request).unwrap();
        send(ServiceRequest::Reload);
        assert_eq!(next(&mut service, true), Some(ProcessSignal::Reload));
        // One is running: two more are one.
        send(ServiceRequest::Reload);
        send(ServiceRequest::Reload);
        assert_eq!(next(&mut service, false), None);
        assert_eq!(next(&mut service, true), Some(ProcessSignal::Reload));
        assert_eq!(next(&mut service, true), None);
        // The end does not wait for a reload.
        send(ServiceRequest::Reload);
        send(ServiceRequest::Stop);
        let end = Some(ProcessSignal::End(Ended::Terminated));
        assert_eq!(next(&mut service, false), end);
        drop(sender);
        // A manager that is gone.
        assert_eq!(next(&mut service, true), Some(ProcessSignal::Reload));
        assert_eq!(next(&mut service, true), end);
    }
}
