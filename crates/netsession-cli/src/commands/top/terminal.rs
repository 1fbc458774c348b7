//! The terminal: taken for the whole screen, and given back whatever happens.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};
use ratatui::{Frame, Terminal};

/// Whether the terminal is taken now. For the panic hook, which any thread may run.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is taken. Gives it back when dropped; a panic gives it back before its message.
pub(super) struct WholeScreen {
    // Its own drop would show the cursor, and say on stderr where it cannot: that is the same terminal, and where it is gone,
    // a panic.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Output>>>>,
}

#[cfg(unix)]
type Output = File;
/// It converts to UTF-16, which a file does not.
#[cfg(windows)]
type Output = io::Stdout;

impl WholeScreen {
    pub(super) fn take() -> Result<Self> {
        give_back_on_panic();
        take().context("cannot take the terminal")?;
        // A frame is one write: half of one is never seen.
        let writer = BufWriter::with_capacity(64 << 10, output().context("cannot write to the terminal")?);
        let terminal = Terminal::new(CrosstermBackend::new(writer));
        let terminal =
            terminal.context("cannot read the size of the terminal").inspect_err(|_| give_back())?;
        Ok(Self { terminal: ManuallyDrop::new(terminal) })
    }

    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> Result<()> {
        self.terminal.draw(draw).context("cannot write to the terminal")?;
        Ok(())
    }

    /// Everything is drawn again: what was on the screen is not known.
    pub(super) fn clear(&mut self) -> Result<()> {
        take().context("cannot take the terminal")?;
        // `Terminal::clear` asks the terminal for the cursor, and the thread that reads keys has the answer.
        let size = self.terminal.size().context("cannot read the size of the terminal")?;
        self.terminal.resize(size.into()).context("cannot write to the terminal")
    }

    /// Gives the terminal back for as long as the shell has it.
    #[cfg(unix)]
    pub(super) fn suspend(&mut self) {
        give_back();
        // As the terminal itself does on Ctrl-Z: the whole group, with the signal that has no effect where no shell would
        // continue it.
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
    }
}

impl Drop for WholeScreen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    IS_TAKEN.store(true, Ordering::SeqCst);
    execute!(output()?, EnterAlternateScreen, EnableMouseCapture, cursor::Hide).inspect_err(|_| give_back())
}

/// Once, however often it is called.
fn give_back() {
    if !IS_TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // Where the terminal is gone there is nothing to put right.
    if let Ok(mut output) = raw_output() {
        let _ = execute!(output, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
        let _ = output.flush();
    }
    let _ = disable_raw_mode();
}

/// The message of a panic would be lost with the screen; and the program of a release ends there, without drops.
fn give_back_on_panic() {
    let next = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        give_back();
        next(info);
    }));
}

#[cfg(unix)]
fn output() -> io::Result<Output> {
    raw_output()
}

#[cfg(windows)]
fn output() -> io::Result<Output> {
    Ok(io::stdout())
}

/// Not through `io::stdout()`: the main thread holds its lock while the command runs, and a panic of another thread would
/// wait for it.
#[cfg(unix)]
fn raw_output() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn raw_output() -> io::Result<File> {
    File::options().write(true).open("CONOUT$")
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::File;
    use std::io::Read as _;
    use std::process::Command;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{LocalModes, tcgetattr};

    use super::*;

    /// In a process of its own, on a terminal of its own: see the next test.
    #[test]
    #[ignore = "it panics"]
    fn panics_while_it_has_the_screen() {
        let _screen = WholeScreen::take().unwrap();
        // From another thread: none of its drops gives the terminal back.
        let panics = std::thread::spawn(|| panic!("on purpose"));
        let _ = panics.join();
        std::process::exit(101);
    }

    /// In a process of its own, whose terminal goes: see the next test.
    #[test]
    #[ignore = "it waits for its terminal to go"]
    fn has_the_screen_until_the_terminal_is_gone() {
        let mut screen = WholeScreen::take().unwrap();
        screen.draw(|_| ()).unwrap();
        while rustix::io::read(io::stdin(), &mut [0; 16]).is_ok_and(|read| read > 0) {}
        drop(screen);
        std::process::exit(7);
    }

    #[test]
    fn terminal_that_is_gone_is_no_panic() {
        let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&user).unwrap();
        unlockpt(&user).unwrap();
        let name = ptsname(&user, Vec::new()).unwrap();
        let open = || File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--ignored", "--nocapture", "--test-threads=1"]);
        child.arg("commands::top::terminal::tests::has_the_screen_until_the_terminal_is_gone");
        let mut child = child.stdin(open()).stdout(open()).stderr(open()).spawn().unwrap();
        let (mut user, mut seen) = (File::from(user), String::new());
        // The cursor is hidden once by the screen, and once by a frame.
        while seen.matches("\u{1b}[?25l").count() < 2 {
            let mut bytes = [0; 4096];
            let read = user.read(&mut bytes).unwrap();
            seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
        drop(user);
        assert_eq!(child.wait().unwrap().code(), Some(7));
    }

    #[test]
    fn panic_gives_the_terminal_back_before_its_message() {
        let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&user).unwrap();
        unlockpt(&user).unwrap();
        let name = ptsname(&user, Vec::new()).unwrap();
        let terminal = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let before = tcgetattr(&terminal).unwrap();
        let end = || terminal.try_clone().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--ignored", "--nocapture", "--test-threads=1"]);
        child.arg("commands::top::terminal::tests::panics_while_it_has_the_screen");
        let mut child = child.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(101));
        let after = tcgetattr(&terminal).unwrap();
        assert_eq!(after.local_modes, before.local_modes);
        assert!(after.local_modes.contains(LocalModes::ECHO | LocalModes::ICANON));
        // What is written is there already; an end marks it.
        rustix::io::write(&terminal, b"THE END").unwrap();
        let (mut user, mut seen) = (File::from(user), String::new());
        while !seen.contains("THE END") {
            let mut bytes = [0; 4096];
            let read = user.read(&mut bytes).unwrap();
            seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
        let (screen, message) = (seen.find("\u{1b}[?1049l").unwrap(), seen.find("on purpose").unwrap());
        assert!(screen < message, "{seen:?}");
        assert!(seen.contains("\u{1b}[?25h") && seen.contains("\u{1b}[?1000l"), "cursor and mouse: {seen:?}");
    }
}
