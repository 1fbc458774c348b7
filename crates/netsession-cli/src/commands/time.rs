//! `netsession time`: the servers' clocks.

use anyhow::Result;
use clap::Args;
use netsession::{ClockOffset, ServerTime, Time};

use crate::args::{self, AskArgs, Format};
use crate::output::{Column, Row, Rows, Value, columns_help};
use crate::shell::ServerCommand;

const EXAMPLES: &str = "\
Examples:
  netsession time fs1                         the clock, and how far it is off
  netsession time --sort -offset @all         those most ahead first
  netsession time -f jsonl fs1 fs2            as JSON, one line for each server";

/// Show the clocks of servers, and how far they are off
///
/// Asks each server for its time. Every user may ask. The offset is the server's clock less the clock of this
/// machine, corrected by half of the round trip; Samba reports whole seconds.
#[derive(Debug, Args)]
#[command(
    mut_arg("format", Format::of_rows),
    after_help = EXAMPLES,
    after_long_help = args::after_long_help(EXAMPLES, &columns_help::<TimeRow>())
)]
pub(crate) struct TimeArgs {
    #[command(flatten)]
    ask: AskArgs,
}

impl ServerCommand for TimeArgs {
    type Question = Time;
    type Row = TimeRow;

    fn ask_args(&self) -> &AskArgs {
        &self.ask
    }

    fn question(&self) -> Result<Time> {
        Ok(Time)
    }

    fn rows(_: &str, answer: ServerTime) -> Rows<TimeRow> {
        vec![TimeRow(answer)].into()
    }
}

/// The clock of one server; its time is shown as RFC 3339 has it, in UTC.
#[derive(Debug)]
pub(crate) struct TimeRow(ServerTime);

type TimeColumn = Column<TimeRow>;

impl Row for TimeRow {
    type Totals = ();

    const COLUMNS: &'static [TimeColumn] = &[
        TimeColumn::new("time", "TIME", |row| match jiff::Timestamp::try_from(row.0.time) {
            // Always as long, so that texts sort like times.
            Ok(time) => format!("{time:.2}").into(),
            Err(_) => Value::Null,
        })
        .whole()
        .always(),
        TimeColumn::new("offset_seconds", "OFFSET", |row| row.0.offset.as_secs_f64().into())
            .alias("offset")
            .number(),
        TimeColumn::new("timezone_minutes", "TIMEZONE", |row| {
            row.0.timezone.map(ClockOffset::as_minutes).into()
        })
        .alias("timezone")
        .number()
        .optional(),
    ];
    const TABLE: &'static [&'static str] = &["time", "offset_seconds", "timezone_minutes"];
    const ONE_TABLE: bool = true;
}
