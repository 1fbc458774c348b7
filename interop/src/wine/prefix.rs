use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::process::{self, ProgramOutput};

/// The compiler for the doubles and for what asks the service manager.
const COMPILER: &str = "x86_64-w64-mingw32-gcc";
/// The double of `netapi32.dll`, and randomness, without which a Rust program does not start in Wine 8.
const LIBRARIES: [(&str, &str, &[&str]); 2] = [
    ("netapi32.dll", include_str!("../../wine/netapi32.c"), &[]),
    ("bcryptprimitives.dll", include_str!("../../wine/bcryptprimitives.c"), &["-ladvapi32"]),
];
/// What the service manager is asked with.
const SERVICE: (&str, &str) = ("service.exe", include_str!("../../wine/service.c"));

/// A Windows of the tests' own. Everything of it ends when this is dropped.
#[derive(Debug)]
pub struct Prefix {
    folder: TempDir,
}

impl Prefix {
    /// Makes it, with the doubles in its `system32`: five seconds.
    pub fn create() -> Result<Self> {
        let prefix = Self { folder: tempfile::Builder::new().prefix("netsession-wine-").tempdir()? };
        let doubles = prefix.folder.path().join("doubles");
        fs::create_dir(&doubles)?;
        for (name, source, more) in LIBRARIES {
            compile(source, &doubles.join(name), &[&["-shared"], more].concat())?;
        }
        compile(SERVICE.1, &doubles.join(SERVICE.0), &["-municode"])?;
        // Without the overrides of the tests: there is no double yet. No menus, no .NET, no browser.
        let mut boot = prefix.wine();
        boot.args(["wineboot", "-i"]).env("WINEDLLOVERRIDES", "winemenubuilder.exe,mscoree,mshtml=");
        let code = process::run_silently(&mut boot, process::PATIENCE)?;
        let system32 = prefix.folder.path().join("drive_c/windows/system32");
        ensure!(code == Some(0) && system32.exists(), "wineboot: exit code {code:?}");
        for (name, ..) in LIBRARIES {
            fs::copy(doubles.join(name), system32.join(name))?;
        }
        fs::copy(doubles.join(SERVICE.0), system32.join(SERVICE.0))?;
        // Milliseconds in which a service must tell the manager that it has started: 10 s by default, too few where the
        // machine is busy. The manager reads it when it starts.
        let control = r"HKLM\System\CurrentControlSet\Control";
        let reg = ["reg", "add", control, "/v", "ServicesPipeTimeout", "/t", "REG_SZ", "/d", "120000", "/f"];
        let set = process::run_silently(prefix.wine().args(reg), process::PATIENCE)?;
        ensure!(set == Some(0), "reg add: exit code {set:?}");
        // The first program starts Windows' services, which wineboot has ended; tests that begin during that are
        // sometimes ended by it. The server of the prefix stays until the end.
        prefix.server("-w")?;
        prefix.server("-p")?;
        let first = process::run_silently(prefix.wine().args(["cmd", "/c", "exit 0"]), process::PATIENCE)?;
        ensure!(first == Some(0), "the first program in the prefix: exit code {first:?}");
        Ok(prefix)
    }

    /// Tells the server of this prefix, and of no other.
    fn server(&self, what: &str) -> Result<()> {
        let server = find("wineserver").context("no wineserver")?;
        let mut command = Command::new(server);
        process::run_silently(command.arg(what).env("WINEPREFIX", self.folder.path()), process::PATIENCE)?;
        Ok(())
    }

    /// A program for Windows, to be run with the doubles, in an environment that says nothing.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = self.wine();
        command.arg(program).env("WINEDLLOVERRIDES", "netapi32=n");
        command
    }

    /// Where this path of drive `C:` is, such as `ProgramData\netsession`.
    pub fn path(&self, on_c: &str) -> PathBuf {
        self.folder.path().join("drive_c").join(on_c.replace('\\', "/"))
    }

    /// Runs a line as `cmd.exe` does, to its end.
    pub fn cmd(&self, line: &str) -> Result<ProgramOutput> {
        // From a file: on the way to `cmd /c` Wine quotes once more what the line has quoted.
        let script = self.folder.path().join("drive_c").join(format!("{}.bat", fastrand::u64(..)));
        fs::write(&script, format!("@{line}\r\n"))?;
        let name = format!("C:\\{}", script.file_name().unwrap_or_default().to_string_lossy());
        let outcome = process::run(self.wine().args(["cmd", "/c", &name]), process::PATIENCE);
        fs::remove_file(script)?;
        outcome
    }

    fn wine(&self) -> Command {
        let mut command = Command::new(find("wine").unwrap_or_else(|| "wine".into()));
        command.env_clear().env("WINEPREFIX", self.folder.path()).env("WINEDEBUG", "-all");
        command.env("PATH", path()).env("HOME", self.folder.path()).env("LC_ALL", "C.UTF-8");
        command
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        let _ = self.server("-k");
    }
}

/// A program, also where Debian keeps the parts of Wine.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let folders = path();
    folders.split(':').map(|folder| Path::new(folder).join(program)).find(|path| path.exists())
}

fn path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/lib/wine:/usr/lib/x86_64-linux-gnu/wine")
}

fn compile(source: &str, product: &Path, more: &[&str]) -> Result<()> {
    let file = product.with_extension("c");
    fs::write(&file, source)?;
    let mut compiler = Command::new(COMPILER);
    compiler.args(["-O2", "-Wall", "-Wextra", "-Werror", "-o"]).arg(product).arg(file).args(more);
    let outcome = process::run(&mut compiler, process::PATIENCE)?;
    ensure!(outcome.code == Some(0), "{COMPILER}: {outcome:?}");
    Ok(())
}

/// Runs a command in a terminal (util-linux `script`), and gives what was shown there.
pub(super) fn in_terminal(command: &Command, prompt: &str, typed: &str, limit: Duration) -> Result<String> {
    let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let line = words.map(quoted).collect::<Vec<_>>().join(" ");
    let mut script = Command::new("script");
    // `-E never`: the terminal's own echo is what is to be tested, not one that script adds.
    script.args(["-q", "-e", "-E", "never", "-c", &line, "/dev/null"]);
    script.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    script.env("TERM", "xterm-256color").env("COLUMNS", "150").env("LINES", "50");
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            script.env(name, value);
        }
    }
    let mut child = script.spawn().context("cannot start script")?;
    let mut keyboard = child.stdin.take().context("no keyboard")?;
    let mut screen = child.stdout.take().context("no screen")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count) = screen.read(&mut bytes) {
            if count == 0 || sender.send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let (begin, mut shown, mut is_typed) = (Instant::now(), Vec::new(), typed.is_empty());
    loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok(bytes) => shown.extend(bytes),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if !is_typed && String::from_utf8_lossy(&shown).contains(prompt) {
            // The prompt stands there a moment before the echo is switched off.
            thread::sleep(Duration::from_millis(500));
            keyboard.write_all(typed.as_bytes())?;
            is_typed = true;
        }
        if begin.elapsed() > limit {
            child.kill()?;
            break;
        }
    }
    child.wait()?;
    let shown = String::from_utf8_lossy(&shown).into_owned();
    ensure!(begin.elapsed() <= limit, "still running after {limit:?}: {shown}");
    ensure!(is_typed, "no {prompt:?} in {shown:?}");
    Ok(shown)
}
