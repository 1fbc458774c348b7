//! Where no thread can be started: an error that says so, and no panic.
#![cfg(all(target_os = "linux", feature = "demo"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};

use netsession_testserver::{Server, scenario};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::other_user::OtherUser;
use crate::support::skip::skip;

/// `netsession` with stacks for which there is no memory, so that the system refuses each thread with EAGAIN, as it does
/// beyond `ulimit -u`. That limit would not bind root.
fn without_threads(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netsession"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("RUST_MIN_STACK", (1_u64 << 50).to_string());
    command.args(args).envs(variables.iter().copied()).output().unwrap()
}

/// The exit code and stderr, which must not show a panic.
fn said(output: &Output) -> (Option<i32>, String) {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    (output.status.code(), stderr)
}

#[test]
fn list_is_an_error() {
    let (address, _handle) = Server::start(scenario::shipped("windows").unwrap()).unwrap();
    let login = [("NETSESSION_LOGIN", r"LAB\admin"), ("NETSESSION_PASSWORD", "Passw0rd!")];
    let server = address.to_string();
    for servers in [&[server.as_str()][..], &[&server, "localhost"]] {
        let (code, stderr) = said(&without_threads(&[&["list"], servers].concat(), &login));
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains("thread"), "{stderr}");
    }
}

/// The runtime wants descriptors for itself and for signals, and tokio panics without them.
#[test]
fn few_descriptors_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let [store, config] =
        ["store", "exporter.toml"].map(|name| folder.path().join(name).display().to_string());
    let lab = "lab = { login = 'admin', password_env = 'NETSESSION_PASSWORD' }";
    fs::write(&config, format!("[servers]\nfs1 = {{ credentials = 'lab' }}\n[credentials]\n{lab}\n"))
        .unwrap();
    let exporter = ["exporter", "--listen", "127.0.0.1:0", "--config", &config];
    let server = "127.0.0.1:1";
    for command in [
        &["list", server][..],
        &["watch", server],
        &["time", server],
        &["record", "--store", &store, server],
        &exporter,
    ] {
        let mut shown = 0;
        for limit in 4..=12 {
            // Without those that another test has just opened.
            let close: String = (3..=9).map(|descriptor| format!("exec {descriptor}>&-; ")).collect();
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", &format!("{close}ulimit -n {limit}; exec \"$0\" \"$@\"")]);
            shell.arg(env!("CARGO_BIN_EXE_netsession")).args(command);
            shell.env_clear().env("NETSESSION_LOGIN", "admin").env("NETSESSION_PASSWORD", "secret");
            let (code, stderr) = said(&shell.stdin(Stdio::null()).output().unwrap());
            assert!(matches!(code, Some(1 | 2)), "{command:?} {limit}: {code:?} {stderr}");
            shown += usize::from(stderr.contains("open files"));
        }
        assert!(shown > 4, "{command:?} {shown}");
    }
}

#[test]
fn login_without_a_password_is_an_error() {
    let (code, stderr) = said(&without_threads(&["list", "fs1", "-U", "admin@LAB.TEST"], &[]));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("no terminal"), "{stderr}");
}

#[test]
fn password_command_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("netsession")).unwrap();
    let config = "[servers]\nfs1 = { credentials = 'lab' }\n[credentials]\nlab = { login = 'LAB\\admin', \
                  password_command = ['/bin/echo', 'hunter2'] }\n";
    fs::write(folder.path().join("netsession/config.toml"), config).unwrap();
    let home = folder.path().display().to_string();
    let (code, stderr) = said(&without_threads(&["list", "fs1"], &[("XDG_CONFIG_HOME", &home)]));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("no thread to read what it prints"), "{stderr}");
}

#[test]
fn demo_is_an_error() {
    let (code, stderr) = said(&without_threads(&["demo"], &[]));
    assert_eq!(code, Some(1), "{stderr}");
}

#[cfg(feature = "exporter")]
#[test]
fn exporter_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("exporter.toml");
    fs::write(&config, "").unwrap();
    let config = config.display().to_string();
    let args = ["exporter", "--listen", "127.0.0.1:0", "--config", &config];
    let (code, stderr) = said(&without_threads(&args, &[]));
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("cannot start the threads that serve"), "{stderr}");
}

const LOGIN: [(&str, &str); 2] = [("NETSESSION_LOGIN", r"LAB\admin"), ("NETSESSION_PASSWORD", "Passw0rd!")];

/// `netsession` that may have a number of threads at most, as with `ulimit -u`. In contrast to [`without_threads`] some can
/// be started, and one that has ended leaves its place to another.
struct Limited(OtherUser);

