//! The lines below the table: the whole of the row under the cursor, and keys or a message.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::keys::Mode;
use super::super::state::Screen;
use super::super::view::View;
use super::lines::Lines;
use super::put;
use crate::text::{escaped, fit};

pub(super) fn draw(screen: &Screen, lines: &Lines, buffer: &mut Buffer) {
    detail(screen, lines.detail, buffer);
    keys(screen, lines, buffer);
}

fn detail(screen: &Screen, area: Rect, buffer: &mut Buffer) {
    let Some(item) = screen.current().filter(|_| !area.is_empty()) else { return };
    let width = usize::from(area.width);
    paragraph(&fit::wrapped(&escaped(&item.detail()), width), area, screen.palette.dim(), buffer);
}

/// These lines; what has no room is cut with `…`.
fn paragraph(lines: &[String], area: Rect, style: Style, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    for (index, y) in (area.top()..area.bottom()).enumerate() {
        let Some(line) = lines.get(index) else { break };
        let next = lines.get(index.saturating_add(1)).filter(|_| y.saturating_add(1) == area.bottom());
        // With the beginning of the line that has no room it is too long, and is cut.
        let shown = match next {
            Some(next) => fit::cut(&format!("{line} {next}"), width).into_owned(),
            None => line.clone(),
        };
        buffer.set_stringn(area.x, y, shown, width, style);
    }
}

/// In place of the keys, and of the details as far as it needs their lines.
fn message(screen: &Screen, text: &str, lines: &Lines, buffer: &mut Buffer) {
    let room = lines.keys.height.saturating_add(lines.detail.height);
    let wrapped = fit::wrapped(&escaped(text), lines.keys.width.into());
    let height = u16::try_from(wrapped.len()).unwrap_or(u16::MAX).min(room);
    let area = Rect { y: lines.keys.bottom().saturating_sub(height), height, ..lines.keys };
    put::blank(buffer, area, Style::new());
    paragraph(&wrapped, area, screen.palette.notice(), buffer);
}

fn keys(screen: &Screen, lines: &Lines, buffer: &mut Buffer) {
    let line = lines.keys;
    if line.is_empty() {
        return;
    }
    if let Some(text) = &screen.message {
        message(screen, text, lines, buffer);
        return;
    }
    let mut x = line.x;
    for (key, what) in hints(screen) {
        let width = put::columns(key).saturating_add(1).saturating_add(put::columns(what));
        if x.saturating_add(width) > line.right() {
            break;
        }
        x = put::text(buffer, x, line.y, width, key, screen.palette.key()).saturating_add(1);
        x = put::text(buffer, x, line.y, width, what, screen.palette.dim()).saturating_add(2);
    }
}

/// The keys of this moment, the most useful first.
fn hints(screen: &Screen) -> Vec<(&'static str, &'static str)> {
    match screen.mode() {
        Mode::Filter => vec![("Enter", "keep"), ("Esc", "clear")],
        Mode::Question => vec![("y", "close"), ("other keys", "leave it")],
        Mode::Closing => vec![("Esc", "leave it")],
        // It says them itself.
        Mode::Notice => Vec::new(),
        Mode::Rows | Mode::Help => {
            let mut keys = vec![("?", "keys"), ("q", "quit")];
            if !screen.places_before.is_empty() || !screen.place.filter.is_empty() {
                keys.push(("Esc", "back"));
            }
            keys.push(("/", "filter"));
            keys.push((
                "Enter",
                match (screen.place.view, screen.place.grouping) {
                    (View::Sessions, None) => "files",
                    (View::Files, Some(_)) => "files",
                    (View::Files | View::Servers | View::Changes, None)
                    | (View::Sessions | View::Servers | View::Changes, Some(_)) => "sessions",
                },
            ));
            keys.push(("s", "sort"));
            keys.push(("Space", if screen.is_paused { "go on" } else { "pause" }));
            let can_close = matches!(screen.place.view, View::Sessions | View::Files);
            if screen.may_close && can_close && screen.place.grouping.is_none() {
                keys.push(("x", "close"));
            }
            keys.extend([("+ -", "interval"), ("u c", "group"), ("o", "own"), ("r", "refresh")]);
            keys
        }
    }
}
