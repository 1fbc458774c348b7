use std::collections::BTreeMap;

use super::row::{PartialSums, Row, Totals as _};
use super::server_rows::ServerRows;
use crate::text::count;

/// What a run over several servers came to.
#[derive(Debug)]
pub(crate) struct RunSummary<R: Row> {
    answered: usize,
    /// How many failed, by the kind of their error.
    failed: BTreeMap<&'static str, usize>,
    totals: R::Totals,
}

impl<R: Row> Default for RunSummary<R> {
    fn default() -> Self {
        Self { answered: 0, failed: BTreeMap::new(), totals: R::Totals::default() }
    }
}

impl<R: Row> RunSummary<R> {
    /// One more server is done.
    pub(crate) fn add(&mut self, server: &ServerRows<R>) {
        match &server.result {
            Ok(rows) => {
                self.answered = self.answered.saturating_add(1);
                rows.rows.iter().for_each(|row| self.totals.add(row));
            }
            Err(error) => {
                let failed = self.failed.entry(error.kind().as_str()).or_default();
                *failed = failed.saturating_add(1);
            }
        }
    }

    pub(crate) fn has_failures(&self) -> bool {
        !self.failed.is_empty()
    }

    /// For stderr: a line for the servers, and one for what they have.
    pub(crate) fn text(&self) -> String {
        let failed: usize = self.failed.values().sum();
        let servers = count(self.answered.saturating_add(failed), "server");
        let mut text = format!("netsession: {servers}: {} answered", self.answered);
        if failed > 0 {
            let mut kinds: Vec<_> = self.failed.iter().map(|(kind, number)| (*number, *kind)).collect();
            // The most frequent first.
            kinds.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
            let kinds: Vec<_> = kinds.iter().map(|(number, kind)| format!("{number} {kind}")).collect();
            text += &format!(", {failed} failed ({})", kinds.join(", "));
        }
        text.push('\n');
        // Without an answer nothing is known: "no sessions" would be read as one.
        let totals = (self.answered > 0).then(|| self.totals.text(PartialSums::AtLeast)).flatten();
        if let Some(totals) = totals {
            text += &format!("  {totals}\n");
        }
        text
    }
}
