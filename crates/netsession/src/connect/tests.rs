use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::connect_blocking;
use crate::ErrorKind;

const SOON: Duration = Duration::from_secs(60);
/// Long enough for the second address to have its turn, on a machine that is busy with other work.
const SILENCE: Duration = Duration::from_secs(4);

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// The same port of another loopback address, where nothing listens.
fn refusing(beside: SocketAddr) -> SocketAddr {
    SocketAddr::new([127, 0, 0, 2].into(), beside.port())
}

/// A listener whose backlog is full: it swallows every SYN.
struct Swallowing {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
    _listener: tokio::net::TcpListener,
    _fill: Vec<TcpStream>,
}

fn swallowing() -> Swallowing {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let listener = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket.listen(1).unwrap()
    });
    let address = listener.local_addr().unwrap();
    let fill = (0..8).map_while(|_| TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok());
    let fill: Vec<_> = fill.collect();
    assert!(fill.len() < 8, "the backlog was to be full");
    Swallowing { address, _runtime: runtime, _listener: listener, _fill: fill }
}

#[test]
fn a_refusal_leads_to_the_next_address_blocking() {
    let (_listener, good) = listener();
    let begun = Instant::now();
    let stream = connect_blocking(vec![refusing(good), good], begun + SOON).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), good);
    assert!(stream.nodelay().unwrap());
    assert!(begun.elapsed() < SOON);
}

#[test]
fn silence_leads_to_the_next_address_blocking() {
    let (_listener, good) = listener();
    let silent = swallowing();
    let stream = connect_blocking(vec![silent.address, good], Instant::now() + SOON).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), good);
}

#[test]
fn every_address_that_was_tried_is_told_blocking() {
    let (_, gone) = listener();
    let error = connect_blocking(vec![gone, refusing(gone)], Instant::now() + SOON).unwrap_err();
    let text = format!("connect: refused ({gone}, {})", refusing(gone));
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Connect, text));
    let error = connect_blocking(vec![gone], Instant::now() + SOON).unwrap_err();
    assert_eq!(error.to_string(), format!("connect: refused ({gone})"));
}

#[test]
fn silence_ends_at_the_deadline_blocking() {
    let silent = swallowing();
    for addresses in [vec![silent.address], vec![silent.address, refusing(silent.address)]] {
        let begun = Instant::now();
        let error = connect_blocking(addresses, begun + SILENCE).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
        assert!(error.to_string().contains(&silent.address.to_string()), "{error}");
        assert!(begun.elapsed() < SOON);
    }
}

#[cfg(feature = "tokio")]
mod asynchronous {
    use super::super::connect;
    use super::*;

    #[tokio::test]
    async fn a_refusal_leads_to_the_next_address() {
        let (_listener, good) = listener();
        let stream = connect(vec![refusing(good), good], Instant::now() + SOON).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        assert!(stream.nodelay().unwrap());
    }

    #[test]
    fn silence_leads_to_the_next_address_or_ends_at_the_deadline() {
        let (_listener, good) = listener();
        let silent = swallowing();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stream = connect(vec![silent.address, good], Instant::now() + SOON).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), good);

            let begun = Instant::now();
            let both = vec![silent.address, refusing(good)];
            let error = connect(both, begun + SILENCE).await.unwrap_err();
            let text = format!("connect: timed out (tried {}, {}: refused)", silent.address, refusing(good));
            assert_eq!((error.kind(), error.to_string()), (ErrorKind::TimedOut, text));
            assert!(begun.elapsed() < SOON);
        });
    }

    #[tokio::test]
    async fn every_address_that_was_tried_is_told() {
        let (_, gone) = listener();
        let error = connect(vec![gone], Instant::now() + SOON).await.unwrap_err();
        assert_eq!(error.to_string(), format!("connect: refused ({gone})"));
    }
}
