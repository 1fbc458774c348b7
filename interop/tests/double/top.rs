//! `netsession top` on a real terminal: keys, sizes, closing, and the terminal given back.

use std::fs;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{DOUBLE_ADMIN, DOUBLE_ALICE};
use netsession_interop::netsession;
use netsession_interop::process;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::tmux::Tmux;
use netsession_testserver::{Server, ServerHandle, scenario};

const NEEDS: &[Need] = &[Need::Program, Need::Tmux];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "top::keys_and_sizes", keys_and_sizes);
    suite.test(NEEDS, "top::closing", closing);
    suite.test(NEEDS, "top::closing_that_is_refused", closing_that_is_refused);
    suite.test(NEEDS, "top::files_that_are_refused", files_that_are_refused);
    suite.test(NEEDS, "top::read_only", read_only);
    suite.test(NEEDS, "top::sigterm_gives_the_terminal_back", sigterm);
    suite.test(NEEDS, "top::suspended_and_continued", suspended);
    suite.test(NEEDS, "top::server_that_is_killed", killed_server);
    suite.test(NEEDS, "top::without_colour", without_colour);
    suite.test(NEEDS, "top::dumb_terminal", dumb_terminal);
    suite.test(NEEDS, "top::demo", demo);
}

/// A double, and `netsession top` on it, when its first sessions are on the screen.
fn start(size: (u16, u16), environment: &[(&str, &str)], options: &str) -> Result<(Tmux, ServerHandle)> {
    let (address, server) = Server::start(scenario::shipped("windows")?)?;
    let tmux = run(size, environment, &format!("top --interval 1s {options} {address}"))?;
    tmux.wait_for("alice")?;
    Ok((tmux, server))
}

/// The program with these arguments; its process id is in the file `pid`.
fn run(size: (u16, u16), environment: &[(&str, &str)], arguments: &str) -> Result<Tmux> {
    let program = netsession::binary()?;
    let login = [
        ("NETSESSION_LOGIN", DOUBLE_ADMIN.name),
        ("NETSESSION_PASSWORD", DOUBLE_ADMIN.password),
        ("XDG_CONFIG_HOME", "/nonexistent"),
        ("KRB5CCNAME", "/nonexistent"),
        ("NO_COLOR", ""),
    ];
    let environment: Vec<_> = login.iter().chain(environment).copied().collect();
    // Beside the socket of tmux, whose path is in front in the variable.
    let line = format!("echo $$ > \"${{TMUX%%,*}}.pid\"; {} {arguments}", program.display());
    Tmux::start(size, &environment, &line)
}

fn at_its_end(tmux: &Tmux, code: i32) -> Result<()> {
    let screen = tmux.wait_for(&format!("END {code}"))?;
    // The terminal is as it was: lines, echo and signals are on, and the other screen is left.
    let screen = tmux
        .wait("the settings of the terminal", |screen| screen.contains("icanon"))
        .with_context(|| screen.clone())?;
    let is_on = |word: &str| screen.split([' ', ';', '\n']).any(|other| other == word);
    ensure!(["icanon", "echo", "isig", "icrnl", "opost"].into_iter().all(is_on), "{screen}");
    ensure!(!screen.contains("CLIENT"), "{screen}");
    Ok(())
}

fn keys_and_sizes() -> Result<()> {
    let (tmux, _server) = start((80, 24), &[], "")?;
    tmux.keys(&["2"])?;
    tmux.wait_for("report.xlsx")?;
    tmux.keys(&["3"])?;
    tmux.wait_for("STATE")?;
    tmux.keys(&["Enter"])?;
    tmux.wait_for("Sessions on 127.0.0.1")?;
    tmux.keys(&["Escape"])?;
    tmux.wait_for("STATE")?;
    tmux.keys(&["1"])?;
    tmux.wait_for("CLIENT")?;
    tmux.keys(&["/", "b", "o"])?;
    let screen = tmux.wait("bob alone", |screen| screen.contains("/bo") && !screen.contains("alice"))?;
    ensure!(screen.contains("bob"), "{screen}");
    tmux.keys(&["Escape"])?;
    tmux.wait_for("alice")?;
    for size in [(40, 12), (300, 60), (20, 5), (80, 24)] {
        tmux.resize(size)?;
        tmux.wait("the whole screen again", |screen| {
            let lines: Vec<_> = screen.trim_end().lines().collect();
            lines.len() == usize::from(size.1) && screen.contains("CLIENT")
        })?;
    }
    tmux.keys(&["Space"])?;
    tmux.wait_for("PAUSED")?;
    tmux.keys(&["?"])?;
    tmux.wait_for("Keys of netsession top")?;
    tmux.keys(&["?"])?;
    tmux.wait_for("PAUSED")?;
    tmux.keys(&["q"])?;
    at_its_end(&tmux, 0)?;

    let (tmux, _server) = start((80, 24), &[], "")?;
    tmux.keys(&["C-c"])?;
    at_its_end(&tmux, 130)
}

fn users(server: &ServerHandle) -> Vec<String> {
    let sessions = server.host().sessions().snapshot();
    sessions.iter().filter_map(|session| session.user.clone()).collect()
}

