//! What libFuzzer says.

use std::time::Duration;

/// How a run went.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stats {
    executions: u64,
    /// Edges of the program that were reached, and combinations of how often.
    edges: u64,
    features: u64,
    /// Inputs that each reach something that no other one does.
    corpus: u64,
    seconds: u64,
    pub(super) failed: bool,
}

impl Stats {
    pub(super) fn read(text: &str, time: Duration, failed: bool) -> Self {
        let last = |key: &str| {
            let (_, rest) = text.rsplit_once(key)?;
            let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        };
        let number = |key| last(key).unwrap_or(0);
        Self {
            executions: number("stat::number_of_executed_units:"),
            edges: number(" cov:"),
            features: number(" ft:"),
            corpus: number(" corp:"),
            seconds: time.as_secs(),
            failed,
        }
    }
}

pub(super) fn print(done: &[(&str, Stats)]) {
    eprintln!(
        "\n{:<20}{:>8}{:>12}{:>8}{:>10}{:>8}",
        "target", "seconds", "executions", "edges", "features", "corpus"
    );
    for (name, stats) in done {
        let Stats { executions, edges, features, corpus, seconds, failed } = stats;
        let mark = if *failed { "  FAILED" } else { "" };
        eprintln!("{name:<20}{seconds:>8}{executions:>12}{edges:>8}{features:>10}{corpus:>8}{mark}");
    }
}

/// What is to be read of a run that ended badly: from the panic on, without the statistics.
pub(super) fn about_the_finding(text: &str) -> &str {
    const PANIC: &str = "panicked at";
    let start = text.find(PANIC).or_else(|| text.find("ERROR: libFuzzer")).unwrap_or(0);
    text.get(start..).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "#17\tINITED cov: 1653 ft: 3261 corp: 16/65Kb exec/s: 0 rss: 28Mb
#20698\tDONE   cov: 2261 ft: 7018 corp: 522/1848Kb lim: 16384 exec/s: 2956 rss: 32Mb
stat::number_of_executed_units: 20698
stat::average_exec_per_sec:     2956
";

    #[test]
    fn last_numbers_count() {
        let stats = Stats::read(TEXT, Duration::from_secs(7), false);
        let expected =
            Stats { executions: 20698, edges: 2261, features: 7018, corpus: 522, seconds: 7, failed: false };
        assert_eq!(stats, expected);
    }
}
