//! The question before something is closed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::palette::Palette;
use super::put;
use crate::text::fit;

/// What will be closed, whole: lines that have no room leave from the middle, never the question itself.
pub(super) fn question(text: &str, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let mut lines = wrapped(text, area);
    lines.push(String::new());
    lines.push("y closes, any other key leaves it.".to_owned());
    frame(&lines, palette, area, buffer);
}

/// While the server is asked.
pub(super) fn wait(text: &str, palette: Palette, area: Rect, buffer: &mut Buffer) {
    frame(&wrapped(text, area), palette, area, buffer);
}

fn wrapped(text: &str, area: Rect) -> Vec<String> {
    let width = usize::from(inner_width(area));
    text.lines().flat_map(|line| fit::wrapped(line, width)).collect()
}

fn inner_width(area: Rect) -> u16 {
    area.width.saturating_sub(4).clamp(1, 72)
}

fn frame(lines: &[String], palette: Palette, area: Rect, buffer: &mut Buffer) {
    let widest = lines.iter().map(|line| put::columns(line)).max().unwrap_or_default();
    let width = widest.min(inner_width(area)).saturating_add(4).min(area.width);
    let all = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = all.saturating_add(2).min(area.height);
    let shown = height.saturating_sub(2);
    let x = area.x.saturating_add(area.width.saturating_sub(width) / 2);
    let y = area.y.saturating_add(area.height.saturating_sub(height) / 2);
    let frame = Rect { x, y, width, height };
    put::blank(buffer, frame, palette.header());
    let edge = "─".repeat(width.saturating_sub(2).into());
    put::text(buffer, x, y, width, &format!("┌{edge}┐"), palette.header());
    // The end has the question.
    let hidden = usize::from(all.saturating_sub(shown));
    let keep = usize::from(shown).saturating_sub(2).max(1);
    let seen = lines
        .iter()
        .enumerate()
        .filter(|(index, _)| hidden == 0 || *index < keep || *index >= keep.saturating_add(hidden));
    for ((_, line), line_y) in seen.zip(y.saturating_add(1)..frame.bottom().saturating_sub(1)) {
        put::text(buffer, x, line_y, 1, "│", palette.header());
        let room = width.saturating_sub(4);
        put::text(buffer, x.saturating_add(2), line_y, room, line, palette.header());
        put::text(buffer, frame.right().saturating_sub(1), line_y, 1, "│", palette.header());
    }
    put::text(buffer, x, frame.bottom().saturating_sub(1), width, &format!("└{edge}┘"), palette.header());
}
