//! `netsession watch` against Samba: sessions and files that come and go, and the number of its connections and round trips.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE};
use netsession_interop::holder::Holder;
use netsession_interop::netsession::List;
use netsession_interop::proxy::{Proxy, Side};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

/// A round trip on the way to the server.
const DELAY: Duration = Duration::from_millis(20);

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

/// Beyond the log-on each look is one round trip, with files as well: two requests at the same time, over two pipes.
fn round_trips() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let _alice = Holder::open(samba.address(), ALICE, 1)?;
    for (arguments, frames_each) in [(&[][..], 1), (&["--files"][..], 2)] {
        // The delay makes the count certain: see `Builder::delay`.
        let proxy = Proxy::to(samba.address()).delay(DELAY).start()?;
        let list = List::of_command("watch", proxy.address().to_string())?.login(ADMIN);
        let run = list.args(&["--interval", "100ms", "--for", "4s"]).args(arguments).run()?;
        ensure!(run.outcome.code == Some(0), "{run:?}");
        let traces = proxy.traces();
        let [trace] = &traces[..] else { anyhow::bail!("{} connections", traces.len()) };
        // The log-on, the walk down the levels, the shares and the second pipe come before.
        let later = trace.after_frames(Side::Client, 14);
        let (frames, trips) = (later.frames(Side::Client).count(), later.round_trips());
        ensure!(frames >= 4 * frames_each, "{frames} frames with {arguments:?}");
        // The last look may have been cut off by the end.
        ensure!(trips <= frames / frames_each + 1, "{trips} round trips, {frames} frames with {arguments:?}");
        ensure!(frames <= 41 * frames_each, "{frames} frames with {arguments:?}");
    }
    Ok(())
}
