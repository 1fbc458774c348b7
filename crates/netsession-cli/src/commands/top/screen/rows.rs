//! Which rows a place has, and in which order.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::time::SystemTime;

use super::group::{Group, Part, groups};
use super::item::{ChangeLine, Item, connected};
use super::row::{RowId, Source};
use super::server::{Rows, Server};
use super::value::SortKey;
use super::view::{Grouping, Place, Sort, View};

/// Servers that do not answer, above the sessions: more of them would leave no room.
const FAILURES: usize = 3;

/// What rows are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) servers: &'a [Server],
    pub(super) changes: &'a VecDeque<ChangeLine>,
    pub(super) now: SystemTime,
    pub(super) hides_own: bool,
}

/// The rows of a place, in order.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) ids: Vec<RowId>,
    pub(super) sources: Vec<Source>,
    pub(super) groups: Vec<Group>,
}

impl<'a> Known<'a> {
    /// The rows of a place.
    pub(super) fn rows(self, place: &Place, sort: Sort) -> Found {
        let mut found = Found::default();
        if matches!(place.view, View::Sessions | View::Files) {
            self.add_failures(place, &mut found);
        }
        let mut rows: Vec<(RowId, Source)> = self.of_place(place).collect();
        if let Some(grouping) = place.grouping.filter(|_| matches!(place.view, View::Sessions | View::Files))
        {
            let parts = rows.iter().filter_map(|(_, source)| self.part(*source, grouping));
            found.groups = groups(parts);
            let named = found.groups.iter().zip(0..);
            rows = named
                .map(|(group, index)| (RowId::Group(group.name.to_lowercase().into()), Source::Group(index)))
                .collect();
        }
        let key = |source: &Source| {
            let item = self.item(*source, &found.groups);
            item.map_or(SortKey::Unknown, |item| item.value(sort.column, self.now).sort_key())
        };
        let mut keyed: Vec<_> = rows.into_iter().map(|(id, source)| (key(&source), id, source)).collect();
        let is_descending = sort.column.is_largest_first() != sort.is_reversed;
        keyed.sort_by(|(a, ..), (b, ..)| compare(a, b, is_descending));
        for (_, id, source) in keyed {
            found.ids.push(id);
            found.sources.push(source);
        }
        found
    }

