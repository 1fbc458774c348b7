use netsession::{Level, SessionFlags};
use serde::{Serialize, Serializer};

use crate::outcome::{Answer, Row};

/// A session as data: the keys of JSON and the columns of CSV, in their order.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    pub(super) server: &'a str,
    /// The shape shown; what it does not carry is null.
    pub(super) level: Option<u32>,
    pub(super) client: &'a str,
    pub(super) user: Option<&'a str>,
    pub(super) opens: Option<u32>,
    pub(super) connected_seconds: Option<u64>,
    pub(super) idle_seconds: Option<u64>,
    #[serde(serialize_with = "names")]
    pub(super) flags: Option<SessionFlags>,
    pub(super) client_type: Option<&'a str>,
    pub(super) transport: Option<&'a str>,
    pub(super) client_name: Option<&'a str>,
}

impl<'a> Record<'a> {
    pub(super) const KEYS: [&'static str; 11] = [
        "server",
        "level",
        "client",
        "user",
        "opens",
        "connected_seconds",
        "idle_seconds",
        "flags",
        "client_type",
        "transport",
        "client_name",
    ];

    fn new(server: &'a str, level: Level, row: &Row<'a>) -> Self {
        let session = row.session;
        Self {
            server,
            level: level.number(),
            client: session.client(),
            user: session.user(),
            opens: session.opens(),
            connected_seconds: session.connected().map(|time| time.as_secs()),
            idle_seconds: session.idle().map(|time| time.as_secs()),
            flags: session.flags(),
            client_type: session.client_type(),
            transport: session.transport(),
            client_name: row.client_name,
        }
    }
}

/// The sessions of one server.
pub(super) fn records<'a>(server: &'a str, answer: &'a Answer) -> impl Iterator<Item = Record<'a>> {
    let level = answer.listing.level();
    answer.rows().into_iter().map(move |row| Record::new(server, level, &row))
}

/// How many bytes to have ready for the sessions of `answers`: a guess that saves copying.
pub(super) fn size_hint<'a>(answers: impl Iterator<Item = &'a Answer>) -> usize {
    answers.map(|answer| answer.listing.len().saturating_mul(256)).sum()
}

fn names<S: Serializer>(flags: &Option<SessionFlags>, serializer: S) -> Result<S::Ok, S::Error> {
    match flags {
        Some(flags) => serializer.collect_seq(flags.names()),
        None => serializer.serialize_none(),
    }
}
