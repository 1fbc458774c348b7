//! Sessions, files, gaps and servers as bytes.

use std::sync::Arc;

use redb::TableDefinition;

use super::fault::Result;
use super::names::{Kind, NameReader, NameWriter};
use super::tables::{Rows, SpanKey};
use crate::coding::{Damage, Reader, Writer};
use crate::interval::GapCause;
use crate::matching::{Listed, Open};
use crate::round::{File, Session};
use crate::tracker::{ServerTimes, Span};

/// What is stored as intervals, in tables of its own.
pub(crate) trait Row: Listed + Clone + Default {
    /// Intervals that ended, by [`SpanKey`], which is also the index by time.
    const SPANS: Rows;
    /// Intervals that last, by their number.
    const OPEN: Rows;
    /// Number of the user, and the [`SpanKey`] of an interval that has it.
    const BY_USER: Rows;
    /// The same of the client.
    const BY_CLIENT: Rows;

    /// The last answer that listed them, where the server answers and does not list them.
    fn last_listed(times: &ServerTimes) -> Option<u64>;
    fn user(&self) -> Option<&str>;
    fn client(&self) -> Option<&str>;
    fn with_names(self, user: Option<Arc<str>>, client: Option<Arc<str>>) -> Self;
    /// Everything but user and client.
    fn write(&self, writer: &mut Writer, names: &mut NameWriter<'_>) -> Result<()>;
    fn read(reader: &mut Reader<'_>, names: &mut impl NameSource) -> Result<Self>;
}

/// Gives texts, or only takes notice of their numbers.
pub(crate) trait NameSource {
    fn text(&mut self, kind: Kind, number: u32) -> Result<Arc<str>>;
}

impl NameSource for NameReader {
    fn text(&mut self, kind: Kind, number: u32) -> Result<Arc<str>> {
        Self::text(self, kind, number)
    }
}

fn write_name(
    writer: &mut Writer,
    names: &mut NameWriter<'_>,
    kind: Kind,
    text: Option<&str>,
) -> Result<Option<u32>> {
    let number = text.map(|text| names.number(kind, text)).transpose()?;
    writer.optional(number.map(u64::from));
    Ok(number)
}

fn read_name(reader: &mut Reader<'_>, names: &mut impl NameSource, kind: Kind) -> Result<Option<Arc<str>>> {
    reader.optional_small()?.map(|number| names.text(kind, number)).transpose()
}

impl Row for Session {
    const SPANS: Rows = TableDefinition::new("sessions");
    const OPEN: Rows = TableDefinition::new("open sessions");
    const BY_USER: Rows = TableDefinition::new("sessions by user");
    const BY_CLIENT: Rows = TableDefinition::new("sessions by client");

    fn last_listed(_times: &ServerTimes) -> Option<u64> {
        None
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn client(&self) -> Option<&str> {
        Some(&self.client)
    }

    fn with_names(self, user: Option<Arc<str>>, client: Option<Arc<str>>) -> Self {
        Self { user, client: client.unwrap_or_default(), ..self }
    }

    fn write(&self, writer: &mut Writer, names: &mut NameWriter<'_>) -> Result<()> {
        writer.number(self.level.into());
        writer.optional(self.opens.map(u64::from));
        writer.optional(self.idle.map(|idle| idle.as_secs()));
        writer.optional(self.flags.map(u64::from));
        write_name(writer, names, Kind::Label, self.client_type.as_deref())?;
        write_name(writer, names, Kind::Label, self.transport.as_deref())?;
        Ok(())
    }

    fn read(reader: &mut Reader<'_>, names: &mut impl NameSource) -> Result<Self> {
        Ok(Self {
            level: reader.small()?,
            opens: reader.optional_small()?,
            idle: reader.optional()?.map(std::time::Duration::from_secs),
            flags: reader.optional_small()?,
            client_type: read_name(reader, names, Kind::Label)?,
            transport: read_name(reader, names, Kind::Label)?,
            ..Self::default()
        })
    }
}

impl Row for File {
    const SPANS: Rows = TableDefinition::new("files");
    const OPEN: Rows = TableDefinition::new("open files");
    const BY_USER: Rows = TableDefinition::new("files by user");
    const BY_CLIENT: Rows = TableDefinition::new("files by client");

    fn last_listed(times: &ServerTimes) -> Option<u64> {
        times.files_failing.as_ref().map(|(since, _)| times.last_files.unwrap_or(*since))
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    fn with_names(self, user: Option<Arc<str>>, client: Option<Arc<str>>) -> Self {
        Self { user, client, ..self }
    }

    fn write(&self, writer: &mut Writer, names: &mut NameWriter<'_>) -> Result<()> {
        writer.number(self.level.into());
        writer.number(self.id.into());
        writer.optional(self.access.map(u64::from));
        writer.optional(self.locks.map(u64::from));
        write_name(writer, names, Kind::Path, self.path.as_deref())?;
        write_name(writer, names, Kind::Path, self.unc.as_deref())?;
        write_name(writer, names, Kind::Label, self.share.as_deref())?;
        Ok(())
    }

    fn read(reader: &mut Reader<'_>, names: &mut impl NameSource) -> Result<Self> {
        Ok(Self {
            level: reader.small()?,
            id: reader.small()?,
            access: reader.optional_small()?,
            locks: reader.optional_small()?,
            path: read_name(reader, names, Kind::Path)?,
            unc: read_name(reader, names, Kind::Path)?,
            share: read_name(reader, names, Kind::Label)?,
            ..Self::default()
        })
    }
}

const FROM_EXACT: u64 = 1;
const UNTIL_EXACT: u64 = 2;

/// What is read of every interval, before it is known whether it is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) server: u32,
    pub(crate) user: Option<u32>,
    pub(crate) client: Option<u32>,
}

fn write_head<T: Row>(
    writer: &mut Writer,
    names: &mut NameWriter<'_>,
    server: u32,
    item: &T,
) -> Result<Head> {
    writer.number(server.into());
    let user = write_name(writer, names, Kind::User, item.user())?;
    let client = write_name(writer, names, Kind::Client, item.client())?;
    Ok(Head { server, user, client })
}

fn read_head(reader: &mut Reader<'_>) -> Result<Head> {
    Ok(Head { server: reader.small()?, user: reader.optional_small()?, client: reader.optional_small()? })
}

/// The rest of an interval.
pub(crate) fn read_item<T: Row>(
    reader: &mut Reader<'_>,
    head: Head,
    names: &mut impl NameSource,
) -> Result<T> {
    let user = head.user.map(|user| names.text(Kind::User, user)).transpose()?;
    let client = head.client.map(|client| names.text(Kind::Client, client)).transpose()?;
    Ok(T::read(reader, names)?.with_names(user, client))
}

/// An interval that ended.
pub(crate) fn encode_span<T: Row>(
    key: SpanKey,
    span: Span,
    server: u32,
    item: &T,
    names: &mut NameWriter<'_>,
) -> Result<(Head, Vec<u8>)> {
    let mut writer = Writer::default();
    let exact = if span.from_exact { FROM_EXACT } else { 0 } | if span.until_exact { UNTIL_EXACT } else { 0 };
    writer.number(exact);
    writer.number(span.until.saturating_sub(span.from));
    if !span.until_exact {
        writer.number(span.gone.saturating_sub(span.until));
    }
    let head = write_head(&mut writer, names, server, item)?;
    item.write(&mut writer, names)?;
    Ok((head, writer.finish(&key.bytes())))
}

pub(crate) fn decode_span<'a>(key: SpanKey, bytes: &'a [u8]) -> Result<(Span, Head, Reader<'a>)> {
    let mut reader = Reader::new(&key.bytes(), bytes)?;
    let exact = reader.number()?;
    let (from_exact, until_exact) = (exact & FROM_EXACT != 0, exact & UNTIL_EXACT != 0);
    let until = key.from.saturating_add(reader.seconds()?);
    let gone = if until_exact { until } else { until.saturating_add(reader.seconds()?) };
    let head = read_head(&mut reader)?;
    Ok((Span { from: key.from, from_exact, until, until_exact, gone }, head, reader))
}

/// An interval that lasts.
pub(crate) fn encode_open<T: Row>(
    open: &Open<T>,
    server: u32,
    names: &mut NameWriter<'_>,
) -> Result<Vec<u8>> {
    let mut writer = Writer::default();
    writer.number(if open.from_exact { FROM_EXACT } else { 0 });
    writer.number(open.from);
    writer.optional(open.start);
    write_head(&mut writer, names, server, &open.item)?;
    open.item.write(&mut writer, names)?;
    Ok(writer.finish(&open.id.to_be_bytes()))
}

/// The interval without its names, and the reader of the rest.
pub(crate) fn decode_open<T: Row>(id: u32, bytes: &[u8]) -> Result<(Open<T>, Head, Reader<'_>)> {
    let mut reader = Reader::new(&id.to_be_bytes(), bytes)?;
    let from_exact = reader.number()? & FROM_EXACT != 0;
    let (from, start) = (reader.seconds()?, reader.optional()?);
    let head = read_head(&mut reader)?;
    Ok((Open { id, from, from_exact, start, item: T::default() }, head, reader))
}

/// A gap: its server, its length and its cause.
pub(crate) fn encode_gap(key: SpanKey, until: u64, server: u32, cause: &GapCause) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.number(until.saturating_sub(key.from));
    writer.number(server.into());
    match cause {
        GapCause::NotRecorded => writer.number(0),
        GapCause::Late => writer.number(1),
        GapCause::ClockSet => writer.number(2),
        GapCause::Failed(text) => {
            writer.number(3);
            writer.text(text);
        }
        GapCause::FilesFailed(text) => {
            writer.number(4);
            writer.text(text);
        }
    }
    writer.finish(&key.bytes())
}

pub(crate) fn decode_gap(key: SpanKey, bytes: &[u8]) -> Result<(u64, u32, GapCause)> {
    let mut reader = Reader::new(&key.bytes(), bytes)?;
    let until = key.from.saturating_add(reader.seconds()?);
    let server = reader.small()?;
    let cause = match reader.number()? {
        0 => GapCause::NotRecorded,
        1 => GapCause::Late,
        2 => GapCause::ClockSet,
        3 => GapCause::Failed(reader.text()?.to_owned()),
        4 => GapCause::FilesFailed(reader.text()?.to_owned()),
        _ => return Err(Damage("a gap has an unknown cause").into()),
    };
    Ok((until, server, cause))
}

pub(crate) fn encode_server(number: u32, name: &str, times: &ServerTimes) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text(name);
    writer.optional(times.first);
    writer.optional(times.last);
    writer.optional(times.last_files);
    writer.optional(times.failing.as_ref().map(|(since, _)| *since));
    writer.text(times.failing.as_ref().map_or("", |(_, cause)| cause));
    if let Some((since, cause)) = &times.files_failing {
        writer.number(*since);
        writer.text(cause);
    }
    writer.finish(&number.to_be_bytes())
}

pub(crate) fn decode_server(number: u32, bytes: &[u8]) -> Result<(String, ServerTimes)> {
    let mut reader = Reader::new(&number.to_be_bytes(), bytes)?;
    let name = reader.text()?.to_owned();
    let (first, last, last_files) = (reader.optional()?, reader.optional()?, reader.optional()?);
    let since = reader.optional()?;
    let cause = reader.text()?.to_owned();
    let failing = since.map(|since| (since, cause));
    let files_failing =
        if reader.is_empty() { None } else { Some((reader.seconds()?, reader.text()?.to_owned())) };
    Ok((name, ServerTimes { first, last, last_files, failing, files_failing }))
}
