use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};
use tracing::{info, warn};

use crate::{Exporter, Settings, serve};

/// What ended the exporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// SIGTERM, as a service manager sends it.
    Terminated,
    /// Ctrl-C.
    Interrupted,
}

/// Answers on `listen` until a signal ends it; on SIGHUP `reload` gives new settings, or says in words what is wrong
/// with them. Within a runtime.
///
/// `reload` may read files and run programs: it has a thread of its own.
///
/// # Errors
///
/// The address is not to be had, or signals are not.
pub async fn run<R>(listen: SocketAddr, settings: Settings, reload: R) -> io::Result<Ended>
where
    R: Fn() -> Result<Settings, String> + Send + Sync + 'static,
{
    // Before the first word: a signal in answer to it is not lost.
    let mut signals = Signals::listen()?;
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let exporter = Exporter::new(settings);
    let (targets, patterns) = exporter.size();
    info!("listening on {address}; targets: {targets}, patterns: {patterns}");
    if !address.ip().is_loopback() {
        warn!(
            "{address} is not loopback: whoever reaches it sees who is connected, and makes this program log on to \
             the servers of its configuration; put a reverse proxy with TLS and a log-on in front"
        );
    }
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, exporter.clone(), async {
        // Either way it is over.
        let _ = stopped.await;
    }));
    let reload = Arc::new(reload);
    let mut reloading: Option<JoinHandle<Result<Settings, String>>> = None;
    let ended = loop {
        tokio::select! {
            signal = signals.next(reloading.is_none()) => match signal {
                Signal::End(ended) => break ended,
                Signal::Reload => {
                    let reload = Arc::clone(&reload);
                    reloading = Some(spawn_blocking(move || reload()));
                }
            },
            loaded = finished(&mut reloading) => {
                reloading = None;
                take(&exporter, loaded);
            }
        }
    };
    info!("{}", if ended == Ended::Terminated { "terminated" } else { "interrupted" });
    // Fails where it has ended by itself.
    let _ = stop.send(());
    let _ = serving.await;
    Ok(ended)
}

async fn finished(reloading: &mut Option<JoinHandle<Result<Settings, String>>>) -> Result<Settings, String> {
    match reloading {
        Some(task) => task.await.unwrap_or_else(|_| Err("loading the configuration failed".into())),
        None => std::future::pending().await,
    }
}

fn take(exporter: &Exporter, loaded: Result<Settings, String>) {
    match loaded {
        Ok(settings) => {
            exporter.reload(settings);
            let (targets, patterns) = exporter.size();
            info!("the configuration is loaded anew; targets: {targets}, patterns: {patterns}");
        }
        Err(why) => {
            exporter.reload_failed();
            warn!("the new configuration is wrong, and the old one stays: {why}");
        }
    }
}

enum Signal {
    End(Ended),
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

    /// The next one; a SIGHUP waits until it is wanted.
    async fn next(&mut self, wants_reload: bool) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::End(Ended::Terminated),
            _ = self.interrupt.recv() => Signal::End(Ended::Interrupted),
            _ = self.hangup.recv(), if wants_reload => Signal::Reload,
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

    /// There is no signal for a reload.
    async fn next(&mut self, _: bool) -> Signal {
        self.0.recv().await;
        Signal::End(Ended::Interrupted)
    }
}
