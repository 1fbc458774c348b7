//! What each action does.

use std::time::Duration;

use super::action::{Action, Request};
use super::cursor::Cursor;
use super::dialog::{Dialog, Notice, Target, What};
use super::filter::Filter;
use super::item::Item;
use super::keys::KEYS;
use super::row::Source;
use super::state::Screen;
use super::view::{Grouping, Place, Scope, Sort, View};

/// Seconds that `+` and `-` go through.
const INTERVALS: [u64; 10] = [1, 2, 3, 5, 10, 15, 30, 60, 120, 300];

/// Lines of a page of a notice: it is higher than its frame on a low screen alone.
const NOTICE_PAGE: usize = 5;
/// Rows for one turn of the wheel.
const WHEEL: usize = 3;

impl Screen {
    /// Carries out an action, and tells what it needs from outside.
    pub(crate) fn perform(&mut self, action: Action) -> Option<Request> {
        if action != Action::Redraw {
            self.message = None;
        }
        self.catch_up(action);
        if let Some(Dialog::Notice(notice)) = &mut self.dialog
            && !matches!(action, Action::Interrupt | Action::Suspend | Action::Redraw)
        {
            if !scroll(notice, action) {
                self.dialog = None;
            }
            return None;
        }
        if let Some(line) = self.help {
            return self.perform_in_help(action, line);
        }
        match action {
            Action::Quit => return Some(Request::Quit),
            Action::Interrupt => return Some(Request::Interrupt),
            Action::Suspend => return Some(Request::Suspend),
            Action::Redraw => return Some(Request::Redraw),
            Action::Refresh => return Some(Request::Refresh),
            Action::Pause => {
                self.is_paused = !self.is_paused;
                return Some(Request::Pause(self.is_paused));
            }
            Action::Slower => return self.set_interval(next_longer(self.interval)),
            Action::Faster => return self.set_interval(next_shorter(self.interval)),
            Action::Show(view) => return self.show(view),
            Action::NextView => return self.show(neighbour(self.place.view, 1)),
            Action::PreviousView => return self.show(neighbour(self.place.view, View::ALL.len() - 1)),
            Action::Enter => return self.enter(),
            Action::Back => self.back(),
            Action::Help => self.help = Some(0),
            // Of a notice, which is not there.
            Action::Dismiss => {}
            Action::Close => return self.ask_to_close(),
            Action::Answer(is_yes) => return self.answer(is_yes),
            Action::Click(column, line) => return self.click(column, line),
            Action::Group(grouping) => return self.group(grouping),
            Action::HideOwn => {
                self.hides_own = !self.hides_own;
                self.is_stale = true;
            }
            Action::StartFilter => {
                self.is_typing = true;
                // The row that is looked for may come under the cursor.
                self.move_to(0);
            }
            Action::KeepFilter => self.is_typing = false,
            Action::Type(c) => self.filter(|filter| filter.push(c)),
            Action::Erase => self.filter(Filter::pop),
            Action::EraseAll => self.filter(Filter::clear),
            Action::ColumnLeft | Action::ColumnRight => self.choose_column(action == Action::ColumnRight),
            Action::Sort => self.sort_by_chosen(),
            Action::Up => self.move_to(self.place.cursor.index().saturating_sub(1)),
            Action::Down => self.move_to(self.place.cursor.index().saturating_add(1)),
            Action::PageUp => self.move_to(self.place.cursor.index().saturating_sub(self.page())),
            Action::PageDown => self.move_to(self.place.cursor.index().saturating_add(self.page())),
            Action::Top => self.move_to(0),
            Action::Bottom => self.move_to(usize::MAX),
            Action::WheelUp => self.move_to(self.place.cursor.index().saturating_sub(WHEEL)),
            Action::WheelDown => self.move_to(self.place.cursor.index().saturating_add(WHEEL)),
        }
        None
    }

    /// Several keys may come before the next frame: each works on the rows that the one before has left. And an answer may
    /// have come since the last frame: what is closed or entered is the row that is seen, not one that has come above it.
    fn catch_up(&mut self, action: Action) {
        if self.is_stale && !self.is_ahead && matches!(action, Action::Close | Action::Enter) {
            self.place.cursor.hold(&self.found.ids);
        }
        self.is_ahead = true;
        self.refresh_rows(self.geometry.height());
    }

    fn perform_in_help(&mut self, action: Action, line: usize) -> Option<Request> {
        let last = KEYS.len().saturating_mul(2);
        match action {
            Action::Quit => return Some(Request::Quit),
            Action::Interrupt => return Some(Request::Interrupt),
            Action::Suspend => return Some(Request::Suspend),
            Action::Redraw => return Some(Request::Redraw),
            Action::Help => self.help = None,
            Action::Up => self.help = Some(line.saturating_sub(1)),
            Action::Down => self.help = Some(line.saturating_add(1).min(last)),
            Action::PageUp => self.help = Some(line.saturating_sub(self.page())),
            Action::PageDown => self.help = Some(line.saturating_add(self.page()).min(last)),
            _ => {}
        }
        None
    }

