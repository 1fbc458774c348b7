//! Ctrl-C, while the reader of the output does not read.
#![cfg(all(unix, feature = "demo"))]

use std::io::{PipeWriter, pipe};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use netsession_testserver::{Server, scenario};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// As many as have more rows than a pipe holds.
const SERVERS: u8 = 200;

fn is_full(pipe: &PipeWriter) -> bool {
    poll(&mut [PollFd::new(pipe, PollFlags::OUT)], Some(&Timespec::default())).is_ok_and(|ready| ready == 0)
}

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
        let (_reader, writer) = pipe().unwrap();
        let stdout = writer.try_clone().unwrap();
        let mut child = command.stdout(stdout).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while !is_full(&writer) {
            assert_eq!(child.try_wait().unwrap(), None, "{format}: the pipe holds everything");
            assert!(begun.elapsed() < Duration::from_secs(60), "{format}: the pipe is not full");
            sleep(Duration::from_millis(10));
        }
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
