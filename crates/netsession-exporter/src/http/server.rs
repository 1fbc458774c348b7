use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::routes::router;
use super::write_timeout::WriteTimeout;
use crate::descriptors::{self, connections_at_once};
use crate::exporter::Exporter;
use crate::listeners::Listeners;

/// Timeout for the headers of a request. It also closes connections that are idle between requests.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout for a client that does not read the response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of the request line and the headers together. hyper answers larger ones with 431.
const MAX_HEADER_BYTES: usize = 16 << 10;
const MAX_HEADERS: usize = 64;
/// Timeout for running probes during a shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves HTTP/1.1 until `stop` is ready. Probes that are running then have 5 s to finish. Within a runtime.
///
/// The number of connections, the size of a request, and the time to send a request and to read a response are limited.
pub async fn serve(listeners: impl Into<Listeners>, exporter: Exporter, stop: impl Future<Output = ()>) {
    let mut listeners = listeners.into();
    let permits = Arc::new(Semaphore::new(connections_at_once(descriptors::limit())));
    let router = router(exporter, listeners.are_loopback());
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&permits).acquire_owned().await.ok();
            (permit, listeners.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = &mut stop => break,
            next = next => next,
        };
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                // Most likely EMFILE: connections that end free descriptors.
                debug!("cannot accept a connection: {error}");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let connection = connections.watch(connection(stream, router.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!("a connection failed: {error}");
            }
            drop(permit);
        });
    }
    drop(listeners);
    if timeout(SHUTDOWN_TIMEOUT, connections.shutdown()).await.is_err() {
        debug!("probes that were still running have been cancelled");
    }
}

fn connection(
    stream: TcpStream,
    router: axum::Router,
) -> http1::Connection<TokioIo<WriteTimeout>, TowerToHyperService<axum::Router>> {
    if let Err(error) = stream.set_nodelay(true) {
        debug!("cannot set TCP_NODELAY: {error}");
    }
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(
            TokioIo::new(WriteTimeout::new(stream, WRITE_TIMEOUT)),
            TowerToHyperService::new(router),
        )
}
