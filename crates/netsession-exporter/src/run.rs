use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::exporter::Exporter;
use crate::http::serve;
use crate::lifecycle::ReloadRequest;
use crate::listeners::Listeners;
use crate::settings::Settings;
use crate::signals::{Controls, Ended, ProcessSignal, ServiceRequest, ServiceRequests, Signals};
use crate::start_error::StartError;

/// Serves on each address of `listen` until a signal ends it: see [`Listeners::bind`]. Within a runtime.
///
/// SIGHUP calls `reload`, and so does an HTTP client if the settings allow it. It returns the new settings or the text of an
/// error. It may read files and run programs: it runs on a thread of its own, which is made at the start, so that a reload
/// needs no new one.
///
/// # Errors
///
/// The address is in use or not available, signal handlers cannot be installed, or there is no thread.
pub async fn run<R>(listen: &[SocketAddr], settings: Settings, reload: R) -> Result<Ended, StartError>
where
    R: Fn() -> Result<Settings, String> + Send + 'static,
{
    // Before the first log line: a caller may send a signal as soon as it reads the address.
    let signals = Signals::listen().map_err(StartError::Signals)?;
    serve_controlled(listen, settings, reload, Controls::Signals(signals), || ()).await
}

/// As [`run`], but told by a service manager instead of signals. `is_serving` is called once, when requests are taken.
///
/// # Errors
///
/// The address is in use or not available, or there is no thread.
pub async fn run_service<R>(
    listen: &[SocketAddr],
    settings: Settings,
    reload: R,
    requests: UnboundedReceiver<ServiceRequest>,
    is_serving: impl FnOnce(),
) -> Result<(), StartError>
where
    R: Fn() -> Result<Settings, String> + Send + 'static,
{
    let controls = Controls::Service(ServiceRequests::new(requests));
    serve_controlled(listen, settings, reload, controls, is_serving).await.map(|_| ())
}

async fn serve_controlled<R>(
    listen: &[SocketAddr],
    settings: Settings,
    reload: R,
    mut controls: Controls,
    is_serving: impl FnOnce(),
) -> Result<Ended, StartError>
where
    R: Fn() -> Result<Settings, String> + Send + 'static,
{
    let is_service = matches!(controls, Controls::Service(_));
    let reloader = reloader(reload).map_err(StartError::Thread)?;
    let listeners = Listeners::bind(listen).map_err(StartError::Listen)?;
    let addresses = listeners.addresses().map_err(StartError::Listen)?;
    let exporter = Exporter::new(settings);
    let mut requests = exporter.lifecycle().reload_requests();
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
    is_serving();
    let mut reloading: Option<Reloading> = None;
    let ended = loop {
        let is_idle = reloading.is_none();
        let cause = tokio::select! {
            signal = controls.next(is_idle) => match signal {
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
    info!(
        "{}",
        match ended {
            Ended::Terminated if is_service => "stopped by the service manager",
            Ended::Terminated => "terminated by SIGTERM",
            Ended::Interrupted => "interrupted",
        }
    );
    // Fails only if the server has ended by itself.
    let _ = stop.send(());
    let _ = serving.await;
    exporter.close_recorders().await;
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
