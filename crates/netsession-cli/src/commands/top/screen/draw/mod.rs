//! From the state to the cells of the screen.

mod dialog;
mod fitting;
mod foot;
mod head;
mod help;
mod lines;
mod put;
mod table;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dialog::Dialog;
use super::state::Screen;
use lines::Lines;

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
        match &mut self.dialog {
            Some(Dialog::Question(text)) => dialog::question(text, self.palette, area, buffer),
            Some(Dialog::Listing) => dialog::wait("The server lists again.", self.palette, area, buffer),
            Some(Dialog::Closing) => dialog::wait("Closing.", self.palette, area, buffer),
            Some(Dialog::Notice(notice)) => dialog::notice(notice, self.palette, area, buffer),
            None => {}
        }
    }
}
