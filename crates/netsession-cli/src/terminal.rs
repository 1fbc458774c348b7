//! What stdout is.

use std::env;
use std::io::{self, IsTerminal as _};

use crate::output::Look;

/// The terminal's width, and colour where it is wanted. In a pipe nothing is cut and nothing is coloured.
pub(crate) fn look() -> Look {
    if !io::stdout().is_terminal() {
        return Look::default();
    }
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| width.0);
    // A terminal without a size is one that nobody looks at, or a serial line.
    Look { width: Some(if width == 0 { 80 } else { width }), colour: wants_colour() && understands_colour() }
}

/// `NO_COLOR` set to anything, <https://no-color.org>, and terminals that cannot.
fn wants_colour() -> bool {
    let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    !no_colour && !dumb
}

#[cfg(not(windows))]
fn understands_colour() -> bool {
    true
}

/// Consoles of Windows 10 and later do when they are asked to.
#[cfg(windows)]
fn understands_colour() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(true)
}
