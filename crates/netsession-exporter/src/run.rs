use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::exporter::Exporter;
use crate::http::serve;
use crate::listeners::Listeners;
use crate::settings::Settings;

/// The signal that ended the exporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// SIGTERM, the signal of a service manager.
    Terminated,
    /// Ctrl-C.
    Interrupted,
}

/// Serves on each address of `listen` until a signal ends it: see [`Listeners::bind`]. Within a runtime.
///
/// SIGHUP calls `reload`, which returns the new settings or the text of an error. `reload` may read files and run
/// programs: it runs on a thread of its own, which is made at the start, so that a reload needs no new one.
///
/// # Errors
///
/// The address is in use or not available, signal handlers cannot be installed, or there is no thread.
pub async fn run<R>(listen: &[SocketAddr], settings: Settings, reload: R) -> io::Result<Ended>
where
    R: Fn() -> Result<Settings, String> + Send + 'static,
{
    // Before the first log line: a caller may send a signal as soon as it reads the address.
    let mut signals = Signals::listen()?;
    let reloader = reloader(reload)?;
    let listeners = Listeners::bind(listen)?;
    let addresses = listeners.addresses()?;
    let exporter = Exporter::new(settings);
    let (targets, patterns) = exporter.size();
    let all = addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ");
    info!("listening on {all}; targets: {targets}, patterns: {patterns}");
    for address in addresses.iter().filter(|address| !address.ip().is_loopback()) {
        warn!(
            "{address} is not loopback: every host that reaches this port can read the metrics and make the exporter log \
             on to the configured servers; put a reverse proxy with TLS and authentication in front"
        );
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listeners, exporter.clone(), async {
        // An error means that the sender is gone, which ends it as well.
        let _ = stopped.await;
    }));
    let mut reloading: Option<Reloading> = None;
    let ended = loop {
        tokio::select! {
            signal = signals.next(reloading.is_none()) => match signal {
                ProcessSignal::End(ended) => break ended,
                ProcessSignal::Reload => {
                    let (sender, loaded) = oneshot::channel();
                    // Fails only if the thread is gone, which the receiver then notices.
                    let _ = reloader.send(sender);
                    reloading = Some(loaded);
                }
            },
            loaded = finished(&mut reloading) => {
                reloading = None;
                apply(&exporter, loaded);
            }
        }
    };
    info!("{}", if ended == Ended::Terminated { "terminated by SIGTERM" } else { "interrupted" });
    // Fails only if the server has ended by itself.
    let _ = stop.send(());
    let _ = serving.await;
    Ok(ended)
}

type Loaded = Result<Settings, String>;
type Reloading = oneshot::Receiver<Loaded>;

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

async fn finished(reloading: &mut Option<Reloading>) -> Loaded {
    match reloading {
        Some(loaded) => loaded.await.unwrap_or_else(|_| Err("the thread that loads it has ended".into())),
        None => std::future::pending().await,
    }
}

fn apply(exporter: &Exporter, loaded: Loaded) {
    match loaded {
        Ok(settings) => {
            exporter.reload(settings);
            let (targets, patterns) = exporter.size();
            info!("configuration reloaded; targets: {targets}, patterns: {patterns}");
        }
        Err(why) => {
            exporter.reload_failed();
            warn!("cannot reload the configuration, the old one stays in use: {why}");
        }
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
