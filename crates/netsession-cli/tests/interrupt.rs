//! Ctrl-C, while the reader of the output does not read.
#![cfg(all(unix, feature = "demo"))]

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use netsession_testserver::{Server, scenario};

/// As many as have more rows than a pipe holds.
const SERVERS: u8 = 200;

#[test]
fn it_ends_a_run_whose_rows_are_not_read() {
    let windows = scenario::shipped("windows").unwrap();
    let (first, _first) = Server::start(windows.clone()).unwrap();
    let port = first.port();
    let addresses: Vec<SocketAddr> =
        (1..=SERVERS).map(|last| (Ipv4Addr::new(127, 80, 0, last), port).into()).collect();
    let (bound, _handle) = Server::start_on(windows, &addresses).unwrap();
    // The first two are written as servers answer, the others when all have.
    for format in ["jsonl", "csv", "json", "table"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netsession"));
        command.env_clear().env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "Passw0rd!");
        command.args(["list", "--format", format]).args(bound.iter().map(ToString::to_string));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut rows = child.stdout.take().unwrap();
        // The first row is there, and the pipe is full soon after.
        rows.read_exact(&mut [0]).unwrap();
        sleep(Duration::from_secs(1));
        assert_eq!(child.try_wait().unwrap(), None, "{format}: the pipe holds everything");
        let kill = Command::new("/bin/kill").args(["-INT", &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > Duration::from_secs(60) {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{format}: it goes on after Ctrl-C");
            }
            sleep(Duration::from_millis(10));
        };
        assert_eq!(status.code(), Some(130), "{format}");
    }
}
