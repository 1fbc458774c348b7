//! The table of medians and ratios, as Markdown: it is read on a terminal as it is.

use std::fmt::{self, Display, Formatter};
use std::process::Command;
use std::time::Duration;

use super::{Row, Subject};

/// What a listing may cost, as shares of rpcclient's wall and CPU time. There is room for what one machine differs from
/// another, and little for a start of the program that costs more than on 28 November 2026.
struct Bound {
    subject: Subject,
    held: usize,
    client: &'static str,
    wall: f64,
    cpu: f64,
}

/// What shows as much of each file as rpcclient.
const AS_RPCCLIENT: &str = "netsession --columns";

const BOUNDS: [Bound; 6] = [
    sessions(5, 0.4, 0.14),
    sessions(1_000, 0.55, 0.2),
    sessions(10_000, 1.0, 0.4),
    files(10, 0.4, 0.2),
    files(1_000, 0.6, 0.2),
    files(10_000, 1.0, 0.5),
];

const fn sessions(held: usize, wall: f64, cpu: f64) -> Bound {
    Bound { subject: Subject::Sessions, held, client: "netsession", wall, cpu }
}

const fn files(held: usize, wall: f64, cpu: f64) -> Bound {
    Bound { subject: Subject::Files, held, client: AS_RPCCLIENT, wall, cpu }
}

/// Everything that was measured.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was listed.
    pub subject: Subject,
    /// By size, and in it the clients in the order measured, the first being what the others are compared with.
    pub rows: Vec<Row>,
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| {} | client | wall ms | CPU ms | peak MiB | wall, times netsession's | CPU, times netsession's |",
            self.subject.plural()
        )?;
        writeln!(f, "|---:|---|---:|---:|---:|---:|---:|")?;
        for row in &self.rows {
            let Some(base) = self.row(row.held, "netsession") else { continue };
            let wall = ratio(row.cost.wall, base.cost.wall);
            let cpu = ratio(row.cost.cpu, base.cost.cpu);
            let (wall_ms, cpu_ms) = (milliseconds(row.cost.wall), milliseconds(row.cost.cpu));
            let peak = row.cost.peak_kib as f64 / 1024.0;
            writeln!(
                f,
                "| {} | {} | {wall_ms} | {cpu_ms} | {peak:.1} | {wall:.2} | {cpu:.2} |",
                row.held, row.client
            )?;
        }
        writeln!(f)?;
        for row in self.rows.iter().filter(|row| ["netsession", AS_RPCCLIENT].contains(&row.client)) {
            let Some(other) = self.row(row.held, "rpcclient") else { continue };
            let wall = ratio(row.cost.wall, other.cost.wall);
            let cpu = ratio(row.cost.cpu, other.cost.cpu);
            writeln!(
                f,
                "- {} {}, {}: {wall:.2} of rpcclient's wall time, {cpu:.2} of its CPU",
                row.held,
                self.subject.plural(),
                row.client
            )?;
        }
        for (bound, wall, cpu) in self.bounds() {
            let is_met = if bound.is_met(wall, cpu) { "met" } else { "BROKEN" };
            let Bound { subject, held, client, wall: most_wall, cpu: most_cpu } = bound;
            writeln!(
                f,
                "- bound for {held} {}, {client}: at most {most_wall:.2} of rpcclient's wall time ({wall:.2}) and \
                 {most_cpu:.2} of its CPU ({cpu:.2}): {is_met}",
                subject.plural()
            )?;
        }
        Ok(())
    }
}

impl Bound {
    fn is_met(&self, wall: f64, cpu: f64) -> bool {
        wall <= self.wall && cpu <= self.cpu
    }
}

impl Report {
    /// Whether every bound of what was measured is met.
    pub fn is_kept(&self) -> bool {
        self.bounds().all(|(bound, wall, cpu)| bound.is_met(wall, cpu))
    }

    /// The bounds of the sizes that were measured, with the shares of wall and CPU time.
    fn bounds(&self) -> impl Iterator<Item = (&'static Bound, f64, f64)> {
        let bounds = BOUNDS.iter().filter(|bound| bound.subject == self.subject);
        bounds.filter_map(|bound| {
            let (ours, theirs) = (self.row(bound.held, bound.client)?, self.row(bound.held, "rpcclient")?);
            Some((bound, ratio(ours.cost.wall, theirs.cost.wall), ratio(ours.cost.cpu, theirs.cost.cpu)))
        })
    }

    /// The whole page, with what is needed to make it again.
    pub fn page(&self) -> String {
        if self.subject == Subject::Files {
            return format!(
                "# Benchmarks: open files\n\n\
                 Made by `cargo xtask bench --files --write` on {}.\n\n\
                 Whole processes, each listing all open files of one Samba on loopback at level 3 over NTLM, and printing\n\
                 every one of them. The clients take turns in one run, after a warm-up; the numbers are medians.\n\
                 netsession prints JSON, and asks for the shares and the sessions too, to show the path as users have it\n\
                 and the computer. With `--columns id,path,user,access,locks` it asks for neither, and shows what rpcclient\n\
                 shows; with `--path` it compares both paths of each file with a pattern that all have. `net rpc file` knows no\n\
                 other port than 445: it is left out where that is taken. The run fails where a bound is broken.\n\
                 Ratios count, not the times: machines differ.\n\n{self}",
                machine()
            );
        }
        format!(
            "# Benchmarks\n\n\
             Made by `cargo xtask bench --write` on {}.\n\n\
             Whole processes, each listing all sessions of one Samba on loopback at level 1 over NTLM. The clients\n\
             take turns in one run, after a warm-up; the numbers are medians. netsession prints every session as\n\
             JSON, python3-samba and impacket print them too, rpcclient prints a count. The caller's own session\n\
             comes on top of the sessions named. The run fails where a bound is broken. Ratios count, not the times:\n\
             machines differ.\n\n{self}",
            machine()
        )
    }

    fn row(&self, held: usize, client: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.held == held && row.client == client)
    }
}

/// What it was measured on.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let samba = Command::new("smbclient").arg("--version").output();
    let samba =
        samba.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    format!(
        "{} {}, {cores} cores, Samba {}",
        std::env::consts::OS,
        std::env::consts::ARCH,
        samba.trim_start_matches("Version ")
    )
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Cost;

    fn report(subject: Subject, client: &'static str, wall: u64, cpu: u64) -> Report {
        let row = |client, wall, cpu| Row {
            held: 1_000,
            client,
            cost: Cost {
                wall: Duration::from_millis(wall),
                cpu: Duration::from_millis(cpu),
                ..Cost::default()
            },
        };
        Report { subject, rows: vec![row(client, wall, cpu), row("rpcclient", 100, 100)] }
    }

    #[test]
    fn broken_bound_is_shown_and_fails() {
        for (subject, client, most_wall) in
            [(Subject::Files, AS_RPCCLIENT, 60), (Subject::Sessions, "netsession", 55)]
        {
            for (wall, cpu, is_kept) in
                [(most_wall, 20, true), (most_wall + 1, 20, false), (most_wall, 21, false)]
            {
                let report = report(subject, client, wall, cpu);
                assert_eq!(report.is_kept(), is_kept, "{wall} {cpu}");
                assert_eq!(report.to_string().contains(": met\n"), is_kept, "{report}");
                assert_eq!(report.to_string().contains(": BROKEN\n"), !is_kept, "{report}");
            }
        }
    }
}
