//! What starts the program again and again, with a password that the server refuses: the units of `contrib/systemd`, and the
//! script of the guide that a timer runs.
#![cfg(all(unix, feature = "demo", feature = "exporter"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use netsession_testserver::Server;

use crate::support::windows::windows;
use crate::support::{home, netsession};

/// What systemd reads of a unit.
struct Unit(String);

impl Unit {
    fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contrib/systemd");
        Self(fs::read_to_string(folder.join(name)).unwrap())
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
    }

    /// The arguments of the program, with the store in another folder.
    fn arguments(&self, state: &str) -> Vec<String> {
        let command = self.value("ExecStart").unwrap();
        let arguments = command.strip_prefix("/usr/bin/netsession ").unwrap();
        arguments.replace("/var/lib/netsession", state).split(' ').map(str::to_owned).collect()
    }

    /// systemd.service(5): `on-failure` is an exit code that is not 0, unless `RestartPreventExitStatus` names it.
    fn starts_again_after(&self, code: i32) -> bool {
        assert_eq!(self.value("Restart"), Some("on-failure"));
        let prevented = self.value("RestartPreventExitStatus").unwrap_or_default();
        code != 0 && !prevented.split(' ').any(|status| status == code.to_string())
    }
}

/// Each start would be one more wrong log-on: within a minute the account is locked.
#[test]
fn password_that_is_refused_is_tried_once() {
    for name in ["netsession-watch.service", "netsession-record.service"] {
        let (unit, (fs1, handle)) = (Unit::read(name), windows());
        // The password in its file is another one.
        let home = home(&format!(
            "[servers]\nfs1 = {{ address = '{fs1}', credentials = 'lab' }}\n\
             [groups]\nall = ['fs1']\nfileservers = ['fs1']\n\
             [credentials]\nlab = {{ login = 'LAB\\admin', password_file = 'password' }}\n"
        ));
        let arguments = unit.arguments(home.path().to_str().unwrap());
        for start in 1.. {
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            let output = netsession(&arguments).env("XDG_CONFIG_HOME", home.path()).output().unwrap();
            let code = output.status.code().unwrap();
            // A word on why, so that this test does not pass for another reason.
            let said = crate::support::stderr(&output);
            assert!(said.contains("every account was refused") && code == 1, "{name}: {code}: {said}");
            assert_eq!(handle.host().traffic().connections(), start, "{name}");
            if !unit.starts_again_after(code) {
                break;
            }
            assert!(start < 3, "{name}: {start} wrong log-ons, and it is started again");
        }
        assert_eq!(handle.host().traffic().connections(), 1, "{name}");
    }
}

/// Each minute would be one more wrong log-on.
#[test]
fn script_for_node_exporter_tries_a_refused_password_once() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, script) = guide.split_once("\n```sh ~/netsession-metrics\n").unwrap();
    let (script, _) = script.split_once("\n```\n").unwrap();
    let ((fs1, one), (fs2, two)) = (windows(), windows());
    // Its account has another password.
    let other = include_str!("../../../netsession-testserver/scenarios/windows.toml");
    let (odd, other) = Server::start(other.replace("Passw0rd!", "0ther-Passw0rd").parse().unwrap()).unwrap();
    let servers = format!(
        "fs1 = {{ address = '{fs1}' }}\nodd = {{ address = '{odd}' }}\nfs2 = {{ address = '{fs2}' }}\n"
    );
    let home = home(&format!("[servers]\n{servers}"));
    let home = home.path();
    fs::create_dir(home.join("textfile")).unwrap();
    let (password, file) = (home.join(".smb-admin"), home.join("textfile/netsession.prom"));
    let write = |secret: &str| {
        let refused =
            fs::metadata(home.join(".smb-admin.refused")).and_then(|refused| refused.modified()).ok();
        // Until it is newer: the clock of a file system has steps.
        while fs::metadata(&password).and_then(|written| written.modified()).ok() <= refused {
            fs::write(&password, format!("domain = LAB\nusername = admin\npassword = {secret}\n")).unwrap();
            fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
        }
    };
    let program = Path::new(env!("CARGO_BIN_EXE_netsession")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let run_with = |script: &str| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .env_clear()
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home)
            .env("PATH", &path);
        let code = shell.output().unwrap().status.code().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        (code, text.matches("kind=\"logon_refused\"").count(), text.matches("netsession_up{").count())
    };
    let run = || run_with(script);
    let connections = || one.host().traffic().connections() + two.host().traffic().connections();
    for secret in ["wrong", "wrong, too"] {
        write(secret);
        let before = connections();
        assert_eq!(run(), (0, 1, 2), "{secret}");
        let asked = connections();
        assert!(asked > before, "{secret}: no server was asked");
        assert_eq!([run(), run()], [(1, 1, 2), (1, 1, 2)], "{secret}");
        assert_eq!(connections(), asked, "{secret}");
    }
    write("Passw0rd!");
    let before = connections();
    assert_eq!([run(), run()], [(0, 0, 2), (0, 0, 2)]);
    assert_eq!(connections(), before + 4);

    // What one server alone refuses costs the others nothing, and that one a single log-on.
    // One after another, so that it is not the first one that is asked.
    let script = script
        .replace("in fs1 fs2;", "in fs1 odd fs2;")
        .replace("netsession list", "netsession list --jobs 1");
    let run = || run_with(&script);
    for written in 1..=2 {
        write("Passw0rd!");
        assert_eq!([run(), run(), run()], [(0, 1, 3), (1, 0, 2), (1, 0, 2)]);
        assert_eq!(other.host().traffic().connections(), written);
    }
}
