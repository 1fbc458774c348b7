//! What a listing through Perl costs beside one of the program alone.

use std::fmt;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::measure::{self, Cost};
use crate::account::{ADMIN, ALICE, BOB, CAROL};
use crate::many::Many;
use crate::netsession::List;
use crate::perl::Perl;
use crate::process;
use crate::samba::Samba;

/// Asks for level 1 and makes the hashes of the original.
const SCRIPT: &str = "use Win32::Net::Session; my $session = Win32::Net::Session->new($ARGV[0], 1, '', ''); \
                      my $info = $session->GetSessionInfo; print $session->NumberofSessions, qq{\\n};";
const WITHOUT_XS: &str =
    "BEGIN { unshift @INC, sub { die qq{hidden\\n} if $_[1] eq 'JSON/XS.pm'; return } } ";

/// Samba ends connections without a share a minute after the first log-on.
const HELD: Duration = Duration::from_secs(54);
const ATTEMPTS: usize = 10;

/// A way to get the listing, or a part of it.
type Make = fn(SocketAddr) -> Result<Command>;
const WAYS: [(&str, Make); 4] = [
    ("netsession list -f jsonl", program),
    ("perl -e 1", start),
    ("Perl, JSON::XS", xs),
    ("Perl, JSON::PP", pp),
];

/// The medians of each way.
#[derive(Debug)]
pub struct PerlCost {
    sessions: usize,
    rounds: usize,
    costs: [Cost; WAYS.len()],
}

impl PerlCost {
    /// With `sessions` on a private Samba, in at least `rounds` rounds, each way in turn.
    pub fn measure(sessions: usize, rounds: usize) -> Result<Self> {
        let mut costs: [Vec<Cost>; WAYS.len()] = Default::default();
        for _ in 0..ATTEMPTS {
            let samba = Samba::builder().start()?;
            // On a busy machine not even the log-ons come to their end.
            let Ok(many) = Many::log_on(samba.address(), &[ALICE, BOB, CAROL], sessions, 4) else { continue };
            let batch = batch(&samba, sessions, Instant::now() + HELD.saturating_sub(many.took()))?;
            // There the sessions can also be gone too early.
            for (costs, batch) in costs.iter_mut().zip(batch.into_iter().flatten()) {
                costs.extend(batch);
            }
            if costs[0].len() >= rounds {
                return Ok(Self {
                    sessions,
                    rounds: costs[0].len(),
                    costs: costs.map(|costs| Cost::medians(&costs)),
                });
            }
        }
        bail!("only {} rounds: this machine is too busy to hold {sessions} sessions", costs[0].len())
    }

    /// With JSON::XS at most twice the time of the program, plus Perl's own start. CPU time is shown and not promised:
    /// the program needs less of it than Perl for 10,000 hashes.
    pub fn is_kept(&self) -> bool {
        let [program, start, xs, _] = &self.costs;
        xs.wall <= 2 * program.wall + start.wall
    }
}

impl fmt::Display for PerlCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} sessions, level 1, medians of {} runs", self.sessions, self.rounds)?;
        writeln!(f, "{:<26}{:>10}{:>10}{:>12}", "", "wall ms", "CPU ms", "peak MiB")?;
        for ((name, _), cost) in WAYS.iter().zip(&self.costs) {
            let ms = |time: Duration| time.as_secs_f64() * 1000.0;
            let peak = cost.peak_kib / 1024;
            writeln!(f, "{name:<26}{:>10.1}{:>10.1}{peak:>12}", ms(cost.wall), ms(cost.cpu))?;
        }
        let [program, start, xs, _] = &self.costs;
        let ratio = |of: fn(&Cost) -> Duration| {
            of(xs).saturating_sub(of(start)).as_secs_f64() / of(program).as_secs_f64()
        };
        let (wall, cpu) = (ratio(|cost| cost.wall), ratio(|cost| cost.cpu));
        write!(
            f,
            "With JSON::XS, without Perl's own start: {wall:.2} times the wall time of the program, {cpu:.2} times its CPU time"
        )
    }
}

/// Rounds until `end`; nothing where somebody does not get all of the sessions.
fn batch(samba: &Samba, sessions: usize, end: Instant) -> Result<Option<[Vec<Cost>; WAYS.len()]>> {
    let all_are_listed = || WAYS.iter().all(|way| lists_all(way, samba.address(), sessions).is_ok());
    let mut costs: [Vec<Cost>; WAYS.len()] = Default::default();
    // It warms up as well.
    let mut is_fine = all_are_listed();
    while is_fine && Instant::now() < end {
        for ((_, make), costs) in WAYS.iter().zip(&mut costs) {
            costs.push(measure::run(&make(samba.address())?)?);
        }
    }
    is_fine = is_fine && all_are_listed();
    Ok(is_fine.then_some(costs))
}

/// A way that lists too few sessions is not measured.
fn lists_all((name, make): &(&str, Make), server: SocketAddr, sessions: usize) -> Result<()> {
    let outcome = process::run(&mut make(server)?, Duration::from_secs(120))?;
    ensure!(outcome.code == Some(0), "{name}: {outcome:?}");
    let listed = match String::from_utf8(outcome.stdout)? {
        nothing if nothing.is_empty() => return Ok(()),
        lines if lines.starts_with('{') => lines.lines().count(),
        count => count.trim().parse()?,
    };
    // The session of the client itself.
    ensure!((sessions..sessions + 10).contains(&listed), "{name}: {listed} sessions");
    Ok(())
}

fn program(server: SocketAddr) -> Result<Command> {
    Ok(List::new(server.to_string())?.login(ADMIN).args(&["-f", "jsonl", "-l", "1"]).into_command())
}

fn start(_: SocketAddr) -> Result<Command> {
    let mut perl = Command::new("perl");
    perl.args(["-e", "1"]);
    Ok(perl)
}

fn xs(server: SocketAddr) -> Result<Command> {
    Ok(Perl::new()?.login(ADMIN).args(["-e", SCRIPT, &server.to_string()]).into_command())
}

fn pp(server: SocketAddr) -> Result<Command> {
    let script = [WITHOUT_XS, SCRIPT].concat();
    Ok(Perl::new()?.login(ADMIN).args(["-e", &script, &server.to_string()]).into_command())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_twice_the_time_and_the_start_of_perl() {
        let cost = |ms| Cost { wall: Duration::from_millis(ms), ..Cost::default() };
        let measured = |xs| PerlCost { sessions: 10_000, rounds: 1, costs: [100, 5, xs, 1000].map(cost) };
        assert!(measured(205).is_kept());
        assert!(!measured(206).is_kept());
        assert!(measured(205).to_string().contains("2.00 times the wall time"));
    }
}
