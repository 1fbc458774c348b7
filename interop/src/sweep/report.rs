use std::fmt::{self, Display, Formatter};

use super::{Case, Row};

/// Everything that was measured.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Case by case, in each of them `netsession` first.
    pub rows: Vec<Row>,
}

/// Of one listing.
const ROUND_TRIPS: f64 = 5.0;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| servers | at once | + ms a round trip | client | seconds | servers/s | CPU s | peak MiB |"
        )?;
        writeln!(f, "|---:|---:|---:|---|---:|---:|---:|---:|")?;
        for Row { case, client, cost } in &self.rows {
            let (wall, cpu) = (cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
            let (rate, peak) = (case.servers as f64 / wall, cost.peak_kib as f64 / 1024.0);
            let Case { servers, at_once, delay_ms, .. } = case;
            writeln!(
                f,
                "| {servers} | {at_once} | {delay_ms} | {client} | {wall:.2} | {rate:.0} | {cpu:.2} | {peak:.1} |"
            )?;
        }
        writeln!(f)?;
        self.rows.iter().filter(|row| row.client == "netsession").try_for_each(|row| self.line(f, row))?;
        self.memory(f)
    }
}

impl Report {
    /// What the figures of one case say.
    fn line(&self, f: &mut Formatter<'_>, row: &Row) -> fmt::Result {
        let Case { servers, at_once, delay_ms, .. } = row.case;
        let name = format!("- {servers} servers, {at_once} at once, + {delay_ms} ms: ");
        let wall = row.cost.wall.as_secs_f64();
        let other = self.rows.iter().find(|other| other.client != row.client && is_same(other, row));
        if let Some(other) = other {
            let rate = other.cost.wall.as_secs_f64() / wall;
            let cpu = row.cost.cpu.as_secs_f64() / other.cost.cpu.as_secs_f64();
            writeln!(f, "{name}{rate:.1} times the rate of rpcclient, {cpu:.4} of its CPU")?;
        }
        if delay_ms > 0 {
            let alone = servers as f64 / at_once as f64 * ROUND_TRIPS * delay_ms as f64 / 1_000.0;
            let times = wall / alone;
            write!(f, "{name}{times:.2} times the {alone:.2} s that the round trips alone cost")?;
            match other.map(|other| other.cost.wall.as_secs_f64() / alone) {
                Some(most) => {
                    writeln!(f, ", which limits any client to {most:.1} times the rate of rpcclient")?
                }
                None => writeln!(f)?,
            }
        }
        Ok(())
    }

    /// What a server in flight takes, and what one takes that is done.
    fn memory(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let peak = |servers, at_once, delay| {
            let found = self.rows.iter().find(|row| {
                row.client == "netsession"
                    && (row.case.servers, row.case.at_once, row.case.delay_ms) == (servers, at_once, delay)
            });
            found.map(|row| row.cost.peak_kib as f64)
        };
        if let (Some(few), Some(many)) = (peak(1_000, 16, 20), peak(1_000, 256, 20)) {
            writeln!(f, "- memory for each of 240 more servers in flight: {:.1} KiB", (many - few) / 240.0)?;
        }
        if let (Some(few), Some(many)) = (peak(1_000, 256, 0), peak(10_000, 256, 0)) {
            writeln!(
                f,
                "- memory for each of 9,000 more servers in the list: {:.2} KiB",
                (many - few) / 9_000.0
            )?;
        }
        Ok(())
    }

    /// The part of the page, with what is needed to make it again.
    pub fn section(&self, machine: &str) -> String {
        format!(
            "## Sweep\n\n\
             Made by `cargo xtask bench-sweep --write` on {machine}.\n\n\
             `netsession list --servers-from LIST --jobs N -l 1 -f jsonl`, which prints every session, beside\n\
             `xargs -P N rpcclient … -c 'netsessenum x x 1 0'`, which prints counts. Both ask the same fleet: one process\n\
             of `netsession-testserver` on as many addresses of loopback, which runs on the same cores. Whole processes in one run; medians, but of rpcclient,\n\
             which runs once. `+ ms` is by how much the\n\
             server delays each of its replies. Ratios count, not the times: machines differ.\n\n{self}"
        )
    }
}

fn is_same(one: &Row, other: &Row) -> bool {
    let key = |row: &Row| (row.case.servers, row.case.at_once, row.case.delay_ms);
    key(one) == key(other)
}
