//! `netsession demo`, as it is typed.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use assert_cmd::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_netsession");

fn demo() -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().arg("demo");
    command
}

/// What is different in every run is made the same.
fn steady(text: &str) -> String {
    let text = text.replace(PROGRAM, "netsession");
    let port = text.split("127.0.0.1:").nth(1).unwrap();
    let port: String = port.chars().take_while(char::is_ascii_digit).collect();
    let text = text.replace(&format!(":{port}"), ":PORT");
    let Some(connected) = text.lines().find_map(|line| line.find("CONNECTED")) else { return text };
    // The own session may be some seconds old.
    let without_age = |line: &str| {
        let mut line = line.to_owned();
        if line.starts_with("* 127.0.0.1 ") {
            line.replace_range(connected..connected + "CONNECTED".len(), "       0s");
        }
        line
    };
    text.split_inclusive('\n').map(without_age).collect()
}

#[test]
fn lists_the_built_in_server() {
    let output = demo().output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), [].as_slice()));
    insta::assert_snapshot!(steady(&String::from_utf8(output.stdout).unwrap()));
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let both = [(); 2].map(|()| std::thread::spawn(|| demo().output().unwrap()));
    for output in both {
        assert_eq!(output.join().unwrap().status.code(), Some(0));
    }
}

#[test]
fn takes_no_servers() {
    let output = demo().arg("fs1").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), [].as_slice()));
}

#[cfg(unix)]
mod serve {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, ChildStdout, Command, Stdio};

    use super::{PROGRAM, steady};

    /// A demo that is running; it is killed when its test has failed.
    struct Served(Child);

    impl Drop for Served {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// It, and what it has said up to its last line.
    fn serve() -> (Served, BufReader<ChildStdout>, String) {
        let mut command = Command::new(PROGRAM);
        command.args(["demo", "--serve"]).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let served = Served(child);
        let mut text = String::new();
        while !text.contains(" -v 127.0.0.1:") {
            assert_ne!(stdout.read_line(&mut text).unwrap(), 0, "it ended: {text}");
        }
        (served, stdout, text)
    }

    #[test]
    fn tells_address_login_and_password_and_stops_on_ctrl_c() {
        let (mut served, mut stdout, text) = serve();
        insta::assert_snapshot!(steady(&text));
        let interrupt = Command::new("/bin/kill").args(["-INT", &served.0.id().to_string()]).status();
        assert!(interrupt.unwrap().success());
        assert_eq!(served.0.wait().unwrap().code(), Some(130));
        let mut rest = String::new();
        assert_eq!(stdout.read_line(&mut rest).unwrap(), 0, "{rest}");
    }

    #[test]
    fn every_command_that_it_shows_works_as_it_stands() {
        let (_served, _stdout, text) = serve();
        let (_, commands) = text.split_once("another terminal:\n").unwrap();
        let script = |line: &str| {
            let lines: Vec<_> = commands.lines().map(str::trim).collect();
            Command::new("/bin/sh")
                .env_clear()
                .arg("-c")
                .arg(format!("{}\n{line}", lines[0]))
                .output()
                .unwrap()
        };
        let lists: Vec<_> = commands.lines().skip(1).map(|line| script(line.trim())).collect();
        let said: Vec<_> = lists.iter().map(|output| String::from_utf8_lossy(&output.stdout)).collect();
        assert!(lists.iter().all(|output| output.status.code() == Some(0)), "{lists:?}");
        assert_eq!(lists.len(), 3);
        assert!(said[0].contains("8 sessions, 7 users"), "{said:?}");
        assert_eq!(said[1].matches("\"m.keller\"").count(), 2, "{said:?}");
        assert!(said[2].contains("svc-backup") && said[2].contains("(level 10)"), "{said:?}");
    }
}

#[test]
fn made_up_month_answers_four_questions() {
    let output = demo().arg("--history").env("TZ", "UTC").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.matches("\n$ netsession history ").count(), 4, "{text}");
    // The night, the user's other days, the computer, and the bars.
    let (night, others) = text.split_once("--user dave").unwrap();
    assert!(night.contains("10.0.0.66  LAB\\dave"), "{night}");
    assert!(others.contains("10.0.0.14  LAB\\dave") && others.contains("  ####"), "{others}");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("netsession: fs2 did not answer from "),
        "{output:?}"
    );
}
