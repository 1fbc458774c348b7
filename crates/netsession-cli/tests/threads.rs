//! Where no thread can be started: an error that says so, and no panic.
#![cfg(all(target_os = "linux", feature = "demo"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs;
use std::process::{Command, Output};

use netsession_testserver::{Server, scenario};

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
