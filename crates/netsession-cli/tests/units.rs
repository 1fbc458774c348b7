//! The units of `contrib/systemd` that start a program again when it fails, with a password that the server refuses.
#![cfg(all(unix, feature = "demo"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod support;

use std::fs;
use std::path::Path;

use support::windows::windows;
use support::{home, netsession};

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
            let said = support::stderr(&output);
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
