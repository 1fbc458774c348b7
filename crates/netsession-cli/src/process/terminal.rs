//! What stdout is, and how to talk beside it.

use std::env;
use std::io::{self, IsTerminal as _, Write};

/// How stdout wants to be written to. The default is a pipe: nothing is cut and nothing is coloured.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terminal {
    /// Columns of the terminal; `None` where nothing is to be cut.
    pub(crate) width: Option<u16>,
    pub(crate) colour: bool,
}

impl Terminal {
    /// The terminal that stdout is, with its width, and with colour where it is wanted.
    pub(crate) fn detect() -> Self {
        if !io::stdout().is_terminal() {
            return Self::default();
        }
        // A serial line and a terminal in a pipeline report no size, or a width of 0.
        let width = terminal_size::terminal_size().map_or(80, |(width, _)| width.0);
        let width = if width == 0 { 80 } else { width };
        Self { width: Some(width), colour: wants_colour() && understands_colour() }
    }
}

/// Whether nothing reads stdout any more. A write finds it too, but where nothing is to be written none is made.
#[cfg(unix)]
pub(crate) fn reader_has_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdout = io::stdout();
    // No events: errors are always among those that are found. Linux says ERR of a pipe without a reader, macOS HUP.
    let mut stdout = [PollFd::new(&stdout, PollFlags::empty())];
    poll(&mut stdout, Some(&Timespec::default())).is_ok()
        && stdout.iter().any(|stdout| stdout.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}

/// Pipes of Windows tell a writer nothing before it writes.
#[cfg(not(unix))]
pub(crate) fn reader_has_gone() -> bool {
    false
}

/// Writes talk to stderr. Where stderr cannot be written to, there is no other place.
pub(crate) fn say(err: &mut dyn Write, text: &str) {
    let _: io::Result<()> = err.write_all(text.as_bytes());
}

/// `NO_COLOR` set to anything, <https://no-color.org>, and terminals without colour switch it off.
fn wants_colour() -> bool {
    let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !no_colour && !is_dumb()
}

/// Whether the terminal shows lines and nothing else: no colour, and no cursor that can be moved.
pub(crate) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

#[cfg(not(windows))]
fn understands_colour() -> bool {
    true
}

/// Consoles of Windows 10 and later understand colour once the mode is set.
#[cfg(windows)]
fn understands_colour() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(true)
}
