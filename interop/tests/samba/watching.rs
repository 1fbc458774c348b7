//! `netsession watch` against Samba: whose people come and go, and over how many connections it is told.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE};
use netsession_interop::holder::Holder;
use netsession_interop::netsession::List;
use netsession_interop::proxy::Proxy;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Samba, Need::Program],
        "watch::people_and_files_over_one_connection",
        people_and_files,
    );
    suite.test(&[Need::Samba, Need::Program], "watch::round_trips", round_trips);
}

/// A watch that goes on until this is dropped.
struct Watching {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(proxy: &Proxy, arguments: &[&str]) -> Result<Self> {
        let list = List::of_command("watch", proxy.address().to_string())?.login(ADMIN);
        let mut command = list.args(&["-f", "jsonl", "--interval", "200ms"]).args(arguments).into_command();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("no pipe")?).lines();
        Ok(Self { child, lines })
    }

    /// The next event of this name and user.
    fn event(&mut self, name: &str, user: &str) -> Result<Value> {
        loop {
            let line: Value = serde_json::from_str(&self.lines.next().context("it has ended")??)?;
            ensure!(line["event"] != "unreachable", "{line}");
            if line["event"] == name && line["user"].as_str().is_some_and(|shown| shown.ends_with(user)) {
                return Ok(line);
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn people_and_files() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let proxy = Proxy::to(samba.address()).start()?;
    let mut watching = Watching::start(&proxy, &["--initial", "--files"])?;
    // The own session: from now on changes are told.
    watching.event("connected", ADMIN.name)?;
    for _ in 0..3 {
        let alice = Holder::open(samba.address(), ALICE, 1)?;
        let opened = watching.event("opened", ALICE.name)?;
        ensure!(opened["unc"].as_str().is_some_and(|unc| unc.starts_with(r"\\127.0.0.1\files\")), "{opened}");
        drop(alice);
        let closed = watching.event("closed", ALICE.name)?;
        ensure!(closed["id"] == opened["id"] && closed["exact"] == true, "{closed} {opened}");
    }
    ensure!(proxy.traces().len() == 1, "{} connections", proxy.traces().len());
    Ok(())
}

/// Beyond the log-on each look is one round trip, with files two.
fn round_trips() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    for (arguments, each) in [(&[][..], 1), (&["--files"][..], 2)] {
        let proxy = Proxy::to(samba.address()).start()?;
        let list = List::of_command("watch", proxy.address().to_string())?.login(ADMIN);
        let run = list.args(&["--interval", "100ms", "--for", "4s"]).args(arguments).run()?;
        ensure!(run.outcome.code == Some(0), "{run:?}");
        let traces = proxy.traces();
        let [trace] = &traces[..] else { anyhow::bail!("{} connections", traces.len()) };
        let frames = trace.frames(netsession_interop::proxy::Side::Client).count();
        // At most 40 looks in that time. The first one of all has the log-on, the shares, and the walk down the levels.
        ensure!(frames > 8 && frames <= 12 + 41 * each, "{frames} frames with {arguments:?}");
    }
    Ok(())
}