    /// Rows of a page, one of which is seen again.
    fn page(&self) -> usize {
        self.geometry.height().saturating_sub(1).max(1)
    }

    fn move_to(&mut self, index: usize) {
        self.place.cursor.move_to(index, &self.found.ids, self.geometry.height());
    }

    fn set_interval(&mut self, interval: Duration) -> Option<Request> {
        self.interval = interval;
        Some(Request::SetInterval(interval))
    }

    /// Another view of everything. The filter stays: who was looked for among sessions is looked for among files.
    fn show(&mut self, view: View) -> Option<Request> {
        if self.place.view == view && self.place.scope.is_all() {
            return None;
        }
        let filter = std::mem::take(&mut self.place.filter);
        self.places_before.clear();
        self.go(Place { view, filter, ..Place::default() })
    }

    /// A view of some rows, from which Esc comes back.
    fn descend(&mut self, view: View, scope: Scope) -> Option<Request> {
        self.place.cursor.hold(&self.found.ids);
        let before = std::mem::take(&mut self.place);
        self.places_before.push(before);
        self.go(Place { view, scope, ..Place::default() })
    }

    fn go(&mut self, place: Place) -> Option<Request> {
        self.place = place;
        self.chosen_column = None;
        self.is_stale = true;
        let needs_files = self.place.view == View::Files && !self.lists_files;
        self.lists_files |= needs_files;
        needs_files.then_some(Request::ListFiles)
    }

    fn enter(&mut self) -> Option<Request> {
        let source = self.found.sources.get(self.place.cursor.index()).copied()?;
        let problem = self.current().and_then(Item::problem);
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let (view, scope) = match (source, self.current()?) {
            (Source::Session(index, _) | Source::GoneSession(index, _), Item::Session(_, item)) => {
                let client = text(Some(item.session.client()));
                (View::Files, Scope { server: Some(index), user: text(item.session.user()), client })
            }
            (Source::File(index, _) | Source::GoneFile(index, _), Item::File(_, item)) => {
                let client = text(item.file.client());
                (View::Sessions, Scope { server: Some(index), user: text(item.file.user()), client })
            }
            (Source::Server(index) | Source::Failure(index) | Source::FilesFailure(index), _) => {
                (View::Sessions, Scope { server: Some(index), ..Scope::default() })
            }
            (Source::MoreFailures(_), _) => return self.show(View::Servers),
            (Source::Change(_), Item::Change(_, line)) => {
                (View::Sessions, Scope { server: Some(line.server), ..Scope::default() })
            }
            (Source::Group(_), Item::Group(group)) => {
                let name = Some(group.name.clone());
                let Scope { server, user, client } = self.place.scope.clone();
                let scope = match self.place.grouping {
                    Some(Grouping::Client) => Scope { server, user, client: name },
                    Some(Grouping::User) | None => Scope { server, user: name, client },
                };
                (self.place.view, scope)
            }
            _ => return None,
        };
        // Over the rows that the server listed last: what went wrong has no room in a line.
        self.dialog = problem.map(|paragraphs| Dialog::Notice(Notice::new(paragraphs)));
        self.descend(view, scope)
    }

    /// Undoes one thing.
    fn back(&mut self) {
        if self.is_typing || !self.place.filter.is_empty() {
            self.is_typing = false;
            self.place.filter.clear();
        } else if let Some(before) = self.places_before.pop() {
            self.place = before;
            self.chosen_column = None;
        } else {
            self.place.grouping = None;
        }
        self.is_stale = true;
    }

    fn filter(&mut self, change: impl FnOnce(&mut Filter)) {
        change(&mut self.place.filter);
        self.is_stale = true;
        // Typing looks for a row: the first one is most likely it.
        self.place.cursor = Cursor::default();
    }

    fn group(&mut self, grouping: Grouping) -> Option<Request> {
        let is_grouped = self.place.grouping == Some(grouping);
        let request = if matches!(self.place.view, View::Sessions | View::Files) {
            None
        } else {
            self.show(View::Sessions)
        };
        self.place.grouping = if is_grouped { None } else { Some(grouping) };
        self.place.cursor = Cursor::default();
        self.chosen_column = None;
        self.is_stale = true;
        request
    }

