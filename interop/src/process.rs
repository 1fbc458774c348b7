//! Running a program to its end, but not for ever.

use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use wait_timeout::ChildExt;

/// How long a program may take to end, or a server to be ready. Each takes seconds; on a machine that many programs share,
/// a domain alone takes two minutes to be made.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// Where a program of this workspace is: as `variable` says, else beside the tests in the target folder.
pub(crate) fn built(variable: &str, name: &str, package: &str) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    // target/PROFILE/deps/samba-HASH, or target/PROFILE/demo
    let me = std::env::current_exe()?;
    let found = me.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|path| path.exists());
    found.with_context(|| format!("{name} is not built: cargo build -p {package}"))
}

/// The target folder that this program is in.
pub(crate) fn target() -> Result<PathBuf> {
    let me = std::env::current_exe()?;
    let profile = me.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
    Ok(profile.and_then(Path::parent).context("not in a target folder")?.to_owned())
}

/// What a program left behind.
pub struct ProgramOutput {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    /// Data.
    pub stdout: Vec<u8>,
    /// Talk.
    pub stderr: String,
    /// From before the start to after the end.
    pub elapsed: Duration,
}

impl fmt::Debug for ProgramOutput {
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
pub fn run(command: &mut Command, limit: Duration) -> Result<ProgramOutput> {
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
    Ok(ProgramOutput { code, stdout, stderr, elapsed })
}

/// The same of one that leaves others behind, which would hold on to its output: without any output.
pub(crate) fn run_silently(command: &mut Command, limit: Duration) -> Result<Option<i32>> {
    let start = Instant::now();
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    wait(&mut child, start, limit).with_context(|| format!("running {name}"))
}

/// Waits until a program is as far as `is_ready` says, with `log` for the error if it ends or takes longer than [`PATIENCE`].
pub(crate) fn wait_until_ready(
    child: &mut Child,
    mut is_ready: impl FnMut() -> bool,
    log: impl Fn() -> String,
) -> Result<()> {
    let start = Instant::now();
    while !is_ready() {
        if let Some(status) = child.try_wait()? {
            bail!("it ended before it was ready ({status}): {}", log());
        }
        ensure!(start.elapsed() < PATIENCE, "it is not ready after {PATIENCE:?}: {}", log());
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// What a process has in memory now.
pub(crate) fn resident_kib(process: u32) -> Result<usize> {
    status_kib(process, "VmRSS:")
}

/// The most that it has had.
pub(crate) fn peak_kib(process: u32) -> Result<usize> {
    status_kib(process, "VmHWM:")
}

/// Processor time of a process and all below it, with that of children that have ended. In hundredths of a second.
pub(crate) fn cpu_of_tree(root: u32) -> Result<Duration> {
    const TICK: Duration = Duration::from_millis(10);
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // It may have ended meanwhile.
        let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
        // The name of the program is in parentheses, and may contain spaces.
        let fields = stat.rsplit_once(") ").context("no stat")?.1;
        let numbers: Vec<u32> = fields.split(' ').map(|field| field.parse().unwrap_or_default()).collect();
        let [_, parent, ..] = numbers[..] else { bail!("a short stat: {stat}") };
        // utime, stime, cutime and cstime.
        let ticks: u32 = numbers.iter().skip(11).take(4).sum();
        processes.push((id, parent, ticks));
    }
    let (mut tree, mut ticks, mut at) = (vec![root], 0, 0);
    while let Some(&of) = tree.get(at) {
        at += 1;
        tree.extend(processes.iter().filter(|(_, parent, _)| *parent == of).map(|(id, ..)| *id));
        ticks += processes.iter().find(|(id, ..)| *id == of).map_or(0, |(.., ticks)| *ticks);
    }
    Ok(TICK * ticks)
}

fn status_kib(process: u32, name: &str) -> Result<usize> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line =
        status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Also the folders that only root has on the PATH.
pub(crate) fn path_with_sbin() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/sbin")
}

fn wait(child: &mut Child, start: Instant, limit: Duration) -> Result<Option<i32>> {
    if let Some(status) = child.wait_timeout(limit.saturating_sub(start.elapsed()))? {
        return Ok(status.code());
    }
    child.kill()?;
    child.wait()?;
    bail!("still running after {limit:?}, killed")
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
