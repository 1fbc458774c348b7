//! Runs tests, shows what they print as it comes, and says in the end which of them failed, why, and how to run each alone.

use std::io::{self, BufRead as _, BufReader, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::sh;

/// What the line of a failed test begins with. A task that runs another one hands these lines on.
const FAILED: &str = "failed test: ";
/// What the line with its reason begins with.
const REASON: &str = "it said: ";
/// What the line of a test begins with that this machine cannot run, and whose runner does not list it as ignored.
const SKIPPED: &str = "skipped: ";
/// Maximum characters of a reason: its beginning says what happened.
const REASON_LENGTH: usize = 800;

/// A test that prints nothing for so long waits for ever: each has bounds of ten minutes and less.
const SILENCE: Duration = Duration::from_secs(30 * 60);

/// What a run of tests says beside its result.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Whether some tests were ignored because something that can be installed is missing on this machine.
    pub(crate) is_missing_something: bool,
    /// Tests that say that they are skipped.
    skipped: usize,
    /// A line for each test that failed, and one with its reason.
    failed: Vec<String>,
}

/// Runs a `cargo test`, or an xtask that runs one. The error ends with a line for each test that failed.
pub(crate) fn run(command: &mut Command) -> (Report, Result<()>) {
    run_into(command, &mut io::stderr())
}

pub(crate) fn run_into(command: &mut Command, shown: &mut impl Write) -> (Report, Result<()>) {
    // A task that this one runs watches its tests itself.
    let is_task = command.get_args().next().is_some_and(|argument| argument == "xtask");
    match try_run(command, shown, if is_task { Duration::MAX } else { SILENCE }) {
        Ok((report, result)) => (report, result),
        Err(error) => (Report::default(), Err(error)),
    }
}

fn try_run(command: &mut Command, shown: &mut impl Write, silence: Duration) -> Result<(Report, Result<()>)> {
    let line = sh::line(command);
    writeln!(shown, "$ {line}")?;
    let environment = environment(command);
    // One pipe for both: cargo names a test program on stderr, and the program its tests on stdout.
    let (reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start {line}"))?;
    // Otherwise the pipe has a writer for ever.
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut output = Output::default();
    let (line_read, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            if line_read.send(std::mem::take(&mut bytes)).is_err() {
                return;
            }
        }
    });
    let ended = loop {
        match lines.recv_timeout(silence) {
            Ok(bytes) => {
                shown.write_all(&bytes)?;
                output.read(&String::from_utf8_lossy(&bytes));
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait()?;
                break if status.success() { Ok(()) } else { Err(status.to_string()) };
            }
            Err(RecvTimeoutError::Timeout) => {
                end(&mut child);
                break Err(format!("nothing was printed for {silence:?}, after {:?}", output.last));
            }
        }
    };
    let report = output.report(&environment);
    if report.skipped > 0 {
        writeln!(shown, "tests that were skipped: {}, each on a line `{SKIPPED}…`", report.skipped)?;
    }
    let Err(ended) = ended else { return Ok((report, Ok(()))) };
    let failed: String = report.failed.iter().map(|line| format!("\n{line}")).collect();
    Ok((report, Err(anyhow!("{line}: {ended}{failed}"))))
}

/// Ends a cargo and the test program that it runs.
fn end(child: &mut Child) {
    let program = child.id().to_string();
    sh::succeeds(sh::program("pkill").args(["-KILL", "-P", &program]));
    let _ = child.kill();
    let _ = child.wait();
}

/// What the tests are told by variables, as a shell takes it.
fn environment(command: &Command) -> String {
    let is_ours = |name: &str| name.starts_with("NETSESSION_") && name != "NETSESSION_INTEROP_REQUIRED";
    let mut text = String::new();
    for (name, value) in command.get_envs() {
        if let (Some(name), Some(value)) = (name.to_str().filter(|name| is_ours(name)), value) {
            text.push_str(&format!("{name}='{}' ", value.to_string_lossy()));
        }
    }
    text
}

