//! A secret is in no output: of no command, whichever way it comes in.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::support::{CONFIG, home, netsession, program, refusing_port, stderr, stdout};

/// Runs it with the secret in stdin and in every variable, and looks for it in all that is said.
#[track_caller]
fn says_no_secret(folder: &Path, arguments: &[&str], code: i32) {
    let output = spawn(&mut command(folder, arguments)).wait_with_output().unwrap();
    assert_no_secret(arguments, &output, code);
}

/// The same of a command that goes on until it is ended, which is done once it has told of a server, wherever it tells it.
#[track_caller]
fn says_no_secret_until_ended(folder: &Path, arguments: &[&str], code: i32) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = command(folder, arguments);
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut child = spawn(&mut command);
    // It has the writers, too.
    drop(command);
    let (mut reader, mut told) = (BufReader::new(reader), Vec::new());
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).unwrap() > 0 {
        told.extend_from_slice(&line);
        let is_told = line.starts_with(b"netsession: ") && !line.starts_with(b"netsession: warning: ");
        if is_told || line.starts_with(b"{") {
            // It is there until it is waited for.
            assert!(Command::new("/bin/kill").arg(child.id().to_string()).status().unwrap().success());
            break;
        }
        line.clear();
    }
    reader.read_to_end(&mut told).unwrap();
    let status = child.wait().unwrap();
    assert_no_secret(arguments, &Output { status, stdout: Vec::new(), stderr: told }, code);
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command.env("XDG_CONFIG_HOME", folder).env("OF_FS", "hunter2").env("NETSESSION_PASSWORD", "hunter2");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn spawn(command: &mut Command) -> Child {
    let mut child = command.spawn().unwrap();
    // Most have not read it when they end.
    let _ = child.stdin.take().unwrap().write_all(b"hunter2\n");
    child
}

#[track_caller]
fn assert_no_secret(arguments: &[&str], output: &Output, code: i32) {
    // As a shell has it.
    let ended = output.status.code().or_else(|| output.status.signal().map(|signal| 128 + signal));
    assert_eq!(ended, Some(code), "{arguments:?}: {output:?}");
    assert!(!stdout(output).contains("hunter2"), "{arguments:?}: {output:?}");
    let logged = stderr(output);
    // Else there would be nothing to search.
    assert!(!arguments.contains(&"-v") || logged.contains("debug: "), "{arguments:?}: {logged}");
}

