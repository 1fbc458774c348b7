//! A secret is in no output: of no command, whichever way it comes in.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod support;

use std::fs;
use std::net::TcpListener;

use support::{CONFIG, home, netsession, refusing_port, stderr, stdout};

/// Runs it with the secret in stdin and in every variable, and looks for it in all that is said.
#[track_caller]
fn says_no_secret(folder: &std::path::Path, arguments: &[&str], code: i32) {
    let mut command = netsession(arguments);
    command.env("XDG_CONFIG_HOME", folder).env("OF_FS", "hunter2").env("NETSESSION_PASSWORD", "hunter2");
    let output = command.write_stdin("hunter2\n").output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    assert!(!stdout(&output).contains("hunter2"), "{arguments:?}: {output:?}");
    let logged = stderr(&output);
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
        // It does not end by itself.
        let store = home.path().join("store").display().to_string();
        let end: &[&str] = match name.as_str() {
            "watch" => &["--for", "1s"],
            "record" => &["--for", "1s", "--store", &store],
            _ => &[],
        };
        for (arguments, code) in asking {
            let mut arguments = arguments.to_vec();
            // It prints nothing.
            if name == "record" {
                arguments.retain(|argument| !["-f", "json", "jsonl"].contains(argument));
            }
            says_no_secret(home.path(), &[&[name.as_str()], arguments.as_slice(), end].concat(), *code);
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
