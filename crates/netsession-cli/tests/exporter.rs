//! `netsession exporter`, as a service manager starts, reloads and ends it.
#![cfg(all(unix, feature = "exporter", feature = "demo"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use netsession_testserver::{Server, ServerHandle, scenario};

const SECRETS: [&str; 2] = ["Passw0rd!", "hunter2"];

/// One that runs; it is killed when its test has failed.
struct Running {
    child: Child,
    said: BufReader<ChildStderr>,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(config: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netsession"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("NETSESSION_PASSWORD", "hunter2");
    command.args(["exporter", "-v", "--listen", listen, "--config"]).arg(config);
    command
}

impl Running {
    fn start(config: &Path, listen: &str) -> Self {
        let mut child = command(config, listen).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self { child, said, address: String::new() };
        let line = running.until("listening on ");
        let address = line.split("listening on ").nth(1).unwrap().split(';').next().unwrap();
        running.address = address.to_owned();
        running
    }

    /// The next line with these words in it. No line has a secret in it.
    fn until(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "it ended before it said {words:?}");
            assert!(!SECRETS.iter().any(|secret| line.contains(secret)), "{line}");
            if line.contains(words) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(!SECRETS.iter().any(|secret| text.contains(secret)), "{text}");
        text
    }

    /// Its exit code, which is there soon.
    fn end(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < Duration::from_secs(8), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn double() -> (String, ServerHandle) {
    let (address, server) = Server::start(scenario::shipped("windows").unwrap()).unwrap();
    (address.to_string(), server)
}

fn config(folder: &Path, address: &str) -> std::path::PathBuf {
    let path = folder.join("exporter.toml");
    let text = format!(
        "[servers]\nfs1 = {{ address = '{address}', credentials = 'lab' }}\nfs2 = {{}}\n\
         [credentials]\nlab = {{ login = 'LAB\\admin', password_file = 'password' }}\n"
    );
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn service_is_started_reloaded_and_stopped() {
    let (address, _server) = double();
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &address);
    fs::write(folder.path().join("password"), "hunter2\n").unwrap();
    let mut running = Running::start(&path, "127.0.0.1:0");
    assert!(running.get("/probe?target=fs1").contains("netsession_error{kind=\"logon_refused\"} 1\n"));
    assert!(running.get("/probe?target=fs1").contains("netsession_error{kind=\"logon_blocked\"} 1\n"));
    // Its entry has no credentials.
    assert!(running.get("/probe?target=fs2").starts_with("HTTP/1.1 403"));

    // The password is read at a reload, and at no probe.
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    assert!(running.get("/probe?target=fs1").contains("netsession_error{kind=\"logon_blocked\"} 1\n"));
    running.signal("-HUP");
    running.until("configuration reloaded");
    assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));
    fs::remove_file(folder.path().join("password")).unwrap();
    assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));

    // What is wrong changes nothing, and is said.
    const RELOADED: &str = "\nnetsession_exporter_config_last_reload_successful";
    assert!(running.get("/metrics").contains(&format!("{RELOADED} 1\n")));
    fs::write(&path, "[servers]\nfs1 = 7\n").unwrap();
    running.signal("-HUP");
    assert!(running.until("the old one stays").contains("exporter.toml:2: a server must be a table"));
    assert!(running.get("/metrics").contains(&format!("{RELOADED} 0\n")));
    assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));

    running.signal("-TERM");
    assert_eq!(running.end(), Some(0));
}

/// A password in a pipe that is not written, and a configuration in one.
#[test]
fn a_reload_that_waits_holds_up_nothing() {
    let (address, _server) = double();
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, "Passw0rd!\n").unwrap();
    let path = config(folder.path(), &address);
    let mut running = Running::start(&path, "127.0.0.1:0");
    for file in [&path, &password] {
        let kept = fs::read(file).unwrap();
        fs::remove_file(file).unwrap();
        assert!(Command::new("/usr/bin/mkfifo").arg(file).status().unwrap().success());
        running.signal("-HUP");
        if file == &path {
            assert!(running.until("the old one stays").contains("it is not a regular file"));
            fs::remove_file(file).unwrap();
            fs::write(file, kept).unwrap();
        }
        assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));
    }
    running.signal("-TERM");
    assert_eq!(running.end(), Some(0));
}

/// No thread can be started any more: its memory is limited to what it has, and a bit for the reload itself.
#[cfg(target_os = "linux")]
#[test]
fn reload_needs_no_new_thread() {
    let (address, _server) = double();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let mut running = Running::start(&config(folder.path(), &address), "127.0.0.1:0");
    let id = running.child.id().to_string();
    let statm = fs::read_to_string(format!("/proc/{id}/statm")).unwrap();
    let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
    // The stack of a thread has 2 MiB.
    let limit = (pages * 4096 + (1 << 20)).to_string();
    let status = Command::new("prlimit").args(["--pid", &id, &format!("--as={limit}")]).status().unwrap();
    assert!(status.success());
    for _ in 0..3 {
        running.signal("-HUP");
        running.until("configuration reloaded");
    }
    running.signal("-TERM");
    assert_eq!(running.end(), Some(0));
}

#[test]
fn ctrl_c_stops_it_with_exit_code_130() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let mut running = Running::start(&config(folder.path(), "127.0.0.1:1"), "127.0.0.1:0");
    running.signal("-INT");
    assert_eq!(running.end(), Some(130));
}

#[test]
fn warns_beyond_loopback() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let mut running = Running::start(&config(folder.path(), "127.0.0.1:1"), "0.0.0.0:0");
    assert!(running.until("is not loopback").starts_with("warn: 0.0.0.0:"));
}

#[test]
fn listens_on_every_address_and_by_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let path = config(folder.path(), "127.0.0.1:1");
    let mut every = Running::start(&path, ":0");
    let port = every.address.rsplit(':').next().unwrap().to_owned();
    every.address = format!("127.0.0.1:{port}");
    assert!(every.get("/metrics").contains("netsession_exporter"));
    let by_name = Running::start(&path, "localhost:0");
    assert!(by_name.address.starts_with("127.0.0.1:") || by_name.address.starts_with("[::1]:"));
    assert!(by_name.get("/metrics").contains("netsession_exporter"));
    let output = command(&path, "no-such-name.invalid:0").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("netsession: cannot listen on no-such-name.invalid:0: "), "{said}");
}

#[test]
fn reports_errors_before_listening() {
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &Path, listen: &str| {
        let output = command(path, listen).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, text) = said(&folder.path().join("none.toml"), "127.0.0.1:0");
    assert_eq!(code, 2);
    assert!(text.contains("there is no such file"), "{text}");
    let path = config(folder.path(), "127.0.0.1:1");
    let (code, text) = said(&path, "127.0.0.1:0");
    assert_eq!(code, 2);
    assert!(text.contains("credentials lab"), "no password file: {text}");
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, text) = said(&path, &taken.local_addr().unwrap().to_string());
    assert_eq!(code, 1);
    assert!(text.contains("cannot listen on 127.0.0.1:"), "{text}");
}
