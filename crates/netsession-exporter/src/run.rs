use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::exporter::Exporter;
use crate::http::serve;
use crate::lifecycle::ReloadRequest;
use crate::settings::Settings;

/// The signal that ended the exporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// SIGTERM, the signal of a service manager.
    Terminated,
    /// Ctrl-C.
    Interrupted,
}

/// Serves on `listen` until a signal ends it. Within a runtime.
///
/// SIGHUP calls `reload`, and so does an HTTP client if the settings allow it. It returns the new settings or the text of an
/// error. It may read files and run programs: it runs on a thread of its own, which is made at the start, so that a reload
/// needs no new one.
///
/// # Errors
///
/// The address is in use or not available, signal handlers cannot be installed, or there is no thread.
pub async fn run<R>(listen: SocketAddr, settings: Settings, reload: R) -> io::Result<Ended>
where
    R: Fn() -> Result<Settings, String> + Send + 'static,
{
    // Before the first log line: a caller may send a signal as soon as it reads the address.
    let mut signals = Signals::listen()?;
    let reloader = reloader(reload)?;
    let listener = bind(listen)?;
    let address = listener.local_addr()?;
    let exporter = Exporter::new(settings);
    let mut requests = exporter.lifecycle().reload_requests();
    let (targets, patterns) = exporter.size();
    info!("listening on {address}; targets: {targets}, patterns: {patterns}");
    if !address.ip().is_loopback() {
        warn!(
            "{address} is not loopback: every host that reaches this port can read the metrics and make the exporter log \
             on to the configured servers; put a reverse proxy with TLS and authentication in front"
        );
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, exporter.clone(), async {
        // An error means that the sender is gone, which ends it as well.
        let _ = stopped.await;
    }));
    let mut reloading: Option<Reloading> = None;
    let ended = loop {
        let is_idle = reloading.is_none();
        let cause = tokio::select! {
            signal = signals.next(is_idle) => match signal {
                ProcessSignal::End(ended) => break ended,
                ProcessSignal::Reload => ReloadCause::Signal,
            },
            request = next_request(&mut requests), if is_idle => ReloadCause::Request(request),
            (loaded, cause) = finished(&mut reloading) => {
                reloading = None;
                apply(&exporter, loaded, cause);
                continue;
            }
        };
        let (sender, loaded) = oneshot::channel();
        // Fails only if the thread is gone, which the receiver then notices.
        let _ = reloader.send(sender);
        reloading = Some(Reloading { loaded, cause: Some(cause) });
    };
    info!("{}", if ended == Ended::Terminated { "terminated by SIGTERM" } else { "interrupted" });
    // Fails only if the server has ended by itself.
    let _ = stop.send(());
    let _ = serving.await;
    Ok(ended)
}

type Loaded = Result<Settings, String>;

/// A reload that is running.
struct Reloading {
    loaded: oneshot::Receiver<Loaded>,
    /// `None` once it has been taken.
    cause: Option<ReloadCause>,
}

/// Who wants the reload.
enum ReloadCause {
    /// The administrator of this machine, who knows whether refused accounts have been corrected.
    Signal,
    /// An HTTP client, which may repeat it: only an account whose secret has changed is used again.
    Request(ReloadRequest),
}

async fn next_request(requests: &mut Option<tokio::sync::mpsc::Receiver<ReloadRequest>>) -> ReloadRequest {
    let request = match requests {
        Some(requests) => requests.recv().await,
        None => None,
    };
    match request {
        Some(request) => request,
        None => std::future::pending().await,
    }
}

/// The thread that reloads when it is asked to.
fn reloader(
    reload: impl Fn() -> Loaded + Send + 'static,
) -> io::Result<mpsc::Sender<oneshot::Sender<Loaded>>> {
    let (sender, requests) = mpsc::channel::<oneshot::Sender<Loaded>>();
    let reloads = move || {
        for request in requests {
            let panicked = |_| Err("loading the configuration panicked".into());
            let loaded = catch_unwind(AssertUnwindSafe(&reload)).unwrap_or_else(panicked);
            // Nothing waits for it when the exporter has ended.
            let _ = request.send(loaded);
        }
    };
    thread::Builder::new().name("netsession-reload".into()).spawn(reloads)?;
    Ok(sender)
}

/// Listens with a longer queue than the usual 128: after a shared query has timed out, all of its probes connect again
/// at the same moment, and a client whose SYN is dropped waits a second before it repeats it.
fn bind(listen: SocketAddr) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 4096;
    let socket = if listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Not on Windows: there SO_REUSEADDR lets another process take over the address.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)
}

async fn finished(reloading: &mut Option<Reloading>) -> (Loaded, ReloadCause) {
    if let Some(Reloading { loaded, cause }) = reloading {
        let loaded = loaded.await.unwrap_or_else(|_| Err("the thread that loads it has ended".into()));
        if let Some(cause) = cause.take() {
            return (loaded, cause);
        }
    }
    std::future::pending().await
}

fn apply(exporter: &Exporter, loaded: Loaded, cause: ReloadCause) {
    let result = match loaded {
        Ok(settings) => {
            match cause {
                ReloadCause::Signal => exporter.reload(settings),
                ReloadCause::Request(_) => exporter.reload_keeping_blocks(settings),
            }
            let (targets, patterns) = exporter.size();
            info!("configuration reloaded; targets: {targets}, patterns: {patterns}");
            Ok(())
        }
        Err(why) => {
            exporter.reload_failed();
            warn!("cannot reload the configuration, the old one stays in use: {why}");
            Err(why)
        }
    };
    if let ReloadCause::Request(request) = cause {
        // The client may have gone meanwhile.
        let _ = request.send(result);
    }
}

enum ProcessSignal {
    End(Ended),
    #[cfg_attr(windows, expect(dead_code, reason = "Windows has no SIGHUP"))]
    Reload,
}

#[cfg(unix)]
struct Signals {
    hangup: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
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
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    /// Windows has no SIGHUP.
    async fn next(&mut self, _: bool) -> ProcessSignal {
        self.0.recv().await;
        ProcessSignal::End(Ended::Interrupted)
    }
}
