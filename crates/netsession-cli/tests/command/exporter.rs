//! `netsession exporter`, as a service manager starts, reloads and ends it.
#![cfg(all(unix, feature = "exporter", feature = "demo"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
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
        Self::of_command(command(config, listen))
    }

    fn of_command(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self { child, said, address: String::new() };
        let line = running.until("listening on ");
        let address = line.split("listening on ").nth(1).unwrap().split(';').next().unwrap();
        running.address = address.to_owned();
        running
    }

    /// The next line with these words in it. No line has a secret in it.
    fn until(&mut self, words: &str) -> String {
        let mut before = String::new();
        loop {
            let mut line = String::new();
            let count = self.said.read_line(&mut line).unwrap();
            assert!(count > 0, "it ended before it said {words:?}, with: {before}");
            assert!(!SECRETS.iter().any(|secret| line.contains(secret)), "{line}");
            if line.contains(words) {
                return line;
            }
            before.push_str(&line);
        }
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    fn get(&self, path: &str) -> String {
        self.request("GET", path, "")
    }

    fn post(&self, path: &str) -> String {
        self.request("POST", path, "Content-Length: 0\r\n")
    }

    /// The response to a request; `headers` are whole lines.
    fn request(&self, method: &str, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
            .unwrap();
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
            assert!(begun.elapsed() < Duration::from_secs(60), "it does not end");
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

/// The store is one process's. A reload opens another one, or is refused in words.
#[test]
fn history_is_recorded_and_moves_with_a_reload() {
    let (address, server) = double();
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &address);
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let servers_only = fs::read_to_string(&path).unwrap();
    let record_into =
        |store: &str| fs::write(&path, format!("{servers_only}[exporter]\nhistory = '{store}'\n")).unwrap();
    let users = |store: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netsession"));
        command.args(["history", "--columns", "server,user", "-f", "csv", "--store"]);
        let output = command.arg(folder.path().join(store)).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    record_into("one");
    let mut running = Running::start(&path, "127.0.0.1:0");
    let id = running.child.id();
    assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));
    assert!(running.get("/config").contains("/one\""));

    // A second process: an exporter, and the command that records.
    let holder = format!("one is in use: process {id} ");
    let mut record = Command::new(env!("CARGO_BIN_EXE_netsession"));
    record.args(["record", "-U", "x", "fs1", "--store"]).arg(folder.path().join("one"));
    for mut second in [command(&path, "127.0.0.1:0"), record] {
        let output = second.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&holder), "{said}");
    }

    // Refused: the store of before goes on.
    fs::write(folder.path().join("other"), "no store").unwrap();
    record_into("other");
    running.signal("-HUP");
    assert!(running.until("the old one stays").contains("other is not a store of netsession"));
    assert!(running.get("/config").contains("/one\""));
    // It is written within about a second, and can be asked meanwhile.
    while !users("one").contains("fs1,alice") {
        std::thread::sleep(Duration::from_millis(50));
    }
    // The same store: nothing is closed.
    record_into("one");
    running.signal("-HUP");
    running.until("configuration reloaded");
    server.host().sessions().remove(|session| session.user.as_deref() != Some("carol"));
    record_into("two");
    running.signal("-HUP");
    running.until("configuration reloaded");
    assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));
    running.signal("-TERM");
    assert_eq!(running.end(), Some(0));
    let (one, two) = (users("one"), users("two"));
    assert!(one.contains("fs1,alice") && !two.contains("alice"), "{one} {two}");
    assert!(two.contains("fs1,carol"), "{two}");
}

/// The log has the error once, the probes go on, and each of their answers is written later.
#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_told_once_and_costs_nothing() {
    let (address, server) = double();
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &address);
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}[exporter]\nhistory = 'store'\n")).unwrap();
    // A write beyond the limit is an error then, and no signal.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" exporter --listen 127.0.0.1:0 --config \"$1\""]);
    command.arg(env!("CARGO_BIN_EXE_netsession")).arg(&path);
    let mut running = Running::of_command(command);
    let id = running.child.id().to_string();
    let limit_files = |limit: &str| {
        let status = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={limit}:")]).status();
        assert!(status.unwrap().success());
    };
    limit_files("1");
    assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));
    running.until("the disk is full");
    server.host().sessions().remove(|session| session.user.as_deref() == Some("bob"));
    assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));
    // Each try is counted, and the log has the first one alone.
    let failed_writes = || -> u64 {
        let metrics = running.get("/metrics");
        let sample = "netsession_exporter_history_failed_writes_total ";
        metrics.lines().find_map(|line| line.strip_prefix(sample)).unwrap().parse().unwrap()
    };
    let (begun, before) = (Instant::now(), failed_writes());
    while failed_writes() < before + 3 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} writes have failed", failed_writes());
        std::thread::sleep(Duration::from_millis(50));
    }
    limit_files("unlimited");
    let mut next = String::new();
    running.said.read_line(&mut next).unwrap();
    assert!(next.contains("the store is written again: nothing is lost"), "{next}");
    running.signal("-TERM");
    assert_eq!(running.end(), Some(0));
    let mut history = Command::new(env!("CARGO_BIN_EXE_netsession"));
    history.args(["history", "--columns", "user,until_exact", "-f", "csv", "--store"]);
    let output = history.arg(folder.path().join("store")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("bob,true") && said.contains("alice,false"), "{said}");
}