/// The lines so far.
#[derive(Debug, Default)]
struct Output {
    programs: Vec<Program>,
    /// How cargo runs each program that failed again, in the same order.
    again: Vec<String>,
    /// Lines of a task that ran tests itself.
    handed_on: Vec<String>,
    skipped: usize,
    /// The last line that was not empty.
    last: String,
    is_missing_something: bool,
}

/// A test program.
#[derive(Debug, Default)]
struct Program {
    failed: Vec<Failure>,
    is_good: bool,
    /// It tells now what the tests that failed have said. Some of them have run tests themselves.
    is_telling: bool,
    /// Which of those that failed says something now.
    heard: Option<usize>,
}

#[derive(Debug)]
struct Failure {
    name: String,
    /// What it has said, on one line.
    reason: String,
}

impl Program {
    /// A line of what the tests that failed have said.
    fn hear(&mut self, line: &str) {
        let begins =
            section(line).and_then(|name| self.failed.iter().position(|failure| failure.name == name));
        if begins.is_some() || line == "failures:" || line.starts_with("test result: ") {
            self.heard = begins;
        } else if let Some(failure) = self.heard.and_then(|heard| self.failed.get_mut(heard))
            && !line.is_empty()
        {
            let known = failure.reason.chars().count();
            let separator = if known == 0 { "" } else { " " };
            let more = separator.chars().chain(line.trim().chars());
            failure.reason.extend(more.take(REASON_LENGTH.saturating_sub(known)));
        }
    }
}

impl Output {
    fn read(&mut self, line: &str) {
        let line = line.trim_end();
        let words = line.trim_start();
        if !words.is_empty() {
            words.clone_into(&mut self.last);
        }
        if let Some(program) = self.programs.last_mut().filter(|program| program.is_telling) {
            program.hear(line);
        }
        if is_program(line) {
            self.programs.push(Program::default());
        } else if line.starts_with("test result: ok") {
            if let Some(program) = self.programs.last_mut() {
                program.is_good = true;
            }
        } else if line == "failures:" {
            if let Some(program) = self.programs.last_mut() {
                program.is_telling = true;
            }
        } else if let Some(name) = failed_test(line) {
            if let Some(program) = self.programs.last_mut().filter(|program| !program.is_telling) {
                let name = name.to_owned();
                program.failed.push(Failure { name, reason: String::new() });
            }
        } else if let Some(again) = rerun(words) {
            self.again.push(again.to_owned());
        } else if line.starts_with("missing: ") && line.ends_with("are ignored") {
            self.is_missing_something = true;
        } else if line.starts_with(SKIPPED) {
            self.skipped += 1;
        } else if (line.starts_with(FAILED) || line.starts_with(REASON))
            && !self.handed_on.iter().any(|known| known == line)
        {
            self.handed_on.push(line.to_owned());
        }
    }

    fn report(self, environment: &str) -> Report {
        let mut failed = self.handed_on;
        // A task that this one ran has told of them, and knows better how each is run alone.
        let told = failed.clone();
        let is_told =
            |name: &str| told.iter().any(|line| line.starts_with(&format!("{FAILED}{name}; alone: ")));
        let programs = self.programs.iter().filter(|program| !program.is_good);
        for (program, again) in programs.zip(&self.again) {
            let alone = format!("{environment}cargo test {again}");
            // A program that crashed has told of none.
            if program.failed.is_empty() && told.is_empty() {
                failed.push(format!("{FAILED}all of a program; alone: {alone}"));
            }
            for Failure { name, reason, .. } in
                program.failed.iter().filter(|failure| !is_told(&failure.name))
            {
                failed.push(format!("{FAILED}{name}; alone: {alone} -- --exact '{name}'"));
                if !reason.is_empty() {
                    failed.push(format!("{REASON}{reason}"));
                }
            }
        }
        Report { is_missing_something: self.is_missing_something, skipped: self.skipped, failed }
    }
}