fn closing() -> Result<()> {
    let (tmux, server) = start((80, 24), &[], "")?;
    let before = users(&server);
    ensure!(before.iter().any(|user| user.contains("bob")), "{before:?}");
    tmux.keys(&["/", "b", "o", "b", "Enter", "x"])?;
    let question = tmux.wait_for("y closes, any other key leaves it.")?;
    ensure!(question.contains("1 session of bob") && question.contains("will be ended"), "{question}");
    tmux.keys(&["Enter"])?;
    tmux.wait_for("left alone")?;
    ensure!(users(&server) == before, "a key that is not yes has closed something");
    tmux.keys(&["x"])?;
    tmux.wait_for("y closes, any other key leaves it.")?;
    tmux.keys(&["y"])?;
    tmux.wait("closed", |screen| screen.contains("session of bob from") && screen.contains(": closed"))?;
    let after = users(&server);
    ensure!(!after.iter().any(|user| user.contains("bob")), "{after:?}");
    // A file.
    let files = server.host().files().snapshot().len();
    tmux.keys(&["2"])?;
    tmux.keys(&["Escape"])?;
    tmux.wait_for("report.xlsx")?;
    tmux.keys(&["/", "r", "e", "p", "o", "r", "t", "Enter", "x"])?;
    tmux.wait_for("1 file will be closed")?;
    tmux.keys(&["y"])?;
    tmux.wait("the file is closed", |screen| {
        screen
            .trim_end()
            .lines()
            .last()
            .is_some_and(|line| line.contains("report.xlsx") && line.contains("closed"))
    })?;
    ensure!(server.host().files().snapshot().len() == files - 1, "one file is closed");
    tmux.keys(&["q"])?;
    at_its_end(&tmux, 0)
}

