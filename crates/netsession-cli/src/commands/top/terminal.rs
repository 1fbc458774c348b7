//! The terminal: taken for the whole screen, and given back whatever happens.

use std::fs::File;
use std::io::{self, BufWriter, Write};
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
    terminal: Terminal<CrosstermBackend<BufWriter<Output>>>,
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
        let terminal = terminal.context("cannot read the size of the terminal").inspect_err(|_| give_back())?;
        Ok(Self { terminal })
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
