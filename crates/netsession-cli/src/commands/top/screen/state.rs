//! Everything that the screen knows.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use super::dialog::{Dialog, Ending, Notice};
use super::geometry::Geometry;
use super::item::{ChangeLine, Item};
use super::keys::Mode;
use super::palette::Palette;
use super::rate::Rate;
use super::rows::{Found, Known};
use super::server::Server;
use super::totals::Totals;
use super::update::{Failure, Update};
use super::view::{Grouping, Place, Sort, View};

/// Changes that are kept.
const CHANGES: usize = 1000;

/// The state of `netsession top`.
#[derive(Debug)]
pub(crate) struct Screen {
    pub(super) servers: Vec<Server>,
    /// The latest first.
    pub(super) changes: VecDeque<ChangeLine>,
    change_number: u64,
    /// Of all servers.
    pub(super) rate: Rate,
    /// The clock, which stands while it is paused.
    pub(super) now: SystemTime,
    pub(super) is_paused: bool,
    pub(super) interval: Duration,
    pub(super) hides_own: bool,
    pub(super) may_close: bool,
    pub(super) lists_files: bool,
    pub(super) palette: Palette,
    /// The place that is shown, and those that Esc goes back to; the latest last.
    pub(super) place: Place,
    pub(super) places_before: Vec<Place>,
    sorts: Vec<((View, Option<Grouping>), Sort)>,
    /// The column that `s` sorts by, by its index among those that are shown.
    pub(super) chosen_column: Option<usize>,
    pub(super) is_typing: bool,
    /// The first line of the list of keys that is seen, while it is shown.
    pub(super) help: Option<usize>,
    pub(super) dialog: Option<Dialog>,
    /// A line at the bottom until the next key.
    pub(super) message: Option<String>,
    pub(super) found: Found,
    pub(super) totals: Totals,
    /// Whether rows have to be found again.
    pub(super) is_stale: bool,
    /// Whether a key was pressed since it was drawn.
    pub(super) is_ahead: bool,
    /// Where things were drawn last.
    pub(super) geometry: Geometry,
}

impl Screen {
    /// Before the first answer of these servers.
    pub(crate) fn new(
        servers: impl IntoIterator<Item = String>,
        interval: Duration,
        now: SystemTime,
    ) -> Self {
        Self {
            servers: servers.into_iter().map(Server::new).collect(),
            changes: VecDeque::new(),
            change_number: 0,
            rate: Rate::default(),
            now,
            is_paused: false,
            interval,
            hides_own: false,
            may_close: true,
            lists_files: false,
            palette: Palette::default(),
            place: Place::default(),
            places_before: Vec::new(),
            sorts: Vec::new(),
            chosen_column: None,
            is_typing: false,
            help: None,
            dialog: None,
            message: None,
            found: Found::default(),
            totals: Totals::default(),
            is_stale: true,
            is_ahead: false,
            geometry: Geometry::default(),
        }
    }

    /// Without a key to close anything.
    pub(crate) fn read_only(mut self) -> Self {
        self.may_close = false;
        self
    }

    pub(crate) fn palette(mut self, palette: Palette) -> Self {
        self.palette = palette;
        self
    }

    pub(crate) const fn may_close(&self) -> bool {
        self.may_close
    }

    /// What keys are for now.
    pub(crate) const fn mode(&self) -> Mode {
        match &self.dialog {
            Some(Dialog::Question(_)) => Mode::Question,
            Some(Dialog::Listing | Dialog::Closing) => Mode::Closing,
            Some(Dialog::Notice(_)) => Mode::Notice,
            None if self.help.is_some() => Mode::Help,
            None if self.is_typing => Mode::Filter,
            None => Mode::Rows,
        }
    }

    /// Takes what a server answered.
    pub(crate) fn apply(&mut self, update: Update) {
        let (index, time) = (update.index, update.time);
        let Some(server) = self.servers.get_mut(index) else { return };
        let events = server.apply(update);
        self.rate.add(events.len(), time);
        for event in events {
            let number = self.change_number;
            self.change_number = number.wrapping_add(1);
            self.changes.push_front(ChangeLine { number, time, server: index, event });
        }
        self.changes.truncate(CHANGES);
        self.is_stale = true;
    }

    /// The clock goes on: marks leave.
    pub(crate) fn tick(&mut self, now: SystemTime) {
        if self.is_paused {
            return;
        }
        self.now = now;
        for server in &mut self.servers {
            self.is_stale |= server.forget(now);
        }
    }

    /// Says something at the bottom, until the next key.
    pub(crate) fn say(&mut self, message: String) {
        self.message = Some(message);
    }

    /// The question before something is closed; false if it is not wanted any more.
    pub(crate) fn question(&mut self, text: String) -> bool {
        let is_wanted = self.dialog == Some(Dialog::Listing);
        if is_wanted {
            self.dialog = Some(Dialog::Question(text));
        }
        is_wanted
    }

    /// It is closed, or not.
    pub(crate) fn closed(&mut self, ending: Ending) {
        let is_waited_for = self.dialog.take().is_some();
        match ending {
            Ending::Problem { text, failure } if is_waited_for => {
                let failure = failure.iter().flat_map(Failure::paragraphs);
                let paragraphs = [text].into_iter().chain(failure).collect();
                self.dialog = Some(Dialog::Notice(Notice::new(paragraphs)));
            }
            // It was left meanwhile: keys are for something else by now, and must not be taken away.
            Ending::AsWanted(text) | Ending::Problem { text, .. } => self.message = Some(text),
        }
    }

    pub(super) fn known(&self) -> Known<'_> {
        Known { servers: &self.servers, changes: &self.changes, now: self.now, hides_own: self.hides_own }
    }

    /// The row under the cursor.
    pub(super) fn current(&self) -> Option<Item<'_>> {
        let source = self.found.sources.get(self.place.cursor.index())?;
        self.known().item(*source, &self.found.groups)
    }

    pub(super) fn sort(&self) -> Sort {
        let key = (self.place.view, self.place.grouping);
        let own = self.sorts.iter().find(|(view, _)| *view == key).map(|(_, sort)| *sort);
        own.unwrap_or_else(|| self.place.view.table(self.place.grouping).1)
    }

    pub(super) fn set_sort(&mut self, sort: Sort) {
        let key = (self.place.view, self.place.grouping);
        self.sorts.retain(|(view, _)| *view != key);
        self.sorts.push((key, sort));
        self.is_stale = true;
    }

    /// Finds the rows again where something has changed; `height` of them are seen.
    pub(super) fn refresh_rows(&mut self, height: usize) {
        if self.is_stale {
            self.is_stale = false;
            self.found = self.known().rows(&self.place, self.sort());
            self.totals = Totals::new(&self.servers);
        }
        self.place.cursor.follow(&self.found.ids, height);
    }
}
