//! Intervals as rows.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use netsession::{FileAccess, SessionFlags};
use netsession_history::{File, Interval, Session};

use super::window::Window;
use crate::output::{Column, Row, Value};
use crate::text::moment;

/// When something was there.
#[derive(Debug)]
pub(crate) struct When {
    from: (Timestamp, String),
    until: Option<(Timestamp, String)>,
    from_exact: bool,
    until_exact: bool,
}

impl When {
    fn new<T>(interval: &Interval<T>, window: &Window) -> Self {
        let shown = |time: SystemTime, is_exact: bool| {
            let time = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
            (time, window.local_in_row(time, is_exact))
        };
        Self {
            from: shown(interval.from, interval.from_exact),
            until: interval.until.map(|until| shown(until, interval.until_exact)),
            from_exact: interval.from_exact,
            until_exact: interval.until_exact,
        }
    }

    fn from(&self) -> Value<'_> {
        Value::Moment(self.from.0, (&*self.from.1).into())
    }

    fn until(&self) -> Value<'_> {
        self.until.as_ref().map_or(Value::Null, |(time, local)| Value::Moment(*time, (&**local).into()))
    }
}

/// A session, and when it was there.
#[derive(Debug)]
pub(crate) struct SessionIntervalRow {
    when: When,
    session: Session,
    length: Duration,
}

impl SessionIntervalRow {
    pub(super) fn new(interval: Interval<Session>, window: &Window) -> Self {
        let until = interval.until.unwrap_or_else(|| moment::system_time(window.now()));
        // Where the clock was set back, one that lasts begins later than now.
        let length = until.duration_since(interval.from).unwrap_or_default();
        Self { when: When::new(&interval, window), session: interval.item, length }
    }
}

type SessionColumn = Column<SessionIntervalRow>;

impl Row for SessionIntervalRow {
    type Totals = ();

    const COLUMNS: &'static [SessionColumn] = &[
        SessionColumn::new("level", "LEVEL", |row| i64::from(row.session.level).into()).number(),
        SessionColumn::new("client", "CLIENT", |row| (&*row.session.client).into()).whole().always(),
        SessionColumn::new("user", "USER", |row| row.session.user.as_deref().into()).at_least(10).if_known(),
        SessionColumn::new("opens", "OPENS", |row| row.session.opens.into()).number().minor(),
        SessionColumn::new("connected_seconds", "CONNECTED", |row| row.length.into())
            .alias("connected")
            .number()
            .minor(),
        SessionColumn::new("idle_seconds", "IDLE", |row| row.session.idle.into())
            .alias("idle")
            .number()
            .minor(),
        SessionColumn::new("flags", "FLAGS", |row| match row.session.flags {
            Some(flags) => Value::Words(SessionFlags::from_bits(flags).names().collect()),
            None => Value::Null,
        })
        .optional(),
        SessionColumn::new("client_type", "TYPE", |row| row.session.client_type.as_deref().into()).optional(),
        SessionColumn::new("transport", "TRANSPORT", |row| row.session.transport.as_deref().into())
            .shortened(|transport| transport.strip_prefix(r"\Device\").unwrap_or(transport))
            .optional(),
        SessionColumn::new("client_name", "NAME", |_| Value::Null).at_least(20),
        SessionColumn::new("from", "FROM", |row| row.when.from()).whole().always(),
        SessionColumn::new("until", "UNTIL", |row| row.when.until()).whole().always(),
        SessionColumn::new("from_exact", "FROM_EXACT", |row| row.when.from_exact.into()),
        SessionColumn::new("until_exact", "UNTIL_EXACT", |row| row.when.until_exact.into()),
    ];
    const TABLE: &'static [&'static str] = &["from", "until", "client", "user", "connected_seconds", "flags"];
    const ONE_TABLE: bool = true;
}

/// A file, and when it was open.
#[derive(Debug)]
pub(crate) struct FileIntervalRow {
    when: When,
    file: File,
}

impl FileIntervalRow {
    pub(super) fn new(interval: Interval<File>, window: &Window) -> Self {
        Self { when: When::new(&interval, window), file: interval.item }
    }
}

type FileColumn = Column<FileIntervalRow>;

impl Row for FileIntervalRow {
    type Totals = ();

    const COLUMNS: &'static [FileColumn] = &[
        FileColumn::new("level", "LEVEL", |row| i64::from(row.file.level).into()).number(),
        FileColumn::new("id", "ID", |row| i64::from(row.file.id).into()).number().always(),
        FileColumn::new("path", "PATH", |row| row.file.path.as_deref().into()).path(24).if_known(),
        FileColumn::new("unc", "UNC", |row| row.file.unc.as_deref().into()).path(24),
        FileColumn::new("share", "SHARE", |row| row.file.share.as_deref().into()),
        FileColumn::new("user", "USER", |row| row.file.user.as_deref().into()).at_least(10).if_known(),
        FileColumn::new("access", "ACCESS", |row| match row.file.access {
            Some(access) => Value::Words(FileAccess::from_bits(access).names().collect()),
            None => Value::Null,
        })
        .optional(),
        FileColumn::new("locks", "LOCKS", |row| row.file.locks.map(i64::from).into()).number().minor(),
        FileColumn::new("client", "CLIENT", |row| row.file.client.as_deref().into()).whole(),
        FileColumn::new("client_name", "NAME", |_| Value::Null).at_least(20),
        FileColumn::new("from", "FROM", |row| row.when.from()).whole().always(),
        FileColumn::new("until", "UNTIL", |row| row.when.until()).whole().always(),
        FileColumn::new("from_exact", "FROM_EXACT", |row| row.when.from_exact.into()),
        FileColumn::new("until_exact", "UNTIL_EXACT", |row| row.when.until_exact.into()),
    ];
    const TABLE: &'static [&'static str] = &["from", "until", "user", "client", "access", "path"];
    const ONE_TABLE: bool = true;
}
