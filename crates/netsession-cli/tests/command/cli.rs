//! The program as a whole, without a server that answers.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]
#![cfg_attr(unix, expect(clippy::panic, reason = "helpers of tests fail the test"))]

#[cfg(unix)]
use std::fs;
#[cfg(unix)]
use std::net::TcpListener;
use std::process::{Output, Stdio};
#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use crate::support::{CONFIG, home};
use crate::support::{netsession, refusing_port, stderr, stdout};

/// `list` with a login.
fn list(arguments: &[&str]) -> Output {
    let mut command = netsession(&["list"]);
    command.args(arguments).env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "hunter2");
    command.output().unwrap()
}

/// The text of stderr, with exit code 2 and nothing on stdout.
#[track_caller]
fn wrong(arguments: &[&str]) -> String {
    let output = list(arguments);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{output:?}");
    stderr(&output)
}

#[cfg(unix)] // the words of the system
#[test]
fn arguments_that_are_wrong() {
    let arguments: &[&[&str]] = &[
        &["@fileservers"],
        &[r"\\fs1\share"],
        &["smb://fs1/share"],
        &["fs1", "fs1:http"],
        &["fs1", "fs\u{1b}[31m2"],
        &["-k", "required", "fs1", "10.0.0.5"],
        &["-k", "off", "-U", "admin@LAB", "--keytab", "/no/such/file"],
        &["-U", "admin", "--keytab", "/no/such/file", "fs1"],
        &["-U", "admin@LAB", "--keytab", "/no/such/file", "fs1"],
        &["-U", "admin@LAB", "--keytab", "/no/such/file", "--password-stdin", "fs1"],
        &["--timeout", "0"],
        &["--timeout", "1y"],
        &["--jobs", "0"],
        &["-l", "3"],
        &["-f", "xml"],
        &["--columns", "client,flavour"],
        &["--columns", "idle,idle_seconds"],
        &["--sort", "-flavour"],
        &["--user", ""],
        &["--password-file", "a", "--password-stdin"],
        &["-A", "-", "--password-stdin"],
        &["--password-file", "/no/such/file"],
        &["-A", "/no/such/file"],
        &["-U", r"LAB\"],
        &["--no-such-\u{202e}option"],
    ];
    let said = arguments.iter().map(|arguments| {
        format!("$ netsession list {}\n{}\n", arguments.join(" ").escape_debug(), wrong(arguments))
    });
    insta::assert_snapshot!(said.collect::<String>());
}

#[test]
fn filters_longer_than_the_call_can_carry() {
    assert!(
        wrong(&["--user", &"x".repeat(1024)])
            .contains("--user is invalid: the name of the user is longer than")
    );
    assert!(
        wrong(&["--client", &"x".repeat(1022)])
            .contains("--client is invalid: the name of the client is longer than")
    );
}

#[cfg(not(windows))]
#[test]
fn windows_itself_asks_only_on_windows() {
    assert!(wrong(&["--backend", "windows"]).contains("only available on Windows"));
}

#[test]
fn no_login() {
    let output = netsession(&["list", "fs1", "--backend", "smb"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("netsession: no login: "));
}

#[test]
fn a_command_is_needed() {
    let output = netsession(&[]).output().unwrap();
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()));
    assert!(stderr(&output).contains("Usage: netsession <COMMAND>"));
}

