//! The table: its header and the rows that are seen.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::column::{Column, Kind};
use super::super::item::Item;
use super::super::row::Source;
use super::super::server::Server;
use super::super::state::Screen;
use super::super::update::Failure;
use super::super::value::Value;
use super::super::view::View;
use super::fitting::{self, GAP};
use super::lines::Lines;
use super::put;
use crate::text::{count, escaped, fit};

/// The mark in front of a row, and the blank behind it.
const MARK: u16 = 2;

pub(super) fn draw(screen: &mut Screen, lines: &Lines, buffer: &mut Buffer) {
    screen.geometry.first_row_y = lines.rows.y;
    screen.geometry.header_y = (!lines.header.is_empty()).then_some(lines.header.y);
    place_columns(screen, lines.rows);
    header(screen, lines.header, buffer);
    if screen.found.sources.is_empty() {
        nothing(screen, lines.rows, buffer);
        return;
    }
    let first = screen.place.cursor.offset();
    let seen = screen.found.sources.iter().enumerate().skip(first);
    for ((index, source), y) in seen.zip(lines.rows.top()..lines.rows.bottom()) {
        let Some(item) = screen.known().item(*source, &screen.found.groups) else { continue };
        let line = Rect { y, height: 1, ..lines.rows };
        row(screen, *source, item, line, buffer);
        if index == screen.place.cursor.index() {
            // Reversed alone: green on red is hard to read, and dim on reversed is not seen.
            let style = Style::new().remove_modifier(Modifier::DIM).add_modifier(Modifier::REVERSED);
            buffer.set_style(line, style);
        }
    }
}

/// The columns of the view that have room.
fn place_columns(screen: &mut Screen, rows: Rect) {
    let (view, grouping) = (screen.place.view, screen.place.grouping);
    let is_one_server = screen.servers.len() == 1 || screen.place.scope.server.is_some();
    let columns: Vec<Column> = view
        .table(grouping)
        .0
        .iter()
        .copied()
        .filter(|column| {
            // The line above says it.
            !(is_one_server && view != View::Servers && matches!(column, Column::Server | Column::Servers))
        })
        .collect();
    let sorted = screen.sort().column;
    let seen = screen.found.sources.iter().skip(screen.place.cursor.offset()).take(rows.height.into());
    let items: Vec<_> =
        seen.filter_map(|source| screen.known().item(*source, &screen.found.groups)).collect();
    let wanted: Vec<_> = columns
        .iter()
        .map(|column| {
            let arrow = usize::from(*column == sorted);
            let header = column.header().len().saturating_add(arrow);
            let widths =
                items.iter().map(|item| fit::width(&escaped(&item.value(*column, screen.now).text())));
            (*column, widths.fold(header, usize::max))
        })
        .collect();
    let wanted = screen.geometry.widths((view, grouping, rows.width), wanted);
    let fitted = fitting::fit(wanted, usize::from(rows.width.saturating_sub(MARK)));
    let mut x = rows.x.saturating_add(MARK);
    screen.geometry.placed.clear();
    for (column, width) in fitted {
        let width = u16::try_from(width).unwrap_or(u16::MAX).min(rows.right().saturating_sub(x));
        screen.geometry.placed.push((x, width, column));
        x = x.saturating_add(width).saturating_add(u16::try_from(GAP).unwrap_or_default());
    }
}

fn header(screen: &Screen, line: Rect, buffer: &mut Buffer) {
    if line.is_empty() {
        return;
    }
    let sort = screen.sort();
    for (index, (x, width, column)) in screen.geometry.placed.iter().enumerate() {
        let arrow = match (sort.column == *column, column.is_largest_first() != sort.is_reversed) {
            (false, _) => "",
            (true, true) => "▼",
            (true, false) => "▲",
        };
        let text = format!("{}{arrow}", column.header());
        let is_chosen = screen.chosen_column == Some(index);
        let style = if is_chosen { screen.palette.chosen() } else { screen.palette.header() };
        match column.kind() {
            Kind::Number => put::right(buffer, *x, line.y, *width, &text, style),
            Kind::Text | Kind::Path | Kind::Whole => {
                put::text(buffer, *x, line.y, *width, &text, style);
            }
        }
    }
}