/// As Prometheus has it: only with `--enable-lifecycle`. A reload by a client uses a refused account again only where the
/// secret has changed, however often it is repeated.
#[test]
fn clients_reload_and_unblock_where_it_is_enabled() {
    let (address, _server) = double();
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &address);
    let password = folder.path().join("password");
    fs::write(&password, "hunter2\n").unwrap();
    let plain = Running::start(&path, "127.0.0.1:0");
    for path in ["/-/reload", "/-/unblock?account=LAB%5Cadmin"] {
        let said = plain.post(path);
        assert!(said.starts_with("HTTP/1.1 403") && said.contains("--enable-lifecycle"), "{said}");
    }
    drop(plain);

    let mut command = command(&path, "127.0.0.1:0");
    command.arg("--enable-lifecycle");
    let mut running = Running::of_command(command);
    let is = |running: &Running, sample: &str| {
        let said = running.get("/probe?target=fs1");
        assert!(said.contains(sample), "{sample}: {said}");
    };
    let answers = |said: String, status: &str, words: &str| {
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status} ")) && said.contains(words),
            "{status} {words}: {said}"
        );
    };
    answers(running.post("/-/unblock?account=LAB%5Cadmin"), "409", "not blocked");
    is(&running, "netsession_error{kind=\"logon_refused\"} 1\n");
    for _ in 0..3 {
        answers(running.post("/-/reload"), "200", "reloaded");
        is(&running, "netsession_error{kind=\"logon_blocked\"} 1\n");
    }
    assert!(running.get("/metrics").contains("\nnetsession_exporter_blocked_accounts 1\n"));

    answers(running.post("/-/unblock?account=LAB%5Cother"), "404", "no credentials");
    answers(running.post("/-/unblock"), "400", "account");
    answers(running.get("/-/unblock?account=LAB%5Cadmin"), "405", "take POST");
    answers(
        running.request("POST", "/-/unblock?account=LAB%5Cadmin", "Origin: http://evil.example\r\n"),
        "403",
        "",
    );
    answers(running.request("POST", "/-/reload", "Sec-Fetch-Site: cross-site\r\n"), "403", "");
    is(&running, "netsession_error{kind=\"logon_blocked\"} 1\n");
    // One more log-on, and no other one for 35 minutes.
    answers(running.post("/-/unblock?account=lab%5CADMIN"), "200", "used again");
    is(&running, "netsession_error{kind=\"logon_refused\"} 1\n");
    let early = running.post("/-/unblock?account=LAB%5Cadmin");
    assert!(early.contains("\r\nretry-after: "), "{early}");
    answers(early, "429", "35 minutes");
    answers(running.post("/-/reload"), "200", "reloaded");
    is(&running, "netsession_error{kind=\"logon_blocked\"} 1\n");

    fs::write(&password, "Passw0rd!\n").unwrap();
    answers(running.request("PUT", "/-/reload", "Content-Length: 0\r\n"), "200", "reloaded");
    is(&running, "\nnetsession_up 1\n");
    assert!(running.get("/metrics").contains("\nnetsession_exporter_blocked_accounts 0\n"));
    fs::write(&path, "[servers]\nfs1 = 7\n").unwrap();
    answers(running.post("/-/reload"), "500", "exporter.toml:2: a server must be a table");
    is(&running, "\nnetsession_up 1\n");
    running.signal("-TERM");
    assert_eq!(running.end(), Some(0));
}