#[test]
fn help_and_version_are_data() {
    let arguments: &[&[&str]] = &[
        &["--help"],
        &["list", "-h"],
        &["list", "--help"],
        &["help", "list"],
        &["--version"],
        &["completions", "zsh"],
    ];
    for arguments in arguments {
        let output = netsession(arguments).output().unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
        assert!(stdout(&output).len() > 10);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn bash_completes_commands_options_and_values() {
    let script = stdout(&netsession(&["completions", "bash"]).output().unwrap());
    let complete = |words: &str, current: &str| {
        let words_before = words.split(' ').count();
        let text = format!(
            "{script}\nCOMP_WORDS=({words} '{current}'); COMP_CWORD={words_before}\n\
             _netsession netsession '{current}' \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        stdout(&assert_cmd::Command::new("/bin/bash").args(["--norc", "-c", &text]).output().unwrap())
    };
    assert_eq!(complete("netsession", "li"), "list\n");
    assert_eq!(complete("netsession list", "--form"), "--format\n");
    assert_eq!(complete("netsession list --format", ""), "table json jsonl csv prometheus\n");
    assert_eq!(complete("netsession list --level", "5"), "502\n");
}

#[test]
fn a_server_that_fails_in_each_format() {
    let server = refusing_port();
    let header = "server,level,client,user,opens,connected_seconds,idle_seconds,flags,client_type,transport,client_name\r\n";
    for (format, data) in [("table", ""), ("json", "[]\n"), ("csv", header)] {
        let output = list(&["-f", format, &server]);
        assert_eq!((output.status.code(), stdout(&output)), (Some(1), data.into()), "{format}: {output:?}");
        assert!(stderr(&output).starts_with(&format!("netsession: {server}: ")), "{output:?}");
    }
    let output = list(&["-f", "jsonl", &server]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(1), String::new()));
    let line: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(line["server"], server.as_str());
    assert_eq!(line["error"]["code"], serde_json::Value::Null);
}

#[test]
fn columns_and_headers_without_a_row() {
    let server = refusing_port();
    let data = |arguments: &[&str]| {
        let output = list(&[arguments, &[&server]].concat());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        stdout(&output)
    };
    assert_eq!(data(&["-f", "csv", "--columns", "user,idle"]), "user,idle_seconds\r\n");
    assert_eq!(data(&["-f", "csv", "--no-header", "--sort", "-idle"]), "");
    assert_eq!(data(&["-f", "table", "--no-header", "--columns", "user"]), "");
    // The line of a server that failed does not depend on the columns.
    let line = data(&["-f", "jsonl", "--columns", "user", "--sort", "user"]);
    assert!(line.starts_with(&format!(r#"{{"server":"{server}","error":{{"kind":"connect","#)), "{line}");
}

#[test]
fn each_failed_server_has_a_line() {
    let servers = [refusing_port(), refusing_port(), refusing_port()];
    for jobs in ["1", "2", "16"] {
        let output =
            list(&["--jobs", jobs, "-f", "jsonl", &servers[0], &servers[1], &servers[2], &servers[0]]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(stdout(&output).lines().count(), 3, "{output:?}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    for format in ["jsonl", "csv", "json"] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_netsession"));
        command.args(["list", "-f", format, &refusing_port()]).env_clear();
        command.env("NETSESSION_LOGIN", "admin").env("NETSESSION_PASSWORD", "hunter2");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(!stderr(&output).contains("output"), "{output:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_every_command() {
    let server = refusing_port();
    let home = home("[servers.fs1]\n");
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["--help"],
        vec!["--version"],
        vec!["help"],
        vec!["help", "list"],
        vec!["list", "-h"],
        vec!["config", "check", "--help"],
        vec!["config", "check"],
        vec!["config", "show"],
        vec!["completions", "bash"],
        vec!["list", "-f", "csv", &server],
        vec!["list", "-f", "json", &server],
    ];
    commands.extend(crate::support::QUESTIONS.map(|question| vec![question, "-f", "jsonl", &server]));
    if cfg!(feature = "demo") {
        commands.push(vec!["demo"]);
        commands.push(vec!["demo", "--serve"]);
    }
    for arguments in commands {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_netsession"));
        command.args(&arguments).env_clear().env("XDG_CONFIG_HOME", home.path());
        command.env("NETSESSION_LOGIN", "admin").env("NETSESSION_PASSWORD", "hunter2");
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        assert!(stderr(&output).contains("cannot write the output: "), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_closed_pipe_is_no_error_of_help() {
    for arguments in [&["--help"][..], &["--version"], &["config", "show"], &["completions", "bash"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_netsession"));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output =
            command.args(arguments).env_clear().stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_password_variable_does_not_reach_a_password_command() {
    let server = refusing_port();
    let home = home(&format!(
        "[servers]\nfs1 = {{ address = '{server}', credentials = 'lab' }}\n[credentials.lab]\nlogin = 'LAB/admin'\n\
         password_command = ['/bin/sh', '-c', '/usr/bin/env > seen; echo secret']\n"
    ));
    let mut command = netsession(&["list", "fs1"]);
    command.env("XDG_CONFIG_HOME", home.path()).env("NETSESSION_PASSWORD", "hunter2").env("KEPT", "yes");
    let output = command.current_dir(home.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let seen = fs::read_to_string(home.path().join("seen")).unwrap();
    assert!(seen.contains("KEPT=yes") && !seen.contains("NETSESSION_PASSWORD"), "{seen}");
}

#[test]
fn password_from_stdin_is_used_and_not_shown() {
    let mut command = netsession(&["list", "-U", "admin", "--password-stdin", &refusing_port()]);
    let output = command.write_stdin("hunter2\n").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!stderr(&output).contains("hunter2"));
    let output =
        netsession(&["list", "-U", "admin", "--password-stdin", "fs1"]).write_stdin("\n").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("the password from stdin is empty"));
}

#[cfg(unix)]
#[test]
fn an_authentication_file_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("auth");
    fs::write(&path, "username = admin\npassword = hunter2\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let mut command = netsession(&["list", &refusing_port(), "-A"]);
    let output = command.arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).starts_with("netsession: warning: "), "{output:?}");
}

#[cfg(unix)]
#[test]
fn a_group_is_asked_and_its_servers_keep_their_names() {
    let home = home(&CONFIG.replace("ADDRESS", &refusing_port()));
    let mut command = netsession(&["list", "-f", "jsonl", "-k", "off", "@all", "by_env"]);
    let output = command.env("XDG_CONFIG_HOME", home.path()).env("OF_FS", "hunter2").output().unwrap();
    let mut servers: Vec<_> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["server"].to_string())
        .collect();
    servers.sort();
    assert_eq!(servers, [r#""by_auth""#, r#""by_command""#, r#""by_env""#, r#""by_file""#]);
}

#[cfg(unix)]
#[test]
fn the_configuration_is_shown_and_checked() {
    let home = home(&CONFIG.replace("ADDRESS", "fs1:4455"));
    let run = |arguments: &[&str]| {
        let mut command = netsession(arguments);
        let output = command.env("XDG_CONFIG_HOME", home.path()).output().unwrap();
        let hide = |text: String| text.replace(&home.path().display().to_string(), "HOME");
        format!(
            "$ netsession {}\n{}{}exit code {:?}\n\n",
            arguments.join(" "),
            hide(stdout(&output)),
            hide(stderr(&output)),
            output.status.code()
        )
    };
    let mut said = run(&["config", "check"]) + &run(&["config", "show"]);
    fs::write(home.path().join("netsession/config.toml"), "[servers.a]\nx = 1\n[groups]\nb = ['@c']\n")
        .unwrap();
    said += &run(&["config", "check"]);
    said += &run(&["config", "show"]);
    said += &run(&["list", "fs1"]);
    fs::remove_file(home.path().join("netsession/config.toml")).unwrap();
    said += &run(&["config", "check", "--config", "/no/such/file"]);
    said += &run(&["config", "check"]);
    said += &run(&["config", "show"]);
    insta::assert_snapshot!(said);
}

#[cfg(unix)]
#[test]
fn a_bare_file_name_is_a_configuration_in_the_current_folder() {
    let home = home("[credentials]\nlab = { login = 'LAB/admin' }\n[groups]\nall = ['fs1']\n[servers.fs1]\n");
    for file in ["config.toml", "./config.toml", "../netsession/config.toml"] {
        let mut command = netsession(&["config", "check", "--config", file]);
        let output = command.current_dir(home.path().join("netsession")).output().unwrap();
        let said = format!("{file}: nothing wrong (1 server, 1 group, 1 credential)\n");
        assert_eq!((output.status.code(), stdout(&output)), (Some(0), said), "{output:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_that_others_can_write_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = home(CONFIG);
    let path = home.path().join("netsession/config.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    for arguments in [&["list", "fs1"][..], &["config", "check"], &["config", "show"]] {
        let output = netsession(arguments).env("XDG_CONFIG_HOME", home.path()).output().unwrap();
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{arguments:?}");
        assert!(stderr(&output).contains("others can write it (mode 666)"), "{output:?}");
    }
}

/// Root takes the file of the user who called sudo, and of no other one.
#[cfg(unix)]
#[test]
fn password_file_of_another_user_is_refused_under_sudo() {
    use std::os::unix::fs::{MetadataExt as _, chown};

    let home = home(CONFIG);
    let (password, auth) = (home.path().join("netsession/password"), home.path().join("netsession/auth"));
    // Only root can give a file away.
    if password.metadata().unwrap().uid() != 0 {
        return crate::support::skip::skip("only root can give a file to another user");
    }
    let port = refusing_port();
    for path in [&password, &auth] {
        chown(path, Some(12_345), None).unwrap();
        let path = path.to_str().unwrap();
        let options = if path.ends_with("auth") {
            vec!["-A", path]
        } else {
            vec!["-U", "admin", "--password-file", path]
        };
        for (caller, code) in [(Some("12345"), 1), (Some("12346"), 2), (None, 2)] {
            let mut command = netsession(&[&["list", &port], options.as_slice()].concat());
            let output = command.envs(caller.map(|caller| ("SUDO_UID", caller))).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{caller:?}: {output:?}");
            let is_refused = stderr(&output).contains("it belongs to another user, who can write it");
            assert_eq!(is_refused, code == 2, "{caller:?}: {output:?}");
        }
    }
}

#[test]
fn keep_going_says_what_it_risks() {
    let output = list(&["--keep-going", &refusing_port()]);
    assert!(stderr(&output).starts_with("netsession: warning: --keep-going: "), "{output:?}");
}

/// On a terminal of its own, by `script` of util-linux: what it shows where this is typed at the prompt, and the
/// exit code.
#[cfg(target_os = "linux")]
fn at_the_prompt(typed: &[u8]) -> (String, Option<i32>) {
    use std::io::{Read as _, Write as _};

    let line = format!("{} list -k off -U admin {}", env!("CARGO_BIN_EXE_netsession"), refusing_port());
    let mut script = std::process::Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    script.env("XDG_CONFIG_HOME", "/nonexistent").env("KRB5CCNAME", "/nonexistent/cache");
    for name in ["NETSESSION_LOGIN", "NETSESSION_AUTH_FILE", "NETSESSION_PASSWORD"] {
        script.env_remove(name);
    }
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keyboard, mut shown) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"Password for admin: ") && shown.read(&mut byte).unwrap() > 0 {
        text.push(byte[0]);
    }
    // The echo is off before the prompt is shown.
    keyboard.write_all(typed).unwrap();
    shown.read_to_end(&mut text).unwrap();
    (String::from_utf8(text).unwrap(), child.wait().unwrap().code())
}

#[cfg(target_os = "linux")]
#[test]
fn a_prompt_on_the_terminal_without_echo() {
    let (text, code) = at_the_prompt(b"hunter2\n");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.starts_with("Password for admin: ") && text.contains("connect: refused"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn interrupt_at_the_prompt_ends_with_130() {
    let (text, code) = at_the_prompt(b"hunt\x03");
    assert_eq!(code, Some(130), "{text}");
    assert!(!text.contains("hunt") && !text.contains("refused"), "{text}");
}

/// The next connection; a program that never connects fails the test instead of stopping it.
#[cfg(unix)]
fn accept(listener: &TcpListener) -> std::net::TcpStream {
    listener.set_nonblocking(true).unwrap();
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(30) {
        match listener.accept() {
            Ok((connection, _)) => return connection,
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    panic!("no connection");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_at_once() {
    // A server that takes the connection and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_netsession"));
    command.args(["list", "--timeout", "1h", &listener.local_addr().unwrap().to_string()]).env_clear();
    command.env("NETSESSION_LOGIN", "admin").env("NETSESSION_PASSWORD", "hunter2");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _connection = accept(&listener);
    let begin = Instant::now();
    let kill =
        std::process::Command::new("/bin/kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begin.elapsed() < Duration::from_secs(30));
}
