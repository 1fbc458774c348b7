use std::fmt;
use std::time::Duration;

use super::DELAYS;

/// One line of the table: a way to ask, and the log-ons for each delay.
#[derive(Debug)]
pub struct Row {
    /// How the servers were asked.
    pub case: String,
    /// For each of [`DELAYS`].
    pub log_ons: Vec<usize>,
}

/// The table, in Markdown.
#[derive(Debug, Default)]
pub struct Report {
    /// Its lines.
    pub rows: Vec<Row>,
}

impl Report {
    /// The most log-ons of a case.
    pub fn most(&self) -> usize {
        self.rows.iter().flat_map(|row| row.log_ons.iter().copied()).max().unwrap_or_default()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("| answers late by |")?;
        DELAYS.iter().map(Duration::as_secs).try_for_each(|delay| write!(f, " {delay} s |"))?;
        writeln!(f, "\n|---|{}", "---:|".repeat(DELAYS.len()))?;
        for Row { case, log_ons } in &self.rows {
            write!(f, "| {case} |")?;
            log_ons.iter().try_for_each(|count| write!(f, " {count} |"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}
