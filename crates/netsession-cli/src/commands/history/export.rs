//! `netsession history export`: everything, row by row.

use std::io::Write;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use netsession_history::Interval;

use super::gaps;
use super::row::{FileIntervalRow, SessionIntervalRow};
use super::store::StoreArgs;
use super::window::{Window, WindowArgs};
use crate::output::{self, Row, Selection, Sink};
use crate::process::Exit;

/// Print every interval as CSV or JSON Lines
///
/// The keys are those of `netsession history`, times are in UTC. The rows are in no order, and are written as they
/// are read: a store of any size takes little memory.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    window: WindowArgs,

    /// Export open files instead of sessions
    #[arg(long)]
    files: bool,

    /// Format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ExportFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// One object a line
    #[default]
    Jsonl,
    /// With a header (RFC 4180)
    Csv,
}

pub(super) fn run(args: &ExportArgs, out: &mut Sink<'_>, err: &mut dyn Write) -> Result<Exit> {
    let mut history = args.store.open()?;
    let window = args.window.window(None, &history)?;
    let query = window.query();
    if args.files {
        let mut export = Export::new(args.format, &window, out, FileIntervalRow::new)?;
        history.visit_files(&query, |interval| export.add(interval))?;
        export.finish()?;
    } else {
        let mut export = Export::new(args.format, &window, out, SessionIntervalRow::new)?;
        history.visit_sessions(&query, |interval| export.add(interval))?;
        export.finish()?;
    }
    drop(query);
    gaps::tell(&history, &window, args.files, err)?;
    Ok(Exit::Success)
}

/// Rows that are written at a time.
const PIECE: usize = 1024;

struct Export<'a, 'o, T, R: Row> {
    format: ExportFormat,
    window: &'a Window,
    selection: Selection<R>,
    out: &'a mut Sink<'o>,
    row: fn(Interval<T>, &Window) -> R,
    waiting: Vec<(String, R)>,
    /// The first error: the rest is not written.
    result: Result<()>,
}

impl<'a, 'o, T, R: Row> Export<'a, 'o, T, R> {
    fn new(
        format: ExportFormat,
        window: &'a Window,
        out: &'a mut Sink<'o>,
        row: fn(Interval<T>, &Window) -> R,
    ) -> Result<Self> {
        let selection = Selection::default();
        if format == ExportFormat::Csv {
            out.write(&output::csv_header(&selection)?).context("cannot write the output")?;
        }
        Ok(Self { format, window, selection, out, row, waiting: Vec::with_capacity(PIECE), result: Ok(()) })
    }

    fn add(&mut self, mut interval: Interval<T>) {
        let server = std::mem::take(&mut interval.server);
        self.waiting.push((server, (self.row)(interval, self.window)));
        if self.waiting.len() >= PIECE {
            self.write();
        }
    }

    fn write(&mut self) {
        let rows = std::mem::take(&mut self.waiting);
        if self.result.is_ok() {
            self.result = self.write_rows(&rows);
        }
    }

    fn write_rows(&mut self, rows: &[(String, R)]) -> Result<()> {
        let lines: Vec<_> = rows.iter().map(|(server, row)| output::line_of(server, row)).collect();
        let mut write = |piece: Result<Vec<u8>>| self.out.write(&piece?).context("cannot write the output");
        match self.format {
            ExportFormat::Jsonl => output::json_lines(&lines, &self.selection).try_for_each(&mut write),
            ExportFormat::Csv => output::csv(&lines, &self.selection).try_for_each(&mut write),
        }
    }

    fn finish(mut self) -> Result<()> {
        self.write();
        self.result
    }
}
