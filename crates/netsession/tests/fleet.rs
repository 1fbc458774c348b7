//! What a sweep leaves behind: no descriptor, whether servers answer, refuse, stall or are not there.
//!
//! A program of its own: it counts the descriptors of the whole process.

#![cfg(all(target_os = "linux", feature = "tokio"))]

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use netsession::{Client, Credentials, ErrorKind, Fleet, Password, Sessions};
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use netsession_testserver::{Scenario, Server, ServerHandle};

fn descriptors() -> io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/fd")?.count())
}

fn servers(network: u8, scenario: Scenario) -> io::Result<(Vec<SocketAddr>, ServerHandle)> {
    let (first, _handle) = Server::start(scenario.clone())?;
    let addresses: Vec<_> =
        (1..=100).map(|last| (Ipv4Addr::new(127, 79, network, last), first.port()).into()).collect();
    Server::start_on(scenario, &addresses)
}

// The only test of this program: others would have descriptors of their own.
#[tokio::test]
async fn no_descriptor_is_left_over() {
    let windows = shipped("windows").unwrap();
    let stalling = windows.clone().with_fault(Fault::new(Step::Enumerate, FaultKind::Stall));
    let (good, _good) = servers(0, windows.clone()).unwrap();
    let (stalled, _stalled) = servers(1, stalling).unwrap();
    let (gone, handle) = servers(2, windows).unwrap();
    drop(handle);
    // On a busy machine three hundred log-ons take long; those that stall do so whenever that is.
    let (long, short) = (Duration::from_secs(600), Duration::from_secs(10));
    let of = |servers: &[SocketAddr], timeout| servers.iter().map(move |server| (*server, timeout)).collect();
    let all: [Vec<(SocketAddr, Duration)>; 3] = [of(&good, long), of(&stalled, short), of(&gone, long)];
    let all = all.concat();
    let before = descriptors().unwrap();
    for _ in 0..2 {
        let who = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!"));
        let builders = all.clone().into_iter().map(move |(server, timeout)| {
            Client::builder(server.to_string()).credentials(who.clone()).timeout(timeout)
        });
        let mut answers = Fleet::new().at_once(300).ask(Sessions::new(), builders);
        let mut kinds = std::collections::HashMap::<Option<ErrorKind>, usize>::new();
        while let Some(answer) = answers.next().await {
            *kinds.entry(answer.result.err().map(|error| error.kind())).or_default() += 1;
        }
        let expected = [(None, 100), (Some(ErrorKind::TimedOut), 100), (Some(ErrorKind::Connect), 100)];
        assert_eq!(kinds, expected.into());
    }
    // What the double has accepted it closes when it hears that the other end is gone.
    for _ in 0..2_400 {
        if descriptors().unwrap() <= before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} descriptors, and {before} before", descriptors().unwrap());
}
