use std::net::IpAddr;

use netsession::{ClientName, Level, Listing, Session};

use super::totals::SessionTotals;
use crate::output::{Column, PartialSums, Row, Rows, Totals, Value};

/// A session, and what is known beside it.
#[derive(Debug)]
pub(crate) struct SessionRow {
    /// The shape shown.
    level: Level,
    pub(super) session: Session,
    client_name: Option<Box<str>>,
    /// Whether it is the session of this program.
    is_own: bool,
}

impl SessionRow {
    /// A session of a listing of this level.
    pub(crate) fn new(level: Level, session: Session, is_own: bool) -> Self {
        Self { level, session, client_name: None, is_own }
    }
}

/// The rows of a listing.
pub(super) fn rows(listing: Listing) -> Rows<SessionRow> {
    let (level, own, own_sessions) = (listing.level(), listing.own(), listing.own_sessions());
    let (memory, mismatch) = (listing.memory(), listing.filter_mismatch().cloned());
    let row = |(session, index)| SessionRow::new(level, session, own == Some(index));
    let rows: Vec<_> = listing.into_iter().zip(0..).map(row).collect();
    let remark = Some(format!("level {level}"));
    Rows { remark, level: Some(level), own_sessions, memory, mismatch, ..rows.into() }
}

type SessionColumn = Column<SessionRow>;

impl Row for SessionRow {
    type Totals = SessionTotals;

    const COLUMNS: &'static [SessionColumn] = &[
        SessionColumn::new("level", "LEVEL", |row| row.level.number().into()).number(),
        SessionColumn::new("client", "CLIENT", |row| row.session.client().into()).whole().always(),
        SessionColumn::new("user", "USER", |row| row.session.user().into()).at_least(10).if_known(),
        SessionColumn::new("opens", "OPENS", |row| row.session.opens().into()).number().minor(),
        SessionColumn::new("connected_seconds", "CONNECTED", |row| row.session.connected().into())
            .alias("connected")
            .number()
            .minor(),
        SessionColumn::new("idle_seconds", "IDLE", |row| row.session.idle().into()).alias("idle").number(),
        SessionColumn::new("flags", "FLAGS", |row| match row.session.flags() {
            Some(flags) => Value::Words(flags.names().collect()),
            None => Value::Null,
        })
        .optional(),
        SessionColumn::new("client_type", "TYPE", |row| row.session.client_type().into()).optional(),
        SessionColumn::new("transport", "TRANSPORT", |row| row.session.transport().into())
            .shortened(|transport| transport.strip_prefix(r"\Device\").unwrap_or(transport))
            .optional(),
        // It was asked for.
        SessionColumn::new("client_name", "NAME", |row| row.client_name.as_deref().into()).at_least(20),
    ];
    const TABLE: &'static [&'static str] = &[
        "client",
        "client_name",
        "user",
        "opens",
        "connected_seconds",
        "idle_seconds",
        "flags",
        "client_type",
        "transport",
    ];
    const MARK: Option<&'static str> = Some("your own session");

    fn is_marked(&self) -> bool {
        self.is_own
    }

    /// Longest idle first, then by client and user.
    fn sort(rows: &mut [Self]) {
        rows.sort_by(|a, b| {
            let (a, b) = (&a.session, &b.session);
            b.idle().cmp(&a.idle()).then_with(|| (a.client(), a.user()).cmp(&(b.client(), b.user())))
        });
    }

    /// The address of the client, if that is what the server shows of it.
    fn client_address(&self) -> Option<IpAddr> {
        ClientName::new(self.session.client()).address()
    }

    fn set_client_name(&mut self, name: String) {
        self.client_name = Some(name.into_boxed_str());
    }
}

impl Totals<SessionRow> for SessionTotals {
    fn add(&mut self, row: &SessionRow) {
        Self::add(self, &row.session);
    }

    fn text(&self, partial: PartialSums) -> Option<String> {
        Some(Self::text(self, partial))
    }
}
