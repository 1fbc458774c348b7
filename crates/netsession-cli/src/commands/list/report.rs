use std::io::Write;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;

use super::progress::Progress;
use super::say;
use crate::cli::Format;
use crate::errors::Errors;
use crate::exit::Exit;
use crate::outcome::Outcome;
use crate::output::{self, Look, Sink, Sweep};

/// Shows outcomes as they come, or all at the end, as the format has it.
pub(super) struct Report {
    format: Format,
    look: Look,
    servers: usize,
    /// What a table or an array shows when all is there; what streams is not kept.
    kept: Vec<Option<Outcome>>,
    told: usize,
    errors: Errors,
    sweep: Sweep,
}

impl Report {
    pub(super) fn new(format: Format, servers: usize, look: Look) -> Self {
        let mut kept = Vec::new();
        if matches!(format, Format::Table | Format::Json) {
            kept.resize_with(servers, || None);
        }
        let (told, errors, sweep) = (0, Errors::default(), Sweep::default());
        Self { format, look, servers, kept, told, errors, sweep }
    }

    /// Takes every outcome and shows it: data to `out`, talk to `err`.
    pub(super) fn all(
        &mut self,
        mut outcomes: mpsc::Receiver<(usize, Outcome)>,
        progress: &Progress,
        out: &mut Sink<'_>,
        err: &mut dyn Write,
    ) -> Result<Exit> {
        let mut progress = progress.clone();
        if self.format == Format::Csv {
            write(out, &output::csv_header()?)?;
        }
        while let Some((index, outcome)) = outcomes.blocking_recv() {
            let has_failed = outcome.result.is_err();
            self.one(index, outcome, &progress, out, err)?;
            progress.done(has_failed);
        }
        progress.clear();
        self.end(out, err)
    }

    fn one(
        &mut self,
        index: usize,
        outcome: Outcome,
        progress: &Progress,
        out: &mut Sink<'_>,
        err: &mut dyn Write,
    ) -> Result<()> {
        self.told = self.told.saturating_add(1);
        self.sweep.add(&outcome);
        if let Err(error) = &outcome.result
            && self.format != Format::Jsonl
        {
            let text = self.errors.text(&outcome.server, error);
            progress.beside(|| say(err, &text));
        }
        let rows = match (self.format, &outcome.result) {
            (Format::Jsonl, _) => Some(output::jsonl(&outcome)?),
            (Format::Csv, Ok(answer)) => Some(output::csv(&outcome.server, answer)?),
            (Format::Csv, Err(_)) | (Format::Table | Format::Json, _) => None,
        };
        if let Some(rows) = rows {
            progress.rows(|| write(out, &rows))?;
        }
        if let Some(place) = self.kept.get_mut(index) {
            *place = Some(outcome);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Sink<'_>, err: &mut dyn Write) -> Result<Exit> {
        if self.told < self.servers {
            anyhow::bail!("not every server was asked");
        }
        let kept: Vec<_> = std::mem::take(&mut self.kept).into_iter().flatten().collect();
        match self.format {
            Format::Table => write(out, &output::tables(&kept, self.look))?,
            Format::Json => write(out, &output::json(&kept)?)?,
            Format::Jsonl | Format::Csv => {}
        }
        if self.servers > 1 {
            say(err, &self.sweep.text());
        }
        Ok(if self.sweep.has_failures() { Exit::Failed } else { Exit::Answered })
    }
}

fn write(out: &mut Sink<'_>, bytes: &[u8]) -> Result<()> {
    out.write(bytes).context("cannot write the output")
}
