//! What several of the tests need.
#![cfg_attr(
    not(all(target_os = "linux", feature = "demo", feature = "exporter")),
    allow(dead_code, reason = "not all of the tests are there, and each needs some of it")
)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[cfg(target_os = "linux")]
pub(crate) mod other_user;
pub(crate) mod recording;
pub(crate) mod skip;
pub(crate) mod watching;
#[cfg(feature = "demo")]
pub(crate) mod windows;

#[cfg(unix)]
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::sync::Mutex;

use assert_cmd::Command;

/// The commands that ask servers once and print what each of them listed. `json.rs` holds that none is missing.
pub(crate) const QUESTIONS: [&str; 5] = ["list", "files", "shares", "time", "info"];

/// The program with `arguments`, in an environment that says nothing, and with no terminal to ask on.
pub(crate) fn netsession(arguments: &[&str]) -> Command {
    Command::from_std(program(arguments))
}

/// The same, to be started and not only run to its end.
pub(crate) fn program(arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_netsession"));
    command.env_clear().env("PATH", "/nowhere").env("KRB5CCNAME", "/nonexistent/cache").args(arguments);
    command
}

pub(crate) fn stderr(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    text
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A port without a listener. A connection that was made to it is held, so that the system gives the port to no server of a
/// test beside this one.
pub(crate) fn refusing_port() -> String {
    static HELD: Mutex<Vec<[TcpStream; 2]>> = Mutex::new(Vec::new());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let ends = [TcpStream::connect(address).unwrap(), listener.accept().unwrap().0];
    HELD.lock().unwrap().push(ends);
    drop(listener);
    // A program that is just being started by another test has a copy of the listener for a moment.
    while cfg!(unix) && TcpStream::connect(address).is_ok() {}
    address.to_string()
}

/// A home with this configuration, and with files that have the secret in them.
#[cfg(unix)]
pub(crate) fn home(config: &str) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;

    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("netsession");
    fs::create_dir(&folder).unwrap();
    for (name, text) in [
        ("config.toml", config),
        ("password", "hunter2\n"),
        ("auth", "username = admin\npassword = hunter2\nhunter2\n"),
        ("keytab", "hunter2"),
    ] {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    home
}

#[cfg(unix)]
pub(crate) const CONFIG: &str = "
[servers]
by_file = { address = 'ADDRESS', credentials = 'file' }
by_command = { address = 'ADDRESS', credentials = 'command' }
by_env = { address = 'ADDRESS', credentials = 'env' }
by_auth = { address = 'ADDRESS', credentials = 'auth' }
[groups]
all = ['by_file', 'by_command', 'by_env', 'by_auth']
[credentials]
file = { login = 'LAB\\file', password_file = 'password' }
command = { login = 'command@LAB.TEST', password_command = ['/bin/sh', '-c', 'echo hunter2'] }
env = { login = 'env', password_env = 'OF_FS' }
auth = { auth_file = 'auth' }
[exporter]
timeout = '90s'
min_interval = '1m500ms'
user_labels = 20
idle_limits = ['48h', '1h', '60m']
files = true
shares = ['Projects', 'home', 'HOME']
[[exporter.patterns]]
match = 'fs*.example.com'
credentials = 'file'
";
