use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use netsession::Password;

use super::environment::PASSWORD;
use super::password::not_empty;
use super::prompt::Interrupted;
use super::secret_file;
use crate::process::EndSignal;

/// A person can type a PIN in it; a program that hangs does not hold up a night's run for ever.
const LIMIT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(10);

/// What a command prints, without one newline at its end. No shell is involved; the command may talk on stderr
/// and ask on the terminal.
pub(super) fn password_of(words: &[String]) -> Result<Password> {
    password_within(words, LIMIT)
}

fn password_within(words: &[String], limit: Duration) -> Result<Password> {
    let Some((program, arguments)) = words.split_first() else { bail!("password_command names no program") };
    let until = Instant::now().checked_add(limit).context("the limit is beyond all time")?;
    let mut child = Command::new(program)
        .args(arguments)
        // It is the password of another account, and /proc shows the environment of a process to its user.
        .env_remove(PASSWORD)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start password_command ({program})"))?;
    let what = || format!("password_command ({program})");
    let printed = child.stdout.take().context("it has no output").and_then(|stdout| output(stdout, until));
    let (text, status) = match printed.and_then(|text| Ok((text, end(&mut child, until)?))) {
        Ok(ended) => ended,
        Err(error) => {
            // It may have ended in the meantime.
            let _ = child.kill();
            let _ = child.wait();
            return Err(error).with_context(what);
        }
    };
    if is_interrupted(status) {
        return Err(Interrupted(EndSignal::Interrupt).into());
    }
    if !status.success() {
        bail!("{} failed: {status}", what());
    }
    not_empty(&text, &what())
}

/// All that it prints. A thread reads it, which ends with the pipe: a program left behind by the command may hold
/// that open.
fn output(mut stdout: impl Read + Send + 'static, until: Instant) -> Result<zeroize::Zeroizing<String>> {
    let (sender, receiver) = mpsc::channel();
    let reads = move || sender.send(secret_file::read_text(&mut stdout));
    thread::Builder::new().spawn(reads).context("no thread to read what it prints")?;
    match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(text) => text,
        Err(_) => bail!("it did not end in time"),
    }
}

fn end(child: &mut Child, until: Instant) -> Result<ExitStatus> {
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status),
            None if Instant::now() < until => thread::sleep(POLL),
            None => bail!("it did not end in time"),
        }
    }
}

/// Ctrl-C goes to the command as well.
#[cfg(unix)]
fn is_interrupted(status: ExitStatus) -> bool {
    const SIGINT: i32 = 2;
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGINT)
}

#[cfg(not(unix))]
fn is_interrupted(_: ExitStatus) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The password, or the error.
    fn of(script: &str, limit: Duration) -> Result<String, String> {
        let words = ["/bin/sh", "-c", script].map(str::to_owned);
        match password_within(&words, limit) {
            Ok(password) => Ok(password.expose().to_owned()),
            Err(error) => Err(format!("{error:#}")),
        }
    }

    #[test]
    fn one_newline_is_cut() {
        assert_eq!(of("printf ' hunter2 \\n\\n'", LIMIT).unwrap(), " hunter2 \n");
        assert_eq!(of("printf hunter2", LIMIT).unwrap(), "hunter2");
    }

    #[test]
    fn output_that_is_no_password_is_refused() {
        for (script, expected) in [
            ("", "the password from password_command (/bin/sh) is empty"),
            ("echo", "the password from password_command (/bin/sh) is empty"),
            ("printf '\\377'", "password_command (/bin/sh): it is not UTF-8"),
            ("yes hunter2", "password_command (/bin/sh): it has more than 64 KiB: that is no password"),
            ("echo hunter2; exit 3", "password_command (/bin/sh) failed: exit status: 3"),
            // A shell started in the background ignores the signal, and cannot undo that: Perl can.
            (r#"echo hunter2; exec perl -e '$SIG{INT} = "DEFAULT"; kill INT => $$'"#, "interrupted"),
        ] {
            assert_eq!(of(script, LIMIT), Err(expected.to_owned()), "{script}");
        }
    }

    #[test]
    fn one_that_does_not_end_is_ended() {
        let begin = Instant::now();
        for script in ["echo hunter2; exec sleep 60", "echo hunter2; exec >&-; exec sleep 60"] {
            let said = "password_command (/bin/sh): it did not end in time".to_owned();
            assert_eq!(of(script, Duration::from_millis(300)), Err(said), "{script}");
        }
        assert!(begin.elapsed() < Duration::from_secs(30));
    }
}
