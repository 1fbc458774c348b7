//! The prompt for the password, on a terminal.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::refusing_port;
use crate::support::skip::skip;

/// The program at its prompt, with a terminal of its own.
struct Prompted {
    child: Child,
    /// What the user sees and types.
    user: File,
    terminal: File,
    modes: LocalModes,
}

impl Drop for Prompted {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Prompted {
    /// Starts it and waits for its prompt. `None` without the program that gives it a terminal.
    fn start(before: &[&str], server: &str) -> Option<Self> {
        if !Path::new("/usr/bin/setsid").exists() {
            skip("there is no /usr/bin/setsid (Debian package util-linux)");
            return None;
        }
        let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&user).unwrap();
        unlockpt(&user).unwrap();
        let name = ptsname(&user, Vec::new()).unwrap();
        let mut options = File::options();
        options.read(true).write(true);
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            rustix::fs::OFlags::NOCTTY.bits().cast_signed(),
        );
        let terminal = options.open(name.to_str().unwrap()).unwrap();
        let modes = tcgetattr(&terminal).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG));
        let mut command = Command::new("/usr/bin/setsid");
        // Who runs the tests may have them ignored, as under nohup.
        command
            .args(["--ctty", "env", "--default-signal=HUP,INT,TERM"])
            .args(before)
            .arg(env!("CARGO_BIN_EXE_netsession"));
        command.args(["list", "-U", "admin", "-k", "off", server]).env_clear().env("PATH", "/usr/bin:/bin");
        let end = || terminal.try_clone().unwrap();
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let mut prompted = Self { child, user: user.into(), terminal, modes };
        prompted.until("Password for admin: ");
        let hidden = prompted.modes();
        assert!(!hidden.intersects(LocalModes::ECHO | LocalModes::ICANON), "{hidden:?}");
        Some(prompted)
    }

    fn modes(&self) -> LocalModes {
        tcgetattr(&self.terminal).unwrap().local_modes
    }

    /// All that is shown up to these words.
    fn until(&mut self, words: &str) -> String {
        let mut shown = Vec::new();
        while !String::from_utf8_lossy(&shown).contains(words) {
            let mut byte = [0];
            self.user.read_exact(&mut byte).unwrap();
            shown.extend(byte);
        }
        String::from_utf8(shown).unwrap()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("/bin/kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
}

#[test]
fn signals_give_the_terminal_its_echo_back() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let Some(mut prompted) = Prompted::start(&[], &refusing_port()) else { return };
        prompted.signal(signal);
        assert_eq!(prompted.child.wait().unwrap().code(), Some(code), "{signal}");
        assert_eq!(prompted.modes(), prompted.modes, "{signal}");
    }
}

#[test]
fn ctrl_c_is_typed_as_well() {
    let Some(mut prompted) = Prompted::start(&[], &refusing_port()) else { return };
    prompted.user.write_all(b"hunter2\x03").unwrap();
    assert_eq!(prompted.child.wait().unwrap().code(), Some(130));
    assert_eq!(prompted.modes(), prompted.modes);
}

#[test]
fn a_password_is_typed_without_echo() {
    let Some(mut prompted) = Prompted::start(&[], &refusing_port()) else { return };
    prompted.user.write_all(b"hunter3\x7f2\r").unwrap();
    let shown = prompted.until("netsession: 127.0.0.1:");
    assert!(!shown.contains("hunter"), "{shown:?}");
    assert_eq!(prompted.child.wait().unwrap().code(), Some(1));
    assert_eq!(prompted.modes(), prompted.modes);
}

/// nohup has the signal ignored.
#[test]
fn an_ignored_hangup_stays_ignored() {
    let Some(mut prompted) =
        Prompted::start(&["/bin/sh", "-c", r#"trap "" HUP; exec "$@""#, "sh"], &refusing_port())
    else {
        return;
    };
    // A signal that is ignored is discarded as it is sent: there is no effect to wait for.
    let status = std::fs::read_to_string(format!("/proc/{}/status", prompted.child.id())).unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
    // Bit 0 is signal 1, which is SIGHUP.
    assert_eq!(ignored & 1, 1, "{ignored:x}");
    prompted.signal("-HUP");
    assert_eq!(prompted.child.try_wait().unwrap(), None);
    prompted.signal("-TERM");
    assert_eq!(prompted.child.wait().unwrap().code(), Some(143));
}

#[test]
fn signals_end_the_program_after_the_prompt_as_well() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = silent.local_addr().unwrap().to_string();
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let Some(mut prompted) = Prompted::start(&[], &server) else { return };
        prompted.user.write_all(b"hunter2\r").unwrap();
        // By now it asks.
        let _connection = silent.accept().unwrap();
        prompted.signal(signal);
        assert_eq!(prompted.child.wait().unwrap().code(), Some(code), "{signal}");
        assert_eq!(prompted.modes(), prompted.modes);
    }
}
