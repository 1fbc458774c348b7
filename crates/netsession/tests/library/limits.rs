//! Each limit through its own setter, in both APIs, against a server that goes beyond that limit alone.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::net::TcpListener;
use std::time::{Duration, Instant};

use netsession::blocking::{Client, ClientBuilder};
use netsession::{Credentials, Error, ErrorKind, Level, Listing, MemoryBudget, Password};
use netsession_testserver::{Scenario, Server};

/// Three hundred sessions, in pages of fifty and fragments of 1432 bytes.
const SCENARIO: &str = r#"
description = "many small pages"

[rpc]
max-fragment = 1432

[session-enum]
page-size = 50

[session-enum.levels]
0 = "anyone"
1 = "anyone"
2 = "anyone"
10 = "anyone"
502 = "anyone"

[[user]]
name = "admin"
password = "Passw0rd!"
administrator = true

[[session]]
client = "10.0.0.5"
user = "user{n}"
repeat = 300
"#;

fn list(set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<(usize, usize), Error> {
    let (address, _server) = Server::start(SCENARIO.parse::<Scenario>().unwrap()).unwrap();
    let builder = Client::builder(address.to_string())
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!")))
        .timeout(Duration::from_secs(30));
    let listing = set(builder).connect()?.sessions().level(Level::L1).list()?;
    Ok((listing.len(), listing.pages()))
}

fn limited(set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> String {
    let error = list(set).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    error.to_string()
}

#[test]
fn without_limits_all_is_listed() {
    assert_eq!(list(|builder| builder).unwrap(), (300, 6));
}

#[test]
fn entries() {
    assert_eq!(list(|builder| builder.max_entries(300)).unwrap().0, 300);
    let text = limited(|builder| builder.max_entries(299));
    assert!(text.contains("limit of 299 entries"), "{text}");
}

#[test]
fn pages() {
    assert_eq!(list(|builder| builder.max_pages(6)).unwrap().1, 6);
    let text = limited(|builder| builder.max_pages(5));
    assert!(text.contains("limit of 5 pages"), "{text}");
}

#[test]
fn bytes_of_an_answer() {
    let text = limited(|builder| builder.max_answer_bytes(10_000));
    assert!(text.contains("bytes of an answer"), "{text}");
}

#[test]
fn bytes_of_a_frame() {
    let text = limited(|builder| builder.max_frame_bytes(1_000));
    assert!(text.contains("limit of 1000 bytes of a frame"), "{text}");
}

/// One budget for all listings that are held; what is dropped is given back.
#[test]
fn memory_of_all_answers() {
    // Three hundred sessions take some 20 KiB.
    let budget = MemoryBudget::new(50_000);
    let (address, _server) = Server::start(SCENARIO.parse::<Scenario>().unwrap()).unwrap();
    let list = || -> Result<Listing, Error> {
        Client::builder(address.to_string())
            .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!")))
            .memory_budget(&budget)
            .timeout(Duration::from_secs(30))
            .connect()?
            .sessions()
            .list()
    };
    let mut held = vec![list().unwrap()];
    let of_one = budget.used();
    assert!((300 * 48..50_000).contains(&of_one), "{of_one}");
    let error = loop {
        match list() {
            Ok(listing) => held.push(listing),
            Err(error) => break error,
        }
        assert!(held.len() < 10, "{}", budget.used());
    };
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(
        error.to_string().contains("limit of 50000 bytes of memory for the answers of all servers"),
        "{error}"
    );
    assert_eq!(budget.used(), of_one * held.len(), "what failed has given its part back");
    let memory = held.pop().map(|listing| (listing.memory(), listing.into_iter()));
    assert!(list().is_err(), "the sessions are still held");
    drop(memory);
    assert_eq!(list().unwrap().len(), 300);
}

/// A connect without an answer ends at its own limit, long before the deadline.
#[test]
fn tcp_connect_has_its_own_timeout() {
    // A queue of one connection that is full swallows the next.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut fillers = Vec::new();
    while let Ok(filler) = std::net::TcpStream::connect_timeout(&address, Duration::from_secs(2)) {
        fillers.push(filler);
        assert!(fillers.len() < 5_000, "the queue never fills");
    }
    let begun = Instant::now();
    let refused = Client::builder(address.to_string())
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!")))
        .timeout(Duration::from_secs(60))
        .connect_timeout(Duration::from_millis(500))
        .connect();
    assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::TimedOut));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
