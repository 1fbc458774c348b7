use std::io::Write;

use anyhow::{Context as _, Result, bail};
use tokio::sync::mpsc;

use super::asking::Indexed;
use super::command::ServerCommand;
use super::progress::Progress;
use crate::args::Format;
use crate::output::{self, ErrorTexts, Hints, Row, RunSummary, Selection, ServerRows, Sink};
use crate::process::{Exit, Terminal, say};

/// Shows the rows of servers as they come, or all at the end, as format and order demand.
pub(super) struct Presenter<R: Row> {
    format: Format,
    selection: Selection<R>,
    terminal: Terminal,
    servers: usize,
    /// Whether rows are written as servers answer. Otherwise they wait here.
    streams: bool,
    waiting: Vec<Option<ServerRows<R>>>,
    shown: usize,
    errors: ErrorTexts,
    hints: Hints,
    summary: RunSummary<R>,
    #[cfg(feature = "exporter")]
    metrics: Metrics<R>,
}

/// The rows of all servers as metrics.
#[cfg(feature = "exporter")]
type Metrics<R> = fn(&[ServerRows<R>]) -> Result<Vec<u8>>;

impl<R: Row> Presenter<R> {
    pub(super) fn new<C: ServerCommand<Row = R>>(
        format: Format,
        selection: Selection<R>,
        servers: usize,
        terminal: Terminal,
    ) -> Self {
        let streams = matches!(format, Format::Jsonl | Format::Csv) && !selection.sorts();
        let mut waiting = Vec::new();
        if !streams {
            waiting.resize_with(servers, || None);
        }
        let (errors, hints, summary) = (ErrorTexts::default(), Hints::default(), RunSummary::default());
        Self {
            format,
            selection,
            terminal,
            servers,
            streams,
            waiting,
            shown: 0,
            errors,
            hints,
            summary,
            #[cfg(feature = "exporter")]
            metrics: C::metrics,
        }
    }

    /// Takes the rows of every server and shows them: data to `out`, talk to `err`.
    pub(super) fn present(
        &mut self,
        mut answers: mpsc::Receiver<Indexed<R>>,
        progress: &Progress,
        out: &mut Sink<'_>,
        err: &mut dyn Write,
    ) -> Result<Exit> {
        if self.format == Format::Csv {
            write(out, &output::csv_header(&self.selection)?)?;
        }
        while let Some((index, server)) = answers.blocking_recv() {
            let has_failed = server.result.is_err();
            self.one(index, server, progress, out, err)?;
            progress.done(has_failed);
        }
        progress.clear();
        self.end(out, err)
    }

    fn one(
        &mut self,
        index: usize,
        mut server: ServerRows<R>,
        progress: &Progress,
        out: &mut Sink<'_>,
        err: &mut dyn Write,
    ) -> Result<()> {
        self.shown = self.shown.saturating_add(1);
        self.summary.add(&server);
        match &mut server.result {
            Ok(rows) => {
                rows.sort();
                // In jsonl nothing that a server says goes to stderr: it is for programs, such as the Perl module.
                if let Some(mismatch) = rows.mismatch.as_ref().filter(|_| self.format != Format::Jsonl) {
                    self.hints.add(&server.server, mismatch);
                }
                if self.streams {
                    let lines = output::lines(&server.server, rows, &self.selection);
                    progress.rows(|| match self.format {
                        Format::Csv => write_all(out, output::csv(&lines, &self.selection)),
                        _ => write_all(out, output::json_lines(&lines, &self.selection)),
                    })?;
                }
            }
            Err(error) if self.format == Format::Jsonl => {
                let bytes = output::json_error(&server.server, error)?;
                progress.rows(|| write(out, &bytes))?;
            }
            Err(error) => {
                let text = self.errors.text(&server.server, error);
                progress.beside(|| say(err, &text));
            }
        }
        if let Some(place) = self.waiting.get_mut(index) {
            *place = Some(server);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Sink<'_>, err: &mut dyn Write) -> Result<Exit> {
        if self.shown < self.servers {
            bail!("not every server was asked");
        }
        let servers: Vec<_> = std::mem::take(&mut self.waiting).into_iter().flatten().collect();
        let lines = || output::all_lines(&servers, &self.selection);
        match self.format {
            Format::Table => write(out, &output::tables(&servers, &self.selection, self.terminal))?,
            Format::Json => write_all(out, output::json(&lines(), &self.selection))?,
            Format::Jsonl => write_all(out, output::json_lines(&lines(), &self.selection))?,
            Format::Csv => write_all(out, output::csv(&lines(), &self.selection))?,
            #[cfg(feature = "exporter")]
            Format::Prometheus => write(out, &(self.metrics)(&servers)?)?,
        }
        say(err, &self.hints.text());
        if self.servers > 1 {
            say(err, &self.summary.text());
        }
        Ok(if self.summary.has_failures() { Exit::Failure } else { Exit::Success })
    }
}

fn write_all(out: &mut Sink<'_>, pieces: impl Iterator<Item = Result<Vec<u8>>>) -> Result<()> {
    for piece in pieces {
        write(out, &piece?)?;
    }
    Ok(())
}

fn write(out: &mut Sink<'_>, bytes: &[u8]) -> Result<()> {
    out.write(bytes).context("cannot write the output")
}