    /// What a row shows.
    pub(super) fn item<'b>(self, source: Source, groups: &'b [Group]) -> Option<Item<'b>>
    where
        'a: 'b,
    {
        let server = |index: usize| self.servers.get(index);
        Some(match source {
            Source::Session(index, slot) => {
                Item::Session(server(index)?, server(index)?.sessions.known.get(slot)?)
            }
            Source::GoneSession(index, slot) => {
                Item::Session(server(index)?, &server(index)?.sessions.gone.get(slot)?.0)
            }
            Source::File(index, slot) => Item::File(server(index)?, server(index)?.files.known.get(slot)?),
            Source::GoneFile(index, slot) => {
                Item::File(server(index)?, &server(index)?.files.gone.get(slot)?.0)
            }
            Source::Server(index) => Item::Server(server(index)?),
            Source::Failure(index) => Item::Failure(server(index)?),
            Source::FilesFailure(index) => {
                Item::FilesFailure(server(index)?, server(index)?.files_failure.as_ref()?)
            }
            Source::MoreFailures(number) => Item::MoreFailures(number),
            Source::Change(slot) => {
                let line = self.changes.get(slot)?;
                Item::Change(server(line.server)?, line)
            }
            Source::Group(slot) => Item::Group(groups.get(slot)?),
        })
    }

    /// In the order of servers; ungrouped.
    fn of_place(self, place: &'a Place) -> Box<dyn Iterator<Item = (RowId, Source)> + 'a> {
        let servers = (0..).zip(self.servers).filter(|(index, _)| place.scope.has_server(*index));
        let matches = |item: Item<'_>| place.filter.is_empty() || place.filter.matches(item.names());
        match place.view {
            View::Sessions => Box::new(servers.flat_map(move |(index, server)| {
                let rows = slots(&server.sessions, index, Source::Session, Source::GoneSession);
                rows.filter_map(move |(item, source)| {
                    let session = &item.session;
                    let is_wanted = !(self.hides_own && item.is_own)
                        && place.scope.has(session.user(), Some(session.client()))
                        && matches(Item::Session(server, item));
                    is_wanted.then_some((RowId::Session(index, item.id), source))
                })
            })),
            View::Files => Box::new(servers.flat_map(move |(index, server)| {
                let rows = slots(&server.files, index, Source::File, Source::GoneFile);
                rows.filter_map(move |(item, source)| {
                    let is_wanted = place.scope.has(item.file.user(), item.file.client())
                        && matches(Item::File(server, item));
                    is_wanted.then_some((RowId::File(index, item.id), source))
                })
            })),
            View::Servers => Box::new(
                servers
                    .filter(move |(_, server)| matches(Item::Server(server)))
                    .map(|(index, _)| (RowId::Server(index), Source::Server(index))),
            ),
            View::Changes => Box::new((0..).zip(self.changes).filter_map(move |(slot, line)| {
                let server = self.servers.get(line.server)?;
                let is_wanted = place.scope.has_server(line.server) && matches(Item::Change(server, line));
                is_wanted.then_some((RowId::Change(line.number), Source::Change(slot)))
            })),
        }
    }

    /// Servers that do not answer stand first, not sorted; among files also those that refuse to list them: a table
    /// without their files must not look as if nothing were open there.
    fn add_failures(self, place: &Place, found: &mut Found) {
        let failed = (0..).zip(self.servers).filter(|(index, _)| place.scope.has_server(*index));
        let failed = failed.filter_map(|(index, server)| {
            let (id, source, item) = match &server.files_failure {
                _ if server.failure.is_some() => {
                    (RowId::Failure(index), Source::Failure(index), Item::Failure(server))
                }
                Some(failure) if place.view == View::Files => {
                    let item = Item::FilesFailure(server, failure);
                    (RowId::FilesFailure(index), Source::FilesFailure(index), item)
                }
                _ => return None,
            };
            let is_wanted = place.filter.is_empty() || place.filter.matches(item.names());
            is_wanted.then_some((id, source))
        });
        let mut failed: Vec<(RowId, Source)> = failed.collect();
        // A row that stands for one server is no shorter than the row of that server.
        if failed.len() > FAILURES.saturating_add(1) {
            let more = failed.len().saturating_sub(FAILURES);
            failed.truncate(FAILURES);
            failed.push((RowId::MoreFailures, Source::MoreFailures(more)));
        }
        for (id, source) in failed {
            found.ids.push(id);
            found.sources.push(source);
        }
    }

    fn part(self, source: Source, grouping: Grouping) -> Option<Part<'a>> {
        let (server, user, client, sum, connected, idle) = match (source, self.item(source, &[])?) {
            // What is gone counts for no group.
            (Source::Session(index, _), Item::Session(server, item)) => {
                let session = &item.session;
                let idle = session.idle().filter(|_| server.tells_idle());
                (
                    index,
                    session.user(),
                    Some(session.client()),
                    session.opens(),
                    connected(item, self.now),
                    idle,
                )
            }
            (Source::File(index, _), Item::File(_, item)) => {
                (index, item.file.user(), item.file.client(), item.file.locks(), None, None)
            }
            _ => return None,
        };
        let (name, other) = match grouping {
            Grouping::User => (user, client),
            Grouping::Client => (client, user),
        };
        Some(Part { name: name.unwrap_or_default(), other, server, sum, connected, idle })
    }
}

/// What is there, and what has just gone.
fn slots<T>(
    rows: &Rows<T>,
    index: usize,
    known: fn(usize, usize) -> Source,
    gone: fn(usize, usize) -> Source,
) -> impl Iterator<Item = (&T, Source)> {
    let there = rows.known.iter().zip(0..).map(move |(item, slot)| (item, known(index, slot)));
    let went = rows.gone.iter().zip(0..).map(move |((item, _), slot)| (item, gone(index, slot)));
    there.chain(went)
}

/// What is not known stands last in either direction.
fn compare(a: &SortKey, b: &SortKey, is_descending: bool) -> Ordering {
    let is_unknown = |key: &SortKey| *key == SortKey::Unknown;
    match is_unknown(a).cmp(&is_unknown(b)) {
        Ordering::Equal if is_descending => b.cmp(a),
        Ordering::Equal => a.cmp(b),
        order => order,
    }
}
