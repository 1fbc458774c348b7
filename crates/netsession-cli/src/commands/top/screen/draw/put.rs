//! Texts on a line of the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::{escaped, fit};

/// Writes a text, escaped and cut to the width, and gives the column behind it back.
pub(super) fn text(buffer: &mut Buffer, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
    let shown = escaped(text);
    let shown = fit::cut(&shown, width.into());
    buffer.set_stringn(x, y, &*shown, width.into(), style).0
}

/// The same at the right end of the width.
pub(super) fn right(buffer: &mut Buffer, x: u16, y: u16, width: u16, content: &str, style: Style) {
    let used = columns(content).min(width);
    text(buffer, x.saturating_add(width.saturating_sub(used)), y, width, content, style);
}

/// Fills a part of the screen with blanks in this style.
pub(super) fn blank(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        buffer.set_stringn(area.x, y, " ".repeat(area.width.into()), area.width.into(), Style::reset());
        buffer.set_style(Rect { y, height: 1, ..area }, style);
    }
}

/// The width of a text as it is shown.
pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(fit::width(&escaped(text))).unwrap_or(u16::MAX)
}
