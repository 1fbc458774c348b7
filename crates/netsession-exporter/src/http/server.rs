use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::patient::Patient;
use super::router;
use crate::Exporter;

/// More connections wait in the queue of the system: Prometheus has one for each target that is under way.
const MOST_CONNECTIONS: usize = 2048;
/// For the headers of a request, and so for a connection without one: none is kept open for nothing.
const REQUEST: Duration = Duration::from_secs(10);
/// For taking what is written.
const READER: Duration = Duration::from_secs(10);
/// Of a request line and headers together; hyper answers 431 beyond it.
const MOST_HEADER_BYTES: usize = 16 << 10;
const MOST_HEADERS: usize = 64;
/// For what is under way when the end has come.
const LAST: Duration = Duration::from_secs(5);

/// Answers over HTTP/1.1 until `stop` comes to its end; what is under way then has 5 s more. Within a runtime.
///
/// Connections are bounded in number, in the size of what they ask with, and in how slow they may be.
pub async fn serve(listener: TcpListener, exporter: Exporter, stop: impl Future<Output = ()>) {
    let most = connections_within(exporter.descriptors());
    let router = router(exporter);
    let permits = Arc::new(Semaphore::new(most));
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            // It is closed nowhere.
            let permit = Arc::clone(&permits).acquire_owned().await.ok();
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = &mut stop => break,
            next = next => next,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, most likely: some will be closed.
                debug!("cannot take a connection: {error}");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let connection = connections.watch(connection(stream, router.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!("a connection ended early: {error}");
            }
            drop(permit);
        });
    }
    drop(listener);
    if timeout(LAST, connections.shutdown()).await.is_err() {
        debug!("some probes were under way for too long");
    }
}

/// Half of the descriptors that may be open, so that servers can be asked with the other half.
fn connections_within(descriptors: Option<u64>) -> usize {
    let half = descriptors.and_then(|most| usize::try_from(most / 2).ok());
    half.map_or(MOST_CONNECTIONS, |half| half.clamp(16, MOST_CONNECTIONS))
}

fn connection(
    stream: TcpStream,
    router: axum::Router,
) -> http1::Connection<TokioIo<Patient>, TowerToHyperService<axum::Router>> {
    if let Err(error) = stream.set_nodelay(true) {
        debug!("TCP_NODELAY: {error}");
    }
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST)
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_HEADER_BYTES)
        .serve_connection(TokioIo::new(Patient::new(stream, READER)), TowerToHyperService::new(router))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_can_be_asked_whoever_connects() {
        for (descriptors, connections) in
            [(None, 2048), (Some(1024), 512), (Some(100_000), 2048), (Some(u64::MAX), 2048), (Some(8), 16)]
        {
            assert_eq!(connections_within(descriptors), connections, "{descriptors:?}");
        }
    }
}