    fn choose_column(&mut self, is_right: bool) {
        let columns = self.geometry.columns();
        let sorted = self.sort().column;
        let now = self.chosen_column.or_else(|| columns.iter().position(|column| *column == sorted));
        let last = columns.len().saturating_sub(1);
        self.chosen_column = Some(match now {
            None => 0,
            Some(now) if is_right => now.saturating_add(1).min(last),
            Some(now) => now.saturating_sub(1),
        });
    }

    fn sort_by_chosen(&mut self) {
        let sort = self.sort();
        let chosen = self.chosen_column.and_then(|index| self.geometry.columns().get(index).copied());
        self.sort_by(chosen.unwrap_or(sort.column));
    }

    /// Again reverses.
    fn sort_by(&mut self, column: super::column::Column) {
        let sort = self.sort();
        let is_reversed = sort.column == column && !sort.is_reversed;
        self.set_sort(Sort { column, is_reversed });
    }

    fn click(&mut self, x: u16, y: u16) -> Option<Request> {
        if let Some(view) = self.geometry.tab(x, y) {
            return self.show(view);
        }
        if let Some((index, column)) = self.geometry.header(x, y) {
            self.chosen_column = Some(index);
            self.sort_by(column);
        } else if let Some(line) = self.geometry.line(y) {
            let index = self.place.cursor.offset().saturating_add(line);
            if index < self.found.ids.len() {
                self.move_to(index);
                self.place.cursor.hold(&self.found.ids);
            }
        }
        None
    }

    fn ask_to_close(&mut self) -> Option<Request> {
        let index = self.place.cursor.index();
        let text = |text: Option<&str>| text.map(str::to_owned);
        let target = match (self.found.sources.get(index).copied(), self.current()) {
            (Some(Source::Session(server, _)), Some(Item::Session(_, item))) => {
                let session = &item.session;
                match session.user().filter(|user| !user.is_empty()) {
                    _ if item.is_own => Err("this is your own session: it is not ended"),
                    Some(user) if !session.client().is_empty() => {
                        let (client, user) = (session.client().to_owned(), user.to_owned());
                        Ok(Target { server, what: What::Session { client, user } })
                    }
                    _ => Err("a session without a user or a client cannot be ended"),
                }
            }
            (Some(Source::File(server, _)), Some(Item::File(_, item))) => {
                let (id, path, user) = (item.file.id(), text(item.file.path()), text(item.file.user()));
                Ok(Target { server, what: What::File { id, path, user } })
            }
            (Some(Source::GoneSession(..) | Source::GoneFile(..)), _) => Err("it is gone already"),
            (Some(Source::Group(_)), _) => {
                Err("x closes one session or file: Enter shows those of the group")
            }
            _ => Err("x closes a session or a file: choose one in view 1 or 2"),
        };
        match target {
            Ok(target) => {
                self.place.cursor.hold(&self.found.ids);
                self.dialog = Some(Dialog::Listing);
                Some(Request::Close(target))
            }
            Err(message) => {
                self.message = Some(message.to_owned());
                None
            }
        }
    }

    fn answer(&mut self, is_yes: bool) -> Option<Request> {
        match self.dialog {
            Some(Dialog::Question(_)) if is_yes => self.dialog = Some(Dialog::Closing),
            Some(Dialog::Question(_) | Dialog::Listing) => {
                self.dialog = None;
                self.message = Some("nothing was closed".to_owned());
            }
            // The request was sent: its outcome is shown when it is known.
            Some(Dialog::Closing | Dialog::Notice(_)) | None => return None,
        }
        Some(Request::Answer(is_yes))
    }
}

/// False for a key that closes the notice: any where nothing of it is hidden.
fn scroll(notice: &mut Notice, action: Action) -> bool {
    let first = match action {
        _ if notice.hidden == 0 => return false,
        Action::Up => notice.first.saturating_sub(1),
        Action::Down => notice.first.saturating_add(1),
        Action::PageUp => notice.first.saturating_sub(NOTICE_PAGE),
        Action::PageDown => notice.first.saturating_add(NOTICE_PAGE),
        _ => return false,
    };
    notice.first = first.min(notice.hidden);
    true
}

fn neighbour(view: View, steps: usize) -> View {
    let index = View::ALL.iter().position(|other| *other == view).unwrap_or_default();
    let next = index.saturating_add(steps) % View::ALL.len();
    View::ALL.get(next).copied().unwrap_or_default()
}

fn next_longer(interval: Duration) -> Duration {
    let mut all = INTERVALS.iter().map(|seconds| Duration::from_secs(*seconds));
    all.find(|other| *other > interval).unwrap_or(interval)
}

fn next_shorter(interval: Duration) -> Duration {
    let all = INTERVALS.iter().map(|seconds| Duration::from_secs(*seconds));
    all.rev().find(|other| *other < interval).unwrap_or(interval)
}