fn row(screen: &Screen, source: Source, item: Item<'_>, line: Rect, buffer: &mut Buffer) {
    let (mark, style) = mark(screen, source, item);
    buffer.set_stringn(line.x, line.y, mark, 1, style);
    let text = match item {
        Item::Failure(server) => Some(format!("{}  {}", server.name, advice(server))),
        Item::FilesFailure(server, failure) => {
            Some(format!("{}  files refused: {}", server.name, kind_and_advice(failure)))
        }
        Item::MoreFailures(number) if screen.place.view == View::Files => {
            Some(format!("and {number} more list no files: 3 shows them"))
        }
        Item::MoreFailures(number) => Some(format!("and {number} more do not answer: 3 shows them")),
        _ => None,
    };
    if let Some(text) = text {
        let room = line.width.saturating_sub(MARK);
        put::text(buffer, line.x.saturating_add(MARK), line.y, room, &text, style);
        return;
    }
    for (x, width, column) in &screen.geometry.placed {
        // The rest of the row has nothing: what went wrong has room there.
        if let Item::Server(server) = item
            && server.failure.is_some()
            && *column == Column::State
        {
            put::text(buffer, *x, line.y, line.right().saturating_sub(*x), &advice(server), style);
            return;
        }
        let value = item.value(*column, screen.now);
        let shown = cell(&value, usize::from(*width));
        let style = if *column == Column::Bars { style.patch(screen.palette.bars()) } else { style };
        match column.kind() {
            Kind::Number => put::right(buffer, *x, line.y, *width, &shown, style),
            Kind::Text | Kind::Path | Kind::Whole => {
                buffer.set_stringn(*x, line.y, &*shown, (*width).into(), style);
            }
        }
    }
}

fn advice(server: &Server) -> String {
    server.failure.as_ref().map(kind_and_advice).unwrap_or_default()
}

/// The kind of the failure, and what to do.
fn kind_and_advice(failure: &Failure) -> String {
    format!("{}: {}", failure.kind, failure.advice.as_deref().unwrap_or(&failure.text))
}

/// The text, escaped, in this width. A path keeps the name of the file where that has room.
fn cell(value: &Value<'_>, width: usize) -> String {
    let text = value.text();
    let shown = escaped(&text);
    if let Value::Path(path) = value {
        // Before the path is escaped: `\u{202e}` has a backslash and is no folder.
        let (_, name) = path.split_at(fit::name_start(path));
        let start = shown.len().saturating_sub(escaped(name).len());
        if let Some(cut) = fit::cut_middle(&shown, start, width) {
            return cut.into_owned();
        }
    }
    fit::cut(&shown, width).into_owned()
}

/// What stands in front of a row, and its style.
fn mark(screen: &Screen, source: Source, item: Item<'_>) -> (&'static str, Style) {
    let palette = screen.palette;
    match (source, item) {
        (Source::GoneSession(..) | Source::GoneFile(..), _) => ("-", palette.gone()),
        (_, Item::Session(server, session)) if server.sessions.is_new(session.id) => ("+", palette.new_row()),
        (_, Item::File(server, file)) if server.files.is_new(file.id) => ("+", palette.new_row()),
        // What was known last.
        (_, Item::Session(server, _) | Item::File(server, _)) if server.failure.is_some() => {
            (" ", palette.dim())
        }
        (_, Item::Session(_, session)) if session.is_own => ("*", palette.own()),
        (_, Item::Failure(_) | Item::FilesFailure(..) | Item::MoreFailures(_)) => ("!", palette.failed()),
        (_, Item::Server(server)) if server.failure.is_some() => ("!", palette.failed()),
        (_, Item::Server(server)) if server.answered.is_none() => (" ", palette.dim()),
        _ => (" ", Style::new()),
    }
}

/// In place of rows.
fn nothing(screen: &Screen, area: Rect, buffer: &mut Buffer) {
    let servers = || {
        let servers = (0..).zip(&screen.servers);
        servers.filter(|(index, _)| screen.place.scope.has_server(*index)).map(|(_, server)| server)
    };
    let waiting = servers().filter(|server| server.answered.is_none() && server.failure.is_none()).count();
    // A server that fails, or refuses its files, has a row.
    let is_waiting_for_files = servers().any(|server| !server.has_files);
    let text: Cow<'_, str> = match screen.place.view {
        _ if !screen.place.filter.is_empty() => "No row matches the filter.".into(),
        View::Changes => "Nothing has changed yet.".into(),
        _ if waiting > 0 => format!("Waiting for {}.", count(waiting, "server")).into(),
        View::Files if is_waiting_for_files => "Waiting for the open files.".into(),
        View::Files => "No open files.".into(),
        View::Sessions | View::Servers => "No sessions.".into(),
    };
    if area.height > 0 {
        let x = area.x.saturating_add(MARK);
        let room = area.width.saturating_sub(MARK);
        put::text(buffer, x, area.y, room, &text, screen.palette.dim());
    }
}
