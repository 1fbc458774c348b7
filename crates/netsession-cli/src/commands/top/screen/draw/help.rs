//! The list of keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::keys::KEYS;
use super::super::state::Screen;
use super::put;
use crate::text::fit;

/// The width of the keys, on a screen that is wide enough.
const KEY: u16 = 17;

/// Over the whole screen, from the line on that is seen first.
pub(super) fn draw(screen: &mut Screen, area: Rect, buffer: &mut Buffer) {
    let palette = screen.palette;
    let mut lines: Vec<(String, String)> = Vec::new();
    let is_narrow = area.width < 60;
    let indent = if is_narrow { 2 } else { KEY };
    let room = usize::from(area.width.saturating_sub(indent).max(1));
    for (key, what) in KEYS.iter().filter(|(key, _)| *key != "x" || screen.may_close) {
        let mut key = (*key).to_owned();
        if is_narrow {
            lines.push((std::mem::take(&mut key), String::new()));
        }
        for line in fit::wrapped(what, room) {
            lines.push((std::mem::take(&mut key), line));
        }
    }
    let height = usize::from(area.height.saturating_sub(2));
    let first = screen.help.unwrap_or_default().min(lines.len().saturating_sub(height));
    screen.help = Some(first);
    screen.geometry.rows = area.height.saturating_sub(2);
    put::text(buffer, area.x, area.y, area.width, "Keys of netsession top", palette.title());
    let seen = lines.iter().skip(first).zip(area.y.saturating_add(1)..area.bottom().saturating_sub(1));
    for ((key, what), y) in seen {
        put::text(buffer, area.x, y, area.width, key, palette.key());
        if !what.is_empty() {
            let x = area.x.saturating_add(indent);
            put::text(buffer, x, y, area.width.saturating_sub(indent), what, Default::default());
        }
    }
    let is_whole = lines.len() <= height;
    let end = if is_whole { "Esc back, q quit" } else { "Esc back, q quit, Up and Down for more" };
    put::text(buffer, area.x, area.bottom().saturating_sub(1), area.width, end, palette.dim());
}
