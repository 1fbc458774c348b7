//! What stdout is.

use std::env;
use std::io::{self, IsTerminal as _};

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

/// `NO_COLOR` set to anything, <https://no-color.org>, and terminals without colour switch it off.
fn wants_colour() -> bool {
    let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    !no_colour && !dumb
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
