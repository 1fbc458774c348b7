//! `netsession history`: the rows.

use std::io::Write;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use netsession::PathPattern;
use netsession_history::{File, History, Interval};

use super::gaps;
use super::row::{FileIntervalRow, SessionIntervalRow};
use super::store::{StoreArgs, Wrong};
use super::window::{Window, WindowArgs};
use crate::args::ColumnArgs;
use crate::output::{self, Row, Selection, ServerRows, Sink, error_line};
use crate::process::{Exit, Terminal, say};
use crate::text::fit;

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    window: WindowArgs,

    /// Only what was there at this time
    #[arg(long, value_name = "TIME", conflicts_with_all = ["since", "until"], help_heading = "Filters")]
    at: Option<String>,

    /// Show open files instead of sessions, where they were recorded
    #[arg(long, help_heading = "Filters")]
    files: bool,

    /// Only files with this in their path, or a pattern with * and ?
    ///
    /// Without regard to case. Implies --files.
    #[arg(long, value_name = "PATTERN", help_heading = "Filters")]
    path: Option<String>,

    /// Output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    format: ShowFormat,

    #[command(flatten)]
    columns: ColumnArgs,
}

/// The formats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// For people, in local time
    #[default]
    Table,
    /// One array of objects
    Json,
    /// One object a line
    Jsonl,
    /// With a header (RFC 4180)
    Csv,
}

impl ShowArgs {
    /// What stands under a table: what `?` means, where it stands, and the time zone.
    fn remarks<T>(&self, intervals: &[Interval<T>], window: &Window, terminal: Terminal) -> String {
        if self.format != ShowFormat::Table || self.columns.no_header || intervals.is_empty() {
            return String::new();
        }
        let is_exact = |one: &Interval<T>| one.from_exact && (one.until.is_none() || one.until_exact);
        let is_inexact = !intervals.iter().all(is_exact);
        remarks(is_inexact, &window.zone(), terminal)
    }

    fn selection<R: Row>(&self) -> Result<Selection<R>> {
        Ok(Selection::new(&self.columns).map_err(|error| Wrong(format!("{error:#}")))?)
    }
}

fn remarks(is_inexact: bool, zone: &str, terminal: Terminal) -> String {
    let mark =
        is_inexact.then(|| "? it began earlier, or ended later: the server was not asked then".to_owned());
    let limit = terminal.width.map_or(usize::MAX, usize::from);
    let lines = mark.into_iter().chain([format!("times in {zone}")]);
    lines.flat_map(|line| fit::wrapped(&line, limit)).map(|line| line + "\n").collect()
}

pub(super) fn run(
    args: &ShowArgs,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
    terminal: Terminal,
) -> Result<Exit> {
    let is_files = args.files || args.path.is_some();
    if args.path.as_deref() == Some("") {
        bail!(Wrong("--path is empty: leave it out to see every file".into()));
    }
    if is_files {
        let selection = args.selection()?;
        let (mut history, window) = prepare(args)?;
        let pattern = args.path.as_deref().map(PathPattern::new);
        let mut files = history.files(&window.query())?;
        files.retain(|file| is_wanted(pattern.as_ref(), file));
        let (is_empty, remarks) = (files.is_empty(), args.remarks(&files, &window, terminal));
        let rows = |file| FileIntervalRow::new(file, &window);
        show(by_server(files, rows), &selection, args.format, out, terminal)?;
        out.write(remarks.as_bytes()).context("cannot write the output")?;
        if is_empty && args.format == ShowFormat::Table {
            say(err, &error_line("no open file was recorded that matches"));
        }
        gaps::tell(&history, &window, true, err)?;
    } else {
        let selection = args.selection()?;
        let (mut history, window) = prepare(args)?;
        let sessions = history.sessions(&window.query())?;
        let (is_empty, remarks) = (sessions.is_empty(), args.remarks(&sessions, &window, terminal));
        let rows = |session| SessionIntervalRow::new(session, &window);
        show(by_server(sessions, rows), &selection, args.format, out, terminal)?;
        out.write(remarks.as_bytes()).context("cannot write the output")?;
        if is_empty && args.format == ShowFormat::Table {
            say(err, &error_line("no session was recorded that matches"));
        }
        gaps::tell(&history, &window, false, err)?;
    }
    Ok(Exit::Success)
}

fn prepare(args: &ShowArgs) -> Result<(History, Window)> {
    let history = args.store.open()?;
    let window = args.window.window(args.at.as_deref(), &history)?;
    let window = if args.format == ShowFormat::Table { window.with_local_times() } else { window };
    Ok((history, window))
}

fn is_wanted(pattern: Option<&PathPattern>, file: &Interval<File>) -> bool {
    let matches = |pattern: &PathPattern| {
        [&file.item.path, &file.item.unc].into_iter().flatten().any(|path| pattern.matches(path))
    };
    pattern.is_none_or(matches)
}

/// The rows by server, which are together already.
fn by_server<T, R: Row>(intervals: Vec<Interval<T>>, row: impl Fn(Interval<T>) -> R) -> Vec<ServerRows<R>> {
    let mut servers: Vec<ServerRows<R>> = Vec::new();
    for mut interval in intervals {
        let name = std::mem::take(&mut interval.server);
        let row = row(interval);
        match servers.last_mut() {
            Some(ServerRows { server, result: Ok(rows) }) if *server == name => rows.rows.push(row),
            _ => servers.push(ServerRows { server: name, result: Ok(vec![row].into()) }),
        }
    }
    servers
}

fn show<R: Row>(
    servers: Vec<ServerRows<R>>,
    selection: &Selection<R>,
    format: ShowFormat,
    out: &mut Sink<'_>,
    terminal: Terminal,
) -> Result<()> {
    let lines = output::all_lines(&servers, selection);
    let mut write = |bytes: &[u8]| out.write(bytes).context("cannot write the output");
    match format {
        ShowFormat::Table => write(&output::tables(&servers, selection, terminal))?,
        ShowFormat::Json => output::json(&lines, selection).try_for_each(|piece| write(&piece?))?,
        ShowFormat::Jsonl => output::json_lines(&lines, selection).try_for_each(|piece| write(&piece?))?,
        ShowFormat::Csv => {
            write(&output::csv_header(selection)?)?;
            output::csv(&lines, selection).try_for_each(|piece| write(&piece?))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_fit_the_terminal() {
        let narrow = Terminal { width: Some(40), ..Terminal::default() };
        assert_eq!(
            remarks(true, "Europe/Berlin", narrow),
            "? it began earlier, or ended later: the\nserver was not asked then\ntimes in Europe/Berlin\n"
        );
        assert_eq!(
            remarks(true, "UTC", Terminal::default()),
            "? it began earlier, or ended later: the server was not asked then\ntimes in UTC\n"
        );
        assert_eq!(remarks(false, "UTC", narrow), "times in UTC\n");
    }
}