impl Limited {
    /// `None` without the programs that set the limit and the user, whom it binds in contrast to root.
    fn new() -> Option<Self> {
        if !Path::new("/usr/bin/prlimit").exists() {
            skip("there is no /usr/bin/prlimit (Debian package util-linux)");
            return None;
        }
        OtherUser::new().map(Self)
    }

    fn command(&self, threads: u32, args: &[&str]) -> Command {
        let limit = format!("--nproc={threads}:{threads}");
        let mut command = self.0.command(&["/usr/bin/prlimit", &limit], args);
        command.env("TERM", "xterm").envs(LOGIN);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

/// Neither a panic (101) nor an abort, with which the program that is shipped panics (134 in a shell).
fn assert_no_panic(status: ExitStatus, stderr: &str, what: &str) {
    assert!(!stderr.contains("panicked"), "{what}: {stderr}");
    assert!(matches!(status.code(), Some(0..=9)), "{what}: {status}: {stderr}");
}

#[test]
fn no_limit_is_a_panic() {
    let Some(limited) = Limited::new() else { return };
    let (address, _handle) = Server::start(scenario::shipped("windows").unwrap()).unwrap();
    let (by_address, by_name) = (address.to_string(), format!("localhost:{}", address.port()));
    let mut codes = Vec::new();
    for threads in (1..=12).chain(1..=4) {
        for command in crate::support::QUESTIONS {
            let output = limited.command(threads, &[command, &by_name, &by_address]).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_no_panic(output.status, &stderr, &format!("{command} with {threads} threads"));
            codes.push(output.status.code());
        }
    }
    // With few it fails, and where no other process of the user counts it is answered with more.
    assert!(codes.contains(&Some(1)), "{codes:?}");
    assert!(limited.0.is_this_user() || codes.contains(&Some(0)), "{codes:?}");
}

/// With the bar, which ticks on a thread.
#[test]
fn no_limit_is_a_panic_on_a_terminal() {
    let Some(limited) = Limited::new() else { return };
    let (address, _handle) = Server::start(scenario::shipped("windows").unwrap()).unwrap();
    let (by_address, by_name) = (address.to_string(), format!("localhost:{}", address.port()));
    let mut shown = String::new();
    for threads in (1..=6).chain(1..=6) {
        let (status, stderr) = on_terminal(limited.command(threads, &["list", &by_name, &by_address]));
        assert_no_panic(status, &stderr, &format!("{threads} threads"));
        shown += &stderr;
    }
    assert!(limited.0.is_this_user() || shown.contains("of 2 servers"), "there was no bar: {shown:?}");
}

/// What it lacks is a thread, and not the address.
#[cfg(feature = "exporter")]
#[test]
fn exporter_says_that_it_has_no_thread() {
    let Some(limited) = Limited::new() else { return };
    let config = limited.0.program.with_file_name("exporter.toml");
    fs::write(&config, "").unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
    // With enough threads this is the error, and the end.
    let used = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = used.local_addr().unwrap().to_string();
    let args = ["exporter", "--listen", &listen, "--config", config.to_str().unwrap()];
    let cores = u32::try_from(std::thread::available_parallelism().unwrap().get()).unwrap();
    for threads in 1..=cores + 4 {
        let output = limited.command(threads, &args).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_no_panic(output.status, &stderr, &format!("{threads} threads"));
        assert_eq!(output.status.code(), Some(1), "{threads}: {stderr}");
        let lacks_thread = stderr.contains("Resource temporarily unavailable");
        assert_eq!(stderr.contains("cannot start the thread"), lacks_thread, "{threads}: {stderr}");
        assert_eq!(stderr.contains("cannot listen on"), !lacks_thread, "{threads}: {stderr}");
        // One for each core, the main thread, and none for the reload.
        if !limited.0.is_this_user() && threads == cores + 1 {
            assert!(stderr.contains("cannot start the thread that reloads"), "{stderr}");
        }
    }
}

/// With a terminal as stderr, and what it shows.
fn on_terminal(mut command: Command) -> (ExitStatus, String) {
    let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&user).unwrap();
    unlockpt(&user).unwrap();
    let name = ptsname(&user, Vec::new()).unwrap();
    let mut options = File::options();
    options.read(true).write(true).custom_flags(rustix::fs::OFlags::NOCTTY.bits().cast_signed());
    let terminal = options.open(name.to_str().unwrap()).unwrap();
    let mut child = command.stderr(terminal).spawn().unwrap();
    // The command has a copy of the terminal, which would keep it open.
    drop(command);
    let mut shown = Vec::new();
    // It ends with an error (EIO) when the last process has closed it.
    let _ = File::from(user).read_to_end(&mut shown);
    (child.wait().unwrap(), String::from_utf8(shown).unwrap())
}