#[test]
fn every_command_with_every_source() {
    let server = refusing_port();
    let home = home(&CONFIG.replace("ADDRESS", &server));
    let folder = home.path().join("netsession");
    let path = |name: &str| folder.join(name).display().to_string();
    let (password, auth, keytab) = (path("password"), path("auth"), path("keytab"));
    let by_name = server.replace("127.0.0.1", "localhost");
    let manual = home.path().display().to_string();
    // For every command that asks servers.
    let asking: &[(&[&str], i32)] = &[
        (&["-v", "@all"], 1),
        (&["-v", "-f", "jsonl", "@all"], 1),
        (&["-v", "-U", "admin", &server], 1),
        (&["-v", "-U", "admin", "--password-file", &password, &server], 1),
        (&["-v", "-U", "admin", "--password-stdin", &server], 1),
        (&["-v", "-A", &auth, &server], 1),
        (&["-v", "-U", "admin@LAB.TEST", "--password-file", &password, &by_name], 1),
        (&["-v", "-U", "admin@LAB.TEST", "-k", "required", &by_name], 1),
        (&["-v", "-U", "admin@LAB.TEST", "--keytab", &keytab, &by_name], 1),
        (&["-v", "--keep-going", "-k", "off", "@all"], 1),
        (&["-v", "-U", "admin%hunter2", &server], 2),
    ];
    let commands: &[(&[&str], i32)] = &[
        (&["config", "check"], 0),
        (&["config", "show"], 0),
        (&["completions", "bash"], 0),
        (&["man", &manual], 0),
        (&["help"], 0),
        (&["close", "file", "-v", "-y", "-U", "admin", "--password-file", &password, &server, "1"], 1),
        (
            &[
                "close", "session", "-v", "-y", "-A", &auth, "--client", "10.0.0.5", "--user", "alice",
                &server,
            ],
            1,
        ),
        (&["close", "file", "-v", "-y", "-U", "admin%hunter2", &server, "1"], 2),
    ];
    let demo: &[(&[&str], i32)] = if cfg!(feature = "demo") {
        &[(&["demo"], 0), (&["history", "--store", "/nonexistent/store"], 2)]
    } else {
        &[]
    };
    // A place that is taken: it has read every secret by then.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let exporter: &[(&[&str], i32)] =
        if cfg!(feature = "exporter") { &[(&["exporter", "-v", "--listen", &taken], 1)] } else { &[] };
    let commands = || commands.iter().chain(demo).chain(exporter);
    for (arguments, code) in commands() {
        says_no_secret(home.path(), arguments, *code);
    }
    // No command is forgotten, at any depth.
    let named = |arguments: &[&str]| {
        let help = stdout(&netsession(arguments).output().unwrap());
        let (_, list) = help.split_once("Commands:\n").unwrap();
        let lines = list.lines().take_while(|line| !line.is_empty());
        let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let asks = |name: &str| {
        let help = stdout(&netsession(&[name, "--help"]).output().unwrap());
        name != "help" && help.contains("--password-stdin")
    };
    let mut asked = 0;
    for name in named(&["--help"]) {
        // Each of its commands asks one server, and no group.
        if name == "close" {
            for (command, what) in [("file", &["1"][..]), ("session", &["--client", "x", "--user", "y"])] {
                for (arguments, code) in asking.iter().filter(|(arguments, _)| !arguments.contains(&"@all")) {
                    says_no_secret(
                        home.path(),
                        &[&["close", command, "--yes"], *arguments, what].concat(),
                        *code,
                    );
                }
            }
            assert_eq!(named(&["close", "--help"]).iter().filter(|name| *name != "help").count(), 2);
            continue;
        }
        if !asks(&name) {
            assert!(commands().any(|(arguments, _)| arguments[0] == name), "{name}");
            continue;
        }
        asked += 1;
        // It needs a terminal: here it says so. On one it shows what `list` and `close` show.
        if name == "top" {
            for (arguments, _) in asking {
                let quiet: Vec<_> = arguments.iter().copied().filter(|argument| *argument != "-v").collect();
                says_no_secret(home.path(), &[&["top"], quiet.as_slice()].concat(), 2);
            }
            continue;
        }
        let store = home.path().join("store").display().to_string();
        for (arguments, code) in asking {
            let mut arguments = [&[name.as_str()], *arguments].concat();
            if name == "record" {
                // It prints nothing.
                arguments.retain(|argument| !["-f", "json", "jsonl"].contains(argument));
                arguments.extend(["--store", &store]);
            }
            // What is rejected ends by itself, and must not be ended before it has.
            match (name.as_str(), code) {
                // 128 and SIGTERM.
                ("watch", 1) => says_no_secret_until_ended(home.path(), &arguments, 143),
                // SIGTERM is how a service ends.
                ("record", 1) => says_no_secret_until_ended(home.path(), &arguments, 0),
                _ => says_no_secret(home.path(), &arguments, *code),
            }
        }
    }
    assert!(asked > 0);
    for name in named(&["config", "--help"]).iter().filter(|name| *name != "help") {
        assert!(commands().any(|(arguments, _)| arguments[0] == "config" && arguments[1] == name), "{name}");
    }
}

#[test]
fn password_in_the_configuration_is_not_shown() {
    for (text, fault) in [
        ("[credentials.x]\nlogin = 'x'\npassword = 'hunter2'\n", "config.toml:3: "),
        ("[credentials.x]\nlogin = 'x'\npassword = hunter2\n", "config.toml:3: "),
        ("[credentials.x]\nlogin = 'x%hunter2'\n", "config.toml:2: "),
        ("[credentials.x]\nlogin = 'x'\npassword_env = { a = 'hunter2' }\n", "config.toml:3: "),
        ("[credentials.x]\nlogin = 'x'\npassword_command = 'echo hunter2'\n", "config.toml:3: "),
    ] {
        let home = home(text);
        for arguments in [&["config", "check"][..], &["config", "show"], &["list", "fs1"]] {
            says_no_secret(home.path(), arguments, 2);
            let output = netsession(arguments).env("XDG_CONFIG_HOME", home.path()).output().unwrap();
            assert!(stderr(&output).contains(fault), "{text}: {output:?}");
        }
    }
}

/// What names an argument of a command may be a secret as well.
#[test]
fn arguments_of_a_password_command() {
    let home = home(CONFIG);
    fs::write(
        home.path().join("netsession/config.toml"),
        "[credentials.x]\nlogin = 'x'\npassword_command = ['vault', '--token', 'hunter2']\n",
    )
    .unwrap();
    says_no_secret(home.path(), &["config", "show"], 0);
}

/// It is given up long before the time in which a PIN can be typed.
#[test]
fn pipe_without_a_writer_is_an_error_soon() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("/usr/bin/mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.display().to_string();
    let begun = std::time::Instant::now();
    let arguments = ["list", "-U", "admin", "--password-file", &pipe, &refusing_port()];
    let output = netsession(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let expected = format!("cannot read {pipe}: no program opened it to write within 10s");
    assert!(stderr(&output).contains(&expected), "{output:?}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
}
