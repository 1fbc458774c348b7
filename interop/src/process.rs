//! Running a program to its end, but not for ever.

use std::fmt;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What a program left behind.
pub struct Outcome {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    /// Data.
    pub stdout: Vec<u8>,
    /// Talk.
    pub stderr: String,
    /// From before the start to after the end.
    pub elapsed: Duration,
}

impl fmt::Debug for Outcome {
    /// As a failed test shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.stdout);
        let start: String = text.chars().take(600).collect();
        write!(
            f,
            "exit code {:?} after {:?}\nstdout: {start}\nstderr: {}",
            self.code, self.elapsed, self.stderr
        )
    }
}

/// Runs `command` with an empty standard input. One that is still running after `limit` is killed, and an error.
pub fn run(command: &mut Command, limit: Duration) -> Result<Outcome> {
    let start = Instant::now();
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let code = wait(&mut child, start, limit).with_context(|| format!("running {name}"))?;
    let elapsed = start.elapsed();
    let stdout = stdout.join().unwrap_or_default();
    let stderr = String::from_utf8_lossy(&stderr.join().unwrap_or_default()).into_owned();
    Ok(Outcome { code, stdout, stderr, elapsed })
}

/// The same of one that leaves others behind, which would hold on to its output: without any output.
pub(crate) fn run_silently(command: &mut Command, limit: Duration) -> Result<Option<i32>> {
    let start = Instant::now();
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    wait(&mut child, start, limit).with_context(|| format!("running {name}"))
}

/// Ends a script that holds a server in a namespace of its own, and removes its folder.
pub(crate) fn end_script(child: &mut Child, dir: &Path) {
    // The script ends with its standard input, and everything in its namespace ends with it.
    drop(child.stdin.take());
    let _ = child.wait();
    // Only left when the script did not come to its end.
    if dir.exists() {
        let _ = fs::remove_dir_all(dir);
    }
}

fn wait(child: &mut Child, start: Instant, limit: Duration) -> Result<Option<i32>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("still running after {limit:?}, killed");
        }
        thread::sleep(Duration::from_millis(3));
    }
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}