#[test]
fn flags_of_other_exporters_are_known() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_netsession"));
    command.args(["exporter", "--web.listen-address=127.0.0.1:0", "--web.enable-lifecycle", "--config"]);
    command.arg(config(folder.path(), "127.0.0.1:1"));
    let running = Running::of_command(command);
    assert!(running.post("/-/reload").starts_with("HTTP/1.1 200"));
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
    // What a process maps once, for its threads and its first reload, is there then.
    assert!(running.get("/probe?target=fs1").contains("\nnetsession_up 1\n"));
    running.signal("-HUP");
    running.until("configuration reloaded");
    let id = running.child.id().to_string();
    let statm = fs::read_to_string(format!("/proc/{id}/statm")).unwrap();
    let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
    // The stack of a thread has 2 MiB, for which there is no room. For what a reload itself needs there is.
    let limit = (pages * 4096 + (2 << 20) - (64 << 10)).to_string();
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
    // Whatever the order in which a client tries the addresses of the name.
    let mut by_name = Running::start(&path, "localhost:0");
    let listening: Vec<SocketAddr> = by_name.address.split(", ").map(|one| one.parse().unwrap()).collect();
    let mut expected: Vec<_> = ("localhost", listening[0].port()).to_socket_addrs().unwrap().collect();
    // A machine without IPv6 may have it in its list of names.
    expected.retain(|address| TcpListener::bind((address.ip(), 0)).is_ok());
    assert!(expected.iter().all(|address| listening.contains(address)), "{listening:?}, not {expected:?}");
    for address in listening {
        by_name.address = address.to_string();
        assert!(by_name.get("/metrics").contains("netsession_exporter"), "{address}");
    }
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

/// A hundred probes at once, with fewer descriptors than they would need: they wait for each other, and none fails.
#[test]
fn few_descriptors_are_shared_out() {
    const SERVERS: u8 = 100;
    let mut slow = scenario::shipped("windows").unwrap();
    slow.delay_ms = 20;
    let addresses: Vec<_> = (1..=SERVERS).map(|last| ([127, 21, 0, last], 0).into()).collect();
    let (bound, _server) = Server::start_on(slow, &addresses).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exporter.toml");
    let servers: Vec<_> =
        bound.iter().map(|address| format!("'{address}' = {{ credentials = 'lab' }}\n")).collect();
    let text = format!(
        "[servers]\n{}[credentials]\nlab = {{ login = 'LAB\\admin', password_file = 'password' }}\n\
         [exporter]\ntimeout = '60s'\n",
        servers.concat()
    );
    fs::write(&path, text).unwrap();
    fs::write(folder.path().join("password"), "Passw0rd!\n").unwrap();
    let program = command(&path, "127.0.0.1:0");
    let mut limited = Command::new("/bin/sh");
    limited.env_clear().args(["-c", "ulimit -n 64 && exec \"$@\"", "sh"]).arg(program.get_program());
    // Not so talkative: the pipe would be full.
    limited.args(program.get_args().filter(|argument| *argument != "-v"));
    let running = Running::of_command(limited);
    let failed: Vec<_> = std::thread::scope(|scope| {
        let probes: Vec<_> = bound
            .iter()
            .map(|address| {
                let running = &running;
                scope.spawn(move || running.get(&format!("/probe?target={address}")))
            })
            .collect();
        let answers = probes.into_iter().map(|probe| probe.join().unwrap());
        answers.filter(|answer| !answer.contains("\nnetsession_up 1\n")).collect()
    });
    assert!(failed.is_empty(), "{} of {SERVERS}: {}", failed.len(), failed[0]);
    // What is configured, and what is left of it.
    let config = running.get("/config");
    for line in ["\"concurrency\": 64", "\"effective_concurrency\": 10", "\"open_files_limit\": 64"] {
        assert!(config.contains(line), "{line}: {config}");
    }
    assert!(
        config.contains("\"max_connections\": 2048") && config.contains("\"effective_max_connections\": 0")
    );
}

/// The system gives what is not dumpable to root, and writes no core dump of it.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_private() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use crate::support::other_user::copy_program;

    let (address, _server) = double();
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &address);
    let password = folder.path().join("password");
    fs::write(&password, "Passw0rd!\n").unwrap();
    // Of root everything is root's: another user runs a copy that this user can reach.
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let program = command(&path, "127.0.0.1:0");
    let running = if is_root {
        let copy = folder.path().join("netsession");
        copy_program(&copy);
        for file in [folder.path(), &copy, &path, &password] {
            fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut other = Command::new("setpriv");
        other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy).args(program.get_args());
        Running::of_command(other)
    } else {
        Running::of_command(program)
    };
    let of_process = |name: &str| format!("/proc/{}/{name}", running.child.id());
    let status = fs::read_to_string(of_process("status")).unwrap();
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:\t")?.split('\t').next()).unwrap();
    assert_ne!(user, "0");
    assert_eq!(fs::metadata(of_process("mem")).unwrap().uid(), 0, "of user {user}: it is dumpable");
    let limits = fs::read_to_string(of_process("limits")).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>(), ["0", "0", "bytes"]);
}

#[test]
fn allowed_host_is_a_name_alone() {
    for wrong in ["", "x:80", "http://y", "a b", "*"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netsession"));
        let output = command.args(["exporter", "--allowed-host", wrong]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {said}");
        assert!(said.contains("--allowed-host") && said.contains("without http://"), "{wrong:?}: {said}");
    }
}