/// The words on the screen, without what frames them.
fn words(screen: &str) -> String {
    let words = screen.split_whitespace().map(|word| word.trim_matches(['│', '┌', '┐', '└', '┘', '─']));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A Samba ends no session for an administrator who is not in Domain Admins. The reason is read, then a key goes on.
fn closing_that_is_refused() -> Result<()> {
    for size in [(80, 24), (40, 12)] {
        let (address, server) = Server::start(scenario::shipped("samba")?)?;
        let tmux = run(size, &[], &format!("top --interval 1s {address}"))?;
        tmux.wait_for("carol")?;
        let before = users(&server);
        tmux.keys(&["/", "c", "a", "r", "o", "l", "Enter", "x"])?;
        tmux.wait_for("y closes, any other key leaves it.")?;
        tmux.keys(&["y"])?;
        let first = words(&tmux.wait("why", |screen| words(screen).contains("not closed"))?);
        ensure!(
            first.contains("session of carol from 10.0.0.7") && first.contains("access_denied:"),
            "{first}"
        );
        // Further down, where the screen is too low for all of it.
        if !first.contains("Any key closes this.") {
            ensure!(size == (40, 12) && first.contains("Up, Down: more"), "{first}");
            tmux.keys(&["Down"; 10])?;
        }
        let advice = words(&tmux.wait("what to do", |screen| words(screen).contains("net cache flush."))?);
        ensure!(advice.contains("net groupmap add rid=512"), "{size:?}: {advice}");
        tmux.keys(&["Escape"])?;
        let screen = tmux.wait("the rows again", |screen| !words(screen).contains("net cache flush."))?;
        ensure!(screen.contains("/carol"), "{screen}");
        ensure!(users(&server) == before, "something was closed");
        // The settings of the terminal have more than 12 lines.
        tmux.resize((80, 24))?;
        tmux.keys(&["q"])?;
        at_its_end(&tmux, 0)?;
    }
    Ok(())
}

/// Who is no administrator may list sessions at level 10, which counts no files, and no files at all.
fn files_that_are_refused() -> Result<()> {
    for size in [(80, 24), (40, 12)] {
        let (address, _server) = Server::start(scenario::shipped("windows")?)?;
        let login = [("NETSESSION_LOGIN", DOUBLE_ALICE.name), ("NETSESSION_PASSWORD", DOUBLE_ALICE.password)];
        let tmux = run(size, &login, &format!("top --interval 1s {address}"))?;
        let screen = tmux.wait_for("carol")?;
        ensure!(!screen.contains("0 open files"), "{screen}");
        tmux.keys(&["2"])?;
        let screen = tmux.wait_for("files refused: ")?;
        ensure!(!screen.contains("No open files"), "{screen}");
        tmux.keys(&["3"])?;
        let screen =
            tmux.wait("the state", |screen| screen.contains("STATE") && screen.contains("files refused"))?;
        ensure!(size.0 < 80 || screen.contains("files refused: access_denied:"), "{screen}");
        tmux.keys(&["2", "Enter"])?;
        let screen =
            words(&tmux.wait("why", |screen| words(screen).contains("refused to list its open files."))?);
        ensure!(screen.contains("access_denied:"), "{screen}");
        tmux.keys(&["Escape"])?;
        tmux.wait("the sessions under it", |screen| {
            screen.contains("Sessions on 127.0.0.1") && !words(screen).contains("refused to list")
        })?;
        // The settings of the terminal have more than 12 lines.
        tmux.resize((80, 24))?;
        tmux.keys(&["q"])?;
        at_its_end(&tmux, 0)?;
    }
    Ok(())
}

fn read_only() -> Result<()> {
    let (tmux, server) = start((80, 24), &[], "--read-only")?;
    let before = users(&server);
    tmux.keys(&["/", "b", "o", "b", "Enter", "x", "y", "2"])?;
    tmux.wait_for("PATH")?;
    ensure!(users(&server) == before, "something was closed");
    tmux.keys(&["q"])?;
    at_its_end(&tmux, 0)
}

/// The program, by its parent, the shell of the terminal.
fn signal(tmux: &Tmux, name: &str) -> Result<()> {
    let shell = fs::read_to_string(tmux.path("tmux.pid"))?;
    let mut command = std::process::Command::new("pkill");
    command.args([&format!("-{name}"), "-P", shell.trim(), "-x", "netsession"]);
    let output = process::run(&mut command, process::PATIENCE)?;
    ensure!(output.code == Some(0), "there is no netsession: {output:?}");
    Ok(())
}

fn sigterm() -> Result<()> {
    for (name, code) in [("TERM", 143), ("INT", 130)] {
        let (tmux, _server) = start((80, 24), &[], "")?;
        signal(&tmux, name)?;
        at_its_end(&tmux, code)?;
    }
    Ok(())
}

fn suspended() -> Result<()> {
    let (address, _server) = Server::start(scenario::shipped("windows")?)?;
    let program = netsession::binary()?;
    let login = [
        ("NETSESSION_LOGIN", DOUBLE_ADMIN.name),
        ("NETSESSION_PASSWORD", DOUBLE_ADMIN.password),
        ("XDG_CONFIG_HOME", "/nonexistent"),
        ("KRB5CCNAME", "/nonexistent"),
    ];
    let tmux = Tmux::start((80, 24), &login, "PS1='ready: ' bash --norc -i")?;
    tmux.wait_for("ready:")?;
    tmux.keys(&[&format!("{} top {address}", program.display()), "Enter"])?;
    tmux.wait("sessions", |screen| screen.contains("CLIENT") && screen.contains("alice"))?;
    tmux.keys(&["C-z"])?;
    tmux.wait("the shell", |screen| screen.contains("Stopped") && !screen.contains("CLIENT"))?;
    tmux.keys(&["stty -a", "Enter"])?;
    tmux.wait_for(" icanon")?;
    tmux.keys(&["clear; fg", "Enter"])?;
    tmux.wait("the screen again", |screen| screen.contains("CLIENT") && screen.contains("alice"))?;
    tmux.keys(&["3"])?;
    tmux.wait_for("STATE")?;
    tmux.keys(&["q"])?;
    tmux.wait("the shell", |screen| !screen.contains("STATE"))?;
    tmux.keys(&["exit", "Enter"])?;
    at_its_end(&tmux, 0)
}

fn killed_server() -> Result<()> {
    let (tmux, server) = start((80, 24), &[], "")?;
    drop(server);
    let screen = tmux.wait("a row for the failure", |screen| screen.contains("! 127.0.0.1"))?;
    ensure!(screen.contains("alice"), "what was known last stays: {screen}");
    tmux.keys(&["q"])?;
    at_its_end(&tmux, 0)
}

fn without_colour() -> Result<()> {
    // 30 to 37 and 90 to 97, alone or behind another attribute.
    let has_colour = |screen: &str| {
        screen.split("\u{1b}[").skip(1).any(|rest| {
            let attributes = rest.split('m').next().unwrap_or_default();
            attributes.split(';').any(|number| matches!(number.parse(), Ok(30..=38 | 90..=97)))
        })
    };
    for (no_colour, expected) in [("", true), ("1", false)] {
        let (tmux, _server) = start((80, 24), &[("NO_COLOR", no_colour), ("TERM", "xterm")], "")?;
        let screen = tmux.coloured_screen()?;
        ensure!(has_colour(&screen) == expected, "NO_COLOR={no_colour}: {screen:?}");
    }
    Ok(())
}

fn dumb_terminal() -> Result<()> {
    let program = netsession::binary()?;
    let tmux = Tmux::start((80, 24), &[], &format!("TERM=dumb {} top fs1", program.display()))?;
    let screen = tmux.wait_for("END 2")?;
    ensure!(screen.contains("netsession watch"), "{screen}");
    Ok(())
}

fn demo() -> Result<()> {
    let tmux = run((80, 24), &[], "demo --top")?;
    tmux.wait("three servers", |screen| screen.contains("3 servers") && screen.contains("m.keller"))?;
    // Without a word from outside, within a minute.
    tmux.keys(&["4"])?;
    tmux.wait("a change", |screen| screen.contains("connected"))?;
    tmux.keys(&["q"])?;
    at_its_end(&tmux, 0)
}
