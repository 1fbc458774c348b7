//! What stands over the rows: the question before something is closed, and what went wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::dialog::Notice;
use super::super::palette::Palette;
use super::put;
use crate::text::{escaped, fit};

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

/// What went wrong, whole: what has no room comes into sight with the arrow keys.
pub(super) fn notice(notice: &mut Notice, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let mut body: Vec<String> = Vec::new();
    for paragraph in &notice.paragraphs {
        if !body.is_empty() {
            body.push(String::new());
        }
        body.extend(wrapped(&escaped(paragraph), area));
    }
    // Within the frame there is the line of keys, too, with a blank one above it where that has room.
    let room = usize::from(area.height).saturating_sub(3).max(1);
    let has_blank = body.len() < room;
    notice.hidden = body.len().saturating_sub(room);
    notice.first = notice.first.min(notice.hidden);
    let keys =
        if notice.hidden == 0 { "Any key closes this." } else { "Up, Down: more; other keys close it." };
    let widest = body.iter().map(|line| put::columns(line)).max().unwrap_or_default();
    let mut lines: Vec<String> = body.into_iter().skip(notice.first).take(room).collect();
    lines.extend(has_blank.then(String::new));
    lines.push(keys.to_owned());
    // It does not change its size while it is scrolled.
    framed(&lines, widest.max(put::columns(keys)), palette, area, buffer);
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
    framed(lines, widest, palette, area, buffer);
}

fn framed(lines: &[String], widest: u16, palette: Palette, area: Rect, buffer: &mut Buffer) {
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