/// Whether cargo says with this line that it runs a test program, and has built all of them.
pub(crate) fn is_program(line: &str) -> bool {
    let words = line.trim_start();
    words.starts_with("Running ") || words.starts_with("Doc-tests ")
}

/// `test the::name ... FAILED`, of libtest and of libtest-mimic, which aligns the dots.
fn failed_test(line: &str) -> Option<&str> {
    Some(without(" - should panic", line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?.trim_end()))
}

/// `---- the::name ----`, of libtest-mimic, and `---- the::name stdout ----`, of libtest: what follows was said by this test.
fn section(line: &str) -> Option<&str> {
    let name = line.strip_prefix("---- ")?.strip_suffix(" ----")?;
    Some(without(" - should panic", without(" stdout", name)))
}

fn without<'a>(end: &str, name: &'a str) -> &'a str {
    name.strip_suffix(end).unwrap_or(name)
}

/// "error: test failed, to rerun pass `-p a --test b`", and with `--no-fail-fast` a list of these.
fn rerun(line: &str) -> Option<&str> {
    let again = line.split_once("to rerun pass ").map_or(line, |(_, again)| again);
    again.strip_prefix('`')?.strip_suffix('`').filter(|again| again.starts_with("-p "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Report {
        let mut output = Output::default();
        text.lines().for_each(|line| output.read(line));
        output.report("NETSESSION_BIN='/a/b' ")
    }

    #[test]
    fn each_failed_test_is_named_with_its_program() {
        let text = "     Running tests/samba/main.rs (target/debug/deps/samba-0a)\n\
            test levels::auto     ... ok\n\
            test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
            \x20    Running tests/wine/main.rs (target/debug/deps/wine-0b)\n\
            missing: wine (Debian package wine); the tests that need it are ignored\n\
            test memory::deadline ... FAILED\n\
            test memory::limits   ... FAILED\n\
            test result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n\
            error: test failed, to rerun pass `-p netsession-interop --test wine`\n\
            \x20    Running unittests src/lib.rs (target/debug/deps/netsession-0c)\n\
            error: test failed, to rerun pass `-p netsession --lib`\n\
            Caused by:\n";
        let report = report(text);
        assert!(report.is_missing_something);
        assert_eq!(
            report.failed,
            [
                "failed test: memory::deadline; alone: NETSESSION_BIN='/a/b' cargo test -p netsession-interop --test wine -- --exact 'memory::deadline'",
                "failed test: memory::limits; alone: NETSESSION_BIN='/a/b' cargo test -p netsession-interop --test wine -- --exact 'memory::limits'",
                "failed test: all of a program; alone: NETSESSION_BIN='/a/b' cargo test -p netsession --lib",
            ]
        );
    }

    #[test]
    fn failed_test_says_why() {
        let text = "     Running tests/samba/main.rs (target/debug/deps/samba-0a)\n\
            test a::b   ... FAILED\n\
            test a::cde ... FAILED\n\
            \nfailures:\n\n---- a::b ----\nnot 1 refusals:\n  \"none\"\n---- of another ----\n\
            \n---- a::cde stdout ----\n\nthread panicked\n\n\
            \nfailures:\n    a::b\n    a::cde\n\n\
            test result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n\
            error: test failed, to rerun pass `-p i --test samba`\n";
        let reasons = |text: &str| {
            let failed = report(text).failed;
            Vec::from_iter(failed.into_iter().filter_map(|line| Some(line.strip_prefix(REASON)?.to_owned())))
        };
        assert_eq!(reasons(text), ["not 1 refusals: \"none\" ---- of another ----", "thread panicked"]);
        let long = text.replace("panicked", &"é".repeat(REASON_LENGTH));
        assert_eq!(reasons(&long).last().unwrap().chars().count(), REASON_LENGTH);
    }

    #[test]
    fn nothing_is_said_of_what_passed() {
        let passed = report(
            "Running a\n\
             missing: recordings; the tests that need it are ignored, and no package brings it\n\
             test a ... ok\ntest result: ok. 1 passed; 0 failed; 3 ignored\n",
        );
        assert!(!passed.is_missing_something && passed.failed.is_empty());
    }

    #[test]
    fn lines_of_an_inner_task_are_handed_on_once() {
        let line = "failed test: a::b; alone: X='1' cargo test -p c -- --exact 'a::b'";
        let of_inner = format!(
            "     Running tests/c/main.rs (target/debug/deps/c-0a)\n\
            test a::b ... FAILED\n\nfailures:\n\
            error: test failed, to rerun pass `-p c --test c`\n{line}\ntable\n{line}\n"
        );
        assert_eq!(report(&of_inner).failed, [line]);
    }

    /// As the tests of the library that run under Wine do within one test.
    #[test]
    fn tests_within_a_test_are_not_named() {
        let text = "     Running tests/wine/main.rs (target/debug/deps/wine-0b)\n\
            test library::its_own_tests ... FAILED\n\
            \nfailures:\n\n---- library::its_own_tests ----\n\
            test backend::tests::inner ... FAILED\n\
            \nfailures:\n    library::its_own_tests\n\n\
            error: test failed, to rerun pass `-p i --test wine`\n";
        let alone = "NETSESSION_BIN='/a/b' cargo test -p i --test wine -- --exact 'library::its_own_tests'";
        assert_eq!(
            report(text).failed,
            [
                format!("failed test: library::its_own_tests; alone: {alone}"),
                "it said: test backend::tests::inner ... FAILED".to_owned(),
            ]
        );
    }

    #[test]
    fn program_that_waits_for_ever_is_ended() {
        let ended = |seconds: u64| {
            let mut waiting = Command::new("sh");
            waiting.args(["-c", "echo test a::b has been running for over 60 seconds; sleep 1000; true"]);
            let silence = Duration::from_secs(seconds);
            let (_, result) = try_run(&mut waiting, &mut Vec::new(), silence).unwrap();
            (seconds, result.unwrap_err().to_string())
        };
        // A machine so busy that the line does not come within the silence shows nothing, and tries a longer one.
        let has_begun = |(_, error): &(u64, String)| !error.ends_with("after \"\"");
        let (seconds, error) = [2, 8, 32].into_iter().map(ended).find(has_begun).unwrap();
        let last = "test a::b has been running for over 60 seconds";
        let end = format!("nothing was printed for {seconds}s, after {last:?}");
        assert!(error.ends_with(&end), "{error}");
    }

    #[test]
    fn skipped_tests_are_counted() {
        let mut shown = Vec::new();
        let skips =
            "echo 'skipped: a::b: no root' >&2; echo 'test a::b ... ok'; echo 'skipped: c::d: no root' >&2";
        let (_, result) = run_into(Command::new("sh").args(["-c", skips]), &mut shown);
        let shown = String::from_utf8(shown).unwrap();
        assert!(result.is_ok() && shown.contains("\ntests that were skipped: 2, "), "{shown}");
    }

    #[test]
    fn failing_program_ends_with_an_error_and_shows_its_output() {
        // Not where the tests themselves are shown: a run that fails would hand the line on.
        let run = |script: &str| {
            let mut shown = Vec::new();
            let (_, result) = run_into(Command::new("sh").args(["-c", script]), &mut shown);
            (String::from_utf8(shown).unwrap(), result)
        };
        let (shown, passed) = run("echo fine");
        assert!(passed.is_ok() && shown.ends_with("\nfine\n"), "{shown}");
        let (shown, failed) = run("echo 'failed test: x; alone: y' >&2; exit 3");
        assert!(shown.ends_with("\nfailed test: x; alone: y\n"), "{shown}");
        let error = failed.unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.ends_with("\nfailed test: x; alone: y"), "{error}");
    }
}
