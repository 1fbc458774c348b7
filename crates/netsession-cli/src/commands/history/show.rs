//! `netsession history`: the rows.

use std::io::Write;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use netsession::{MemoryShare, PathPattern};
use netsession_history::{File, History, Interval};

use super::gaps;
use super::row::{FileIntervalRow, SessionIntervalRow};
use super::store::{StoreArgs, Wrong};
use super::window::{Window, WindowArgs};
use crate::args::{Format, OutputArgs};
use crate::output::{self, Row, Rows, Selection, ServerRows, Sink, error_line};
use crate::process::{Exit, Terminal, say};

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

    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn run(
    args: &ShowArgs,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
    terminal: Terminal,
) -> Result<Exit> {
    let wrong = |error: anyhow::Error| Wrong(format!("{error:#}"));
    let is_files = args.files || args.path.is_some();
    if args.path.as_deref() == Some("") {
        bail!(Wrong("--path is empty: leave it out to see every file".into()));
    }
    if is_files {
        let selection = Selection::new(&args.output).map_err(wrong)?;
        let (mut history, window) = prepare(args)?;
        let pattern = args.path.as_deref().map(PathPattern::new);
        let mut files = history.files(&window.query())?;
        files.retain(|file| is_wanted(pattern.as_ref(), file));
        let rows = |file| FileIntervalRow::new(file, &window);
        show(by_server(files, rows), &selection, args.output.format, out, terminal)?;
        tell(&history, &window, err)
    } else {
        let selection = Selection::new(&args.output).map_err(wrong)?;
        let (mut history, window) = prepare(args)?;
        let sessions = history.sessions(&window.query())?;
        let is_empty = sessions.is_empty();
        let rows = |session| SessionIntervalRow::new(session, &window);
        show(by_server(sessions, rows), &selection, args.output.format, out, terminal)?;
        if is_empty && args.output.format == Format::Table {
            say(err, &error_line("no session was recorded that matches"));
        }
        tell(&history, &window, err)
    }
}

fn prepare(args: &ShowArgs) -> Result<(History, Window)> {
    let history = args.store.open()?;
    let window = args.window.window(args.at.as_deref(), &history)?;
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
            _ => {
                let rows = Rows { rows: vec![row], remark: None, hint: None, memory: MemoryShare::default() };
                servers.push(ServerRows { server: name, result: Ok(rows) });
            }
        }
    }
    servers
}

fn show<R: Row>(
    servers: Vec<ServerRows<R>>,
    selection: &Selection<R>,
    format: Format,
    out: &mut Sink<'_>,
    terminal: Terminal,
) -> Result<()> {
    let lines = output::all_lines(&servers, selection);
    let mut write = |bytes: &[u8]| out.write(bytes).context("cannot write the output");
    match format {
        Format::Table => write(&output::tables(&servers, selection, terminal))?,
        Format::Json => output::json(&lines, selection).try_for_each(|piece| write(&piece?))?,
        Format::Jsonl => output::json_lines(&lines, selection).try_for_each(|piece| write(&piece?))?,
        Format::Csv => {
            write(&output::csv_header(selection)?)?;
            output::csv(&lines, selection).try_for_each(|piece| write(&piece?))?;
        }
    }
    Ok(())
}

fn tell(history: &History, window: &Window, err: &mut dyn Write) -> Result<Exit> {
    for line in gaps::lines(history, window)? {
        say(err, &error_line(&line));
    }
    Ok(Exit::Success)
}
