//! The right password for many servers, of which some stall in the log-on, refuse it, or are forged.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use netsession_interop::account::{Account, DOUBLE_ADMIN};
use netsession_interop::exporter::{self, Exporter};
use netsession_interop::fleet::{self, Fleet};
use netsession_interop::netsession::{List, Run};
use netsession_interop::proxy::tamper::{LogOnAnswer, LogOns};
use netsession_interop::proxy::{Action, Proxy, Tamper};
use netsession_interop::shared::lock;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::{late, port, process};
use tempfile::NamedTempFile;

const OF_DOMAIN: Account = Account { name: r"LAB\admin", ..DOUBLE_ADMIN };

pub(crate) fn add(suite: &mut Suite) {
    let mut test =
        |name: &str, body| suite.test(&[Need::Program, Need::TestServer], format!("guard::{name}"), body);
    test("two_servers_that_stall_lose_themselves_alone", two_stall as fn() -> Result<()>);
    test("a_canary_that_stalls_costs_its_patience_once", canary_stalls);
    test("two_canaries_that_stall_hold_the_rest", canaries_stall);
    test("one_forged_refusal_blocks_its_server_alone", forged);
    test("other_local_passwords_cost_their_servers_alone", other_local_passwords);
    test("same_login_with_different_passwords", same_login);
    test("password_changed_under_an_exporter_makes_two_log_ons", password_changed);
    test("two_targets_that_stall_do_not_silence_an_exporter", exporter_stalls);
}

/// Puts relays that do this to the answers of log-ons in the place of some servers of the fleet.
fn with_relays(fleet: &Fleet, answer: LogOnAnswer, places: &[usize]) -> Result<(NamedTempFile, Vec<Proxy>)> {
    let seen = Arc::default();
    with_tampers(fleet, places, move || LogOns::new(answer, &seen))
}

/// The same with any tamperer.
fn with_tampers<T: Tamper + 'static>(
    fleet: &Fleet,
    places: &[usize],
    make: impl Fn() -> T + Clone + Send + 'static,
) -> Result<(NamedTempFile, Vec<Proxy>)> {
    let mut targets = fleet.targets();
    let mut relays = Vec::new();
    for &place in places {
        let target = targets.get_mut(place).context("no such server")?;
        let server: SocketAddr = target.parse()?;
        let relay = Proxy::to(server).tamper(make.clone()).start()?;
        *target = relay.address().to_string();
        relays.push(relay);
    }
    let list = NamedTempFile::new()?;
    std::fs::write(list.path(), targets.join("\n"))?;
    Ok((list, relays))
}

fn run(list: &NamedTempFile, args: &[&str]) -> Result<Run> {
    let path = list.path().to_string_lossy().into_owned();
    List::new("--servers-from")?.args(&[&path, "-f", "jsonl"]).args(args).login(OF_DOMAIN).run()
}

/// The kinds of the servers that failed.
fn failed(run: &Run) -> Result<Vec<String>> {
    let kinds = run.lines()?.into_iter().filter_map(|line| Some(line["error"]["kind"].as_str()?.to_owned()));
    Ok(kinds.collect())
}

/// The servers whose log-on waited for the answer to another one, of a run with `-v`.
fn waited(run: &Run) -> HashSet<&str> {
    let steps = run.outcome.stderr.lines();
    steps.filter_map(|step| step.strip_suffix(": waiting for another log-on of this account")).collect()
}

fn two_stall() -> Result<()> {
    let fleet = Fleet::start(1_000)?;
    for places in [[2, 3], [400, 999]] {
        let (list, _relays) = with_relays(&fleet, LogOnAnswer::Lost, &places)?;
        // One at a time until the third is asked: the first two are those that prove the password.
        let jobs = if places == [2, 3] { 2 } else { 128 };
        let run = run(&list, &["--jobs", &jobs.to_string(), "--timeout", "20s", "-v"])?;
        ensure!(failed(&run)? == ["timeout", "timeout"], "{places:?}: {:?}", run.outcome);
        // Those that began beside the canary, and none once it has proved the password.
        let waited = waited(&run);
        ensure!(waited.len() < jobs, "{places:?}: {} waited: {waited:?}", waited.len());
        // Their own deadlines, one after the other at worst. If each of the others waited as canaries do: 50 minutes.
        ensure!(run.outcome.elapsed < Duration::from_secs(300), "{places:?}: {:?}", run.outcome.elapsed);
    }
    Ok(())
}

/// Loses the answer to the first log-on of all its connections, and passes on those to the others.
struct LosesFirst {
    /// When the log-ons of all connections came.
    came: Arc<Mutex<Vec<Instant>>>,
    /// Of this connection, since the last look.
    seen: Arc<AtomicUsize>,
    log_ons: LogOns,
    is_first: bool,
}

impl LosesFirst {
    fn new(came: &Arc<Mutex<Vec<Instant>>>) -> Self {
        let seen = Arc::default();
        let log_ons = LogOns::new(LogOnAnswer::Lost, &seen);
        Self { came: Arc::clone(came), seen, log_ons, is_first: false }
    }
}

