//! The lines above the table: title, names of views, place and filter.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::item::Item;
use super::super::state::Screen;
use super::super::value::sparkline;
use super::super::view::{Grouping, View};
use super::lines::Lines;
use super::put;
use crate::text::{count, duration};

/// Bars of the sparkline of all servers, on a wide screen.
const BARS: usize = 24;

pub(super) fn draw(screen: &mut Screen, lines: &Lines, buffer: &mut Buffer) {
    title(screen, lines.title, buffer);
    tabs(screen, lines.tabs, buffer);
    place(screen, lines.place, buffer);
}

fn title(screen: &Screen, line: Rect, buffer: &mut Buffer) {
    if line.is_empty() {
        return;
    }
    let palette = screen.palette;
    let (state, style) = if screen.is_paused {
        ("PAUSED".to_owned(), palette.notice())
    } else {
        (format!("every {}", duration::written(screen.interval)), palette.dim())
    };
    put::right(buffer, line.x, line.y, line.width, &state, style);
    let room = line.width.saturating_sub(put::columns(&state)).saturating_sub(1);
    let totals = screen.totals;
    let servers = match screen.servers.len() {
        all if all == totals.answering => count(all, "server"),
        all => format!("{} of {}", totals.answering, count(all, "server")),
    };
    let mut x = line.x;
    if line.width >= 60 {
        x = put::text(buffer, x, line.y, room, "netsession top", palette.title()).saturating_add(2);
    }
    let failed = screen.servers.iter().filter(|server| server.failure.is_some()).count();
    let mut parts = vec![(servers, if failed > 0 { palette.failed() } else { palette.header() })];
    if totals.answering > 0 {
        parts.push((count(totals.sessions, "session"), palette.header()));
        parts.push((totals.users.text("user"), palette.header()));
        parts.push((totals.opens.text("open file"), palette.header()));
    }
    for (text, style) in parts {
        let end = line.x.saturating_add(room);
        if x.saturating_add(put::columns(&text)) > end {
            break;
        }
        x = put::text(buffer, x, line.y, room, &text, style).saturating_add(2);
    }
}

fn tabs(screen: &mut Screen, line: Rect, buffer: &mut Buffer) {
    screen.geometry.tabs.clear();
    screen.geometry.tabs_y = (!line.is_empty()).then_some(line.y);
    if line.is_empty() {
        return;
    }
    let palette = screen.palette;
    let gap = if line.width >= 60 { 2 } else { 1 };
    let mut x = line.x;
    for view in View::ALL {
        let text = format!("{} {}", view.key(), view.name());
        let is_here = view == screen.place.view;
        let style = if is_here { palette.active() } else { palette.dim() };
        let room = line.right().saturating_sub(x);
        let end = put::text(buffer, x, line.y, room, &text, style);
        screen.geometry.tabs.push((x, end, view));
        x = end.saturating_add(gap);
    }
    let mut states = String::new();
    match screen.place.grouping {
        Some(Grouping::User) => states.push_str("by user"),
        Some(Grouping::Client) => states.push_str("by client"),
        None => {}
    }
    if screen.hides_own {
        // Writing to a string does not fail.
        let _ = write!(states, "{}own hidden", if states.is_empty() { "" } else { ", " });
    }
    let room = line.right().saturating_sub(x);
    if !states.is_empty() && put::columns(&states) <= room {
        x = put::text(buffer, x, line.y, room, &states, palette.notice()).saturating_add(gap);
    }
    let rate = format!("{}/min", screen.rate.per_minute(screen.now));
    let room = line.right().saturating_sub(x).saturating_sub(put::columns(&rate)).saturating_sub(1);
    let bars = usize::from(room).min(BARS);
    // Fewer tell nothing.
    if bars < 6 {
        return;
    }
    let line_of_bars = sparkline(&screen.rate.bars(bars, screen.now));
    let text = format!("{line_of_bars} {rate}");
    put::right(buffer, line.x, line.y, line.width, &text, palette.bars());
}

/// Where one is, the filter, and how many rows it leaves.
fn place(screen: &Screen, line: Rect, buffer: &mut Buffer) {
    if line.is_empty() {
        return;
    }
    let palette = screen.palette;
    let rows = screen.found.sources.iter();
    let rows = rows.filter(|source| {
        let item = screen.known().item(**source, &screen.found.groups);
        !matches!(item, None | Some(Item::Failure(_) | Item::FilesFailure(..) | Item::MoreFailures(_)))
    });
    let number = count(rows.count(), "row");
    put::right(buffer, line.x, line.y, line.width, &number, palette.dim());
    let end = line.right().saturating_sub(put::columns(&number)).saturating_sub(1);
    let room = |x: u16| end.saturating_sub(x);
    let mut x = line.x;
    if !screen.place.scope.is_all() {
        // At most half of the line, where there is a filter, too.
        let width =
            if screen.is_typing || !screen.place.filter.text().is_empty() { room(x) / 2 } else { room(x) };
        x = put::text(buffer, x, line.y, width, &scope(screen), palette.title()).saturating_add(2);
    }
    if screen.is_typing || !screen.place.filter.text().is_empty() {
        x = put::text(buffer, x, line.y, room(x), "/", palette.notice());
        let text = tail(screen.place.filter.text(), room(x).saturating_sub(1));
        x = put::text(buffer, x, line.y, room(x), text, palette.notice());
        if screen.is_typing {
            put::text(buffer, x, line.y, room(x), " ", palette.active());
        }
    }
}

fn scope(screen: &Screen) -> String {
    let scope = &screen.place.scope;
    let server = scope.server.and_then(|index| screen.servers.get(index)).map(|server| &*server.name);
    let mut text = screen.place.view.name().to_owned();
    for (word, name) in [("of", scope.user.as_deref()), ("from", scope.client.as_deref()), ("on", server)] {
        if let Some(name) = name {
            // Writing to a string does not fail.
            let _ = write!(text, " {word} {name}");
        }
    }
    text
}

/// The end of a text that is typed.
fn tail(text: &str, width: u16) -> &str {
    let mut rest = text;
    while put::columns(rest) > width {
        let mut chars = rest.chars();
        chars.next();
        rest = chars.as_str();
    }
    rest
}
