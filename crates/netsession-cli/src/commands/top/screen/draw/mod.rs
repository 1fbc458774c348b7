//! From the state to the cells of the screen.

mod dialog;
mod fitting;
mod foot;
mod head;
mod help;
mod put;
mod table;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dialog::Dialog;
use super::state::Screen;

impl Screen {
    /// Draws everything. What has no room is left out: first the line of details, then the names of views.
    pub(crate) fn render(&mut self, area: Rect, buffer: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        self.is_ahead = false;
        if self.help.is_some() {
            help::draw(self, area, buffer);
            return;
        }
        let lines = Lines::new(self, area);
        self.geometry.rows = lines.rows.height;
        self.refresh_rows(lines.rows.height.into());
        head::draw(self, &lines, buffer);
        table::draw(self, &lines, buffer);
        foot::draw(self, &lines, buffer);
        match &self.dialog {
            Some(Dialog::Question(text)) => dialog::question(text, self.palette, area, buffer),
            Some(Dialog::Listing) => dialog::wait("The server lists again.", self.palette, area, buffer),
            Some(Dialog::Closing) => dialog::wait("Closing.", self.palette, area, buffer),
            None => {}
        }
    }
}

/// The parts of the screen, from top to bottom. What is left out has no height.
#[derive(Debug, Clone, Copy)]
struct Lines {
    title: Rect,
    tabs: Rect,
    /// Where one is, and the filter.
    place: Rect,
    header: Rect,
    rows: Rect,
    detail: Rect,
    keys: Rect,
}

impl Lines {
    fn new(screen: &Screen, area: Rect) -> Self {
        let from = |least: u16, lines: u16| if area.height >= least { lines } else { 0 };
        let has_place =
            !screen.place.scope.is_all() || screen.is_typing || !screen.place.filter.text().is_empty();
        let detail = from(8, 1).saturating_add(from(20, 1));
        let heights = [
            from(4, 1),
            from(6, 1),
            // A filter stays visible whatever has no room.
            if has_place { from(2, 1) } else { 0 },
            from(3, 1),
        ];
        let below = [detail, from(5, 1)];
        let others: u16 = heights.iter().chain(&below).sum();
        let rows = area.height.saturating_sub(others);
        let mut y = area.y;
        let mut next = |height: u16| {
            let rect = Rect { x: area.x, y, width: area.width, height };
            y = y.saturating_add(height);
            rect
        };
        let [title, tabs, place, header] = heights.map(&mut next);
        let rows = next(rows);
        let [detail, keys] = below.map(next);
        Self { title, tabs, place, header, rows, detail, keys }
    }
}