impl Tamper for LosesFirst {
    fn client_frame(&mut self, frame: Vec<u8>) -> Action {
        let action = self.log_ons.client_frame(frame);
        if self.seen.swap(0, Ordering::SeqCst) > 0 {
            let mut came = lock(&self.came);
            came.push(Instant::now());
            self.is_first = came.len() == 1;
        }
        action
    }

    fn server_frame(&mut self, frame: Vec<u8>) -> Action {
        if self.is_first { self.log_ons.server_frame(frame) } else { Action::Pass(frame) }
    }
}

fn canary_stalls() -> Result<()> {
    let fleet = Fleet::start(20)?;
    let came = Arc::<Mutex<Vec<Instant>>>::default();
    let of_relays = Arc::clone(&came);
    let (list, _relays) = with_tampers(&fleet, &[0, 1], move || LosesFirst::new(&of_relays))?;
    // Two at a time: whichever of them is the canary stalls, and the other one waits. The patience of 10 s is time enough
    // for it to come while the canary is waited for.
    let begun = Instant::now();
    let run = run(&list, &["--jobs", "2", "--timeout", "40s", "-v"])?;
    let errors: Vec<_> = run.lines()?.into_iter().filter(|line| line["error"].is_object()).collect();
    ensure!(failed(&run)? == ["timeout"], "{errors:?}");
    let second = lock(&came).get(1).map(|came| came.duration_since(begun));
    ensure!(second.is_some_and(|second| second >= Duration::from_secs(10)), "sent after {second:?}");
    // Once, and none of the others.
    let waited = waited(&run);
    ensure!(waited.len() == 1, "{} waited: {waited:?}", waited.len());
    Ok(())
}

/// The price of the bound, and the way round it.
fn canaries_stall() -> Result<()> {
    let fleet = Fleet::start(40)?;
    let (list, _relays) = with_relays(&fleet, LogOnAnswer::Lost, &[0, 1])?;
    // Two at a time: the second log-on is sent while the first one is unanswered, and none of the others.
    let stalled = run(&list, &["--jobs", "2", "--timeout", "20s"])?;
    let kinds = failed(&stalled)?;
    let count = |kind: &str| kinds.iter().filter(|found| *found == kind).count();
    ensure!((count("timeout"), count("logon_unanswered")) == (2, 38), "{kinds:?}");
    let round = run(&list, &["--jobs", "40", "--timeout", "20s", "--keep-going"])?;
    ensure!(failed(&round)? == ["timeout", "timeout"], "{:?}", round.outcome.stderr);
    Ok(())
}

fn forged() -> Result<()> {
    let fleet = Fleet::start(40)?;
    for jobs in ["1", "4"] {
        let (list, _relays) = with_relays(&fleet, LogOnAnswer::ForgedRefusal, &[20])?;
        let run = run(&list, &["--jobs", jobs])?;
        let kinds = failed(&run)?;
        ensure!(kinds == ["logon_refused"], "--jobs {jobs}: {kinds:?}");
    }
    Ok(())
}

/// A fleet of local administrators: some have another password, one or several in a row.
fn other_local_passwords() -> Result<()> {
    const SERVERS: usize = 2_002;
    let fleet = Fleet::start(SERVERS)?;
    let other = Fleet::with_password("Other-Passw0rd")?;
    for places in [vec![1_000], (1_000..1_005).chain([2_001]).collect()] {
        let mut targets = fleet.targets();
        for (index, &place) in places.iter().enumerate() {
            targets[place] = other.targets().swap_remove(index);
        }
        let list = NamedTempFile::new()?;
        std::fs::write(list.path(), targets.join("\n"))?;
        let path = list.path().to_string_lossy().into_owned();
        for jobs in ["4", "64"] {
            let list = List::new("--servers-from")?.args(&[&path, "-f", "jsonl", "--jobs", jobs]);
            let run = list.login(DOUBLE_ADMIN).run()?;
            let kinds = failed(&run)?;
            ensure!(kinds == vec!["logon_refused"; places.len()], "{places:?}, --jobs {jobs}: {kinds:?}");
            let mut listed: Vec<_> = run.lines()?.iter().map(|line| line["server"].to_string()).collect();
            listed.sort_unstable();
            listed.dedup();
            ensure!(listed.len() == SERVERS, "{places:?}, --jobs {jobs}: {} servers", listed.len());
        }
    }
    Ok(())
}

/// Two entries of a configuration: neither blocks the other, also where one is wrong.
fn same_login() -> Result<()> {
    let (one, other) = (Fleet::with_password("One-Passw0rd")?, Fleet::with_password("Other-Passw0rd")?);
    for (password, failing) in [("Other-Passw0rd", 0), ("wrong", 2)] {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("netsession"))?;
        let mut config = String::from(
            "[credentials]\none = { login = 'admin', password_env = 'ONE_PASSWORD' }\n\
             other = { login = 'admin', password_env = 'OTHER_PASSWORD' }\n[servers]\n",
        );
        for (name, fleet) in [("one", &one), ("other", &other)] {
            for (index, target) in fleet.targets().iter().take(2).enumerate() {
                config += &format!("{name}{index} = {{ address = '{target}', credentials = '{name}' }}\n");
            }
        }
        std::fs::write(folder.path().join("netsession/config.toml"), config)?;
        for jobs in ["1", "4"] {
            let list = List::new("one0")?.args(&["one1", "other0", "other1", "-f", "jsonl", "--jobs", jobs]);
            let list = list.env("XDG_CONFIG_HOME", folder.path());
            let run = list.env("ONE_PASSWORD", "One-Passw0rd").env("OTHER_PASSWORD", password).run()?;
            let lines = run.lines()?;
            let failed: Vec<_> = lines.iter().filter(|line| line["error"].is_object()).collect();
            let are_others = failed.iter().all(|line| line["server"].to_string().contains("other"));
            ensure!(failed.len() == failing && are_others, "{password}, --jobs {jobs}: {failed:?}");
            ensure!(lines.iter().any(|line| line["server"] == "one0"), "{run:?}");
        }
    }
    Ok(())
}

/// 60 targets whose refusals are late: two wrong log-ons, or as many as are allowed at once.
fn password_changed() -> Result<()> {
    for (delay, scrape, at_once) in [(2, 10, 2), (2, 1, 2), (12, 1, 2), (2, 10, 5)] {
        // As `late::one_or_two`, with other bounds: where none is sent before the deadline, all times are longer.
        let mut log_ons = 0;
        for scale in [1, 2, 4, 8] {
            let seconds = |seconds| Duration::from_secs(seconds) * scale;
            log_ons = changed_once(at_once, seconds(delay), seconds(scrape))?;
            if log_ons > 0 {
                break;
            }
        }
        ensure!(
            (1..=at_once).contains(&log_ons),
            "{delay} s late, scraped {scrape} s, {at_once} at once: {log_ons} log-ons"
        );
    }
    Ok(())
}

/// The log-ons after the change.
fn changed_once(at_once: usize, delay: Duration, scrape: Duration) -> Result<usize> {
    let port = port::free();
    let fleet = Fleet::with_password_on(DOUBLE_ADMIN.password, port)?;
    let server: SocketAddr = fleet.targets().swap_remove(0).parse()?;
    let mut servers = vec![fleet];
    let change = || -> Result<()> {
        servers.clear();
        servers.push(Fleet::with_password_on("Changed-Passw0rd", port)?);
        Ok(())
    };
    late::password_changed(server, DOUBLE_ADMIN, (60, at_once), delay, scrape, change)
}

/// Both begin to stall in the log-on when the password is proven. With three log-ons at once the order does not matter.
fn exporter_stalls() -> Result<()> {
    let fleet = Fleet::start(20)?;
    let stalls = Arc::<AtomicBool>::default();
    let mut targets = fleet.targets();
    let mut relays = Vec::new();
    for place in [7, 14] {
        let server: SocketAddr = targets[place].parse()?;
        let stalls = Arc::clone(&stalls);
        let tamper = move || match stalls.load(Ordering::SeqCst) {
            true => LogOns::new(LogOnAnswer::Lost, &Arc::default()),
            false => LogOns::new(LogOnAnswer::Late(Duration::ZERO), &Arc::default()),
        };
        let relay = Proxy::to(server).tamper(tamper).start()?;
        targets[place] = relay.address().to_string();
        relays.push(relay);
    }
    let mut config = String::from(
        "[exporter]\nlog_ons_at_once = 3\nkeep_connections = false\n[credentials]\n\
         double = { login = 'LAB\\admin', password_file = 'double.password' }\n[servers]\n",
    );
    for target in &targets {
        config += &format!("'{target}' = {{ address = '{target}', credentials = 'double' }}\n");
    }
    let exporter = Exporter::start(&config, &fleet::ACCOUNTS)?;
    let round = || -> Result<usize> {
        std::thread::scope(|scope| {
            // Two patiences of 15 s, and 18 log-ons in a row.
            let probe = |target| exporter.probe(target, Duration::from_secs(60));
            let probes: Vec<_> = targets.iter().map(|target| scope.spawn(move || probe(target))).collect();
            let mut listed = 0;
            for probe in probes {
                let response = probe.join().map_err(|_| anyhow::anyhow!("a probe panicked"))??;
                listed += usize::from(exporter::value(&response.body, "netsession_up") == Some(1.0));
            }
            Ok(listed)
        })
    };
    ensure!(round()? == 20, "{}", exporter.said());
    stalls.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let listed = round()?;
        ensure!(listed == 18, "{listed} are listed: {}", exporter.said());
        ensure!(exporter.own("netsession_exporter_held_accounts")? == 0.0, "{}", exporter.said());
    }
    stalls.store(false, Ordering::SeqCst);
    // Their last log-ons may still be unanswered.
    let begun = Instant::now();
    while round()? < 20 {
        ensure!(begun.elapsed() < process::PATIENCE, "{}", exporter.said());
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}
