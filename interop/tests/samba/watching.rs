//! `netsession watch` against Samba: sessions and files that come and go, and the number of its connections and round trips.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB, CAROL};
use netsession_interop::holder::Holder;
use netsession_interop::many::Many;
use netsession_interop::netsession::List;
use netsession_interop::proxy::{Event, Proxy, Side, Trace};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

/// A round trip on the way to the server.
const DELAY: Duration = Duration::from_millis(40);

/// Client frames of a watch before its looks are all alike: the log-on, the walk down the levels, the shares and the second pipe.
const LOG_ON: usize = 14;
/// Looks at the server that a test waits for: enough to see that all of them cost the same.
const LOOKS: usize = 8;

/// SMB2 READ
const READ: u16 = 0x0008;
/// SMB2 IOCTL
const IOCTL: u16 = 0x000B;
/// NetrFileEnum
const FILE_ENUM: u16 = 9;
/// NetrSessionEnum
const SESSION_ENUM: u16 = 12;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Samba, Need::Program],
        "watch::people_and_files_over_one_connection",
        people_and_files,
    );
    suite.test(&[Need::Samba, Need::Program], "watch::round_trips", round_trips);
    suite.test(
        &[Need::Samba, Need::Program],
        "watch::requests_for_1000_sessions",
        requests_for_1000_sessions,
    );
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
    for (arguments, calls) in
        [(&[][..], &[SESSION_ENUM][..]), (&["--files"][..], &[FILE_ENUM, SESSION_ENUM][..])]
    {
        // Encrypted, as it is by default. What is sent is not seen, but how many frames.
        let enough = LOG_ON + LOOKS * calls.len();
        let trace = watch(&samba, arguments, |trace| trace.frames(Side::Client).count() >= enough)?;
        let later = trace.after_frames(Side::Client, LOG_ON);
        let (frames, trips) = (later.frames(Side::Client).count(), later.round_trips());
        let looks = frames.div_ceil(calls.len());
        ensure!(looks >= LOOKS, "{frames} frames with {arguments:?}");
        // The last look may have been cut off by the end.
        ensure!(
            (looks - 1..=looks).contains(&trips),
            "{trips} round trips, {frames} frames with {arguments:?}"
        );

        // Each look by itself.
        for look in &self::looks(&samba, arguments)? {
            let mut sent: Vec<_> = look.frames(Side::Client).map(call).collect();
            sent.sort_unstable();
            let expected: Vec<_> = calls.iter().map(|opnum| Some(*opnum)).collect();
            ensure!(sent == expected, "{sent:?} with {arguments:?}: {look:?}");
            ensure!(look.round_trips() == 1, "{look:?}");
        }
    }
    Ok(())
}

/// The first fragment comes with the answer, and the READs for all others are sent at once: two round trips, however
/// many fragments the server has made of its answer.
fn requests_for_1000_sessions() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let _many = Many::log_on(samba.address(), &[ALICE, BOB, CAROL], 999, 4)?;
    for look in looks(&samba, &[])? {
        let (mut requests, mut reads) = (0, 0);
        for event in look.frames(Side::Client) {
            match event.command() {
                Some(READ) => reads += 1,
                _ if call(event) == Some(SESSION_ENUM) => requests += 1,
                other => anyhow::bail!("command {other:?} in a look: {event:?}"),
            }
        }
        let answers = look.frames(Side::Server).filter(|event| !event.is_interim());
        let fragments = answers.map(fragment).collect::<Result<Vec<_>>>()?;
        let is_last: Vec<_> = fragments.iter().map(|fragment| fragment.is_last).collect();
        ensure!(
            is_last.iter().rev().skip(1).all(|is_last| !is_last) && is_last.last() == Some(&true),
            "{is_last:?}"
        );
        ensure!(fragments.len() > 3, "{} fragments are too few to show it", fragments.len());
        ensure!(requests == 1, "{requests} requests");
        ensure!(reads == fragments.len() - 1, "{reads} READs for {} fragments", fragments.len());
        ensure!(look.round_trips() == 2, "{} round trips", look.round_trips());
        let entries = fragments.first().and_then(|fragment| fragment.entries);
        ensure!(entries == Some(1000), "{entries:?} sessions");
    }
    Ok(())
}

/// What a watch sends until that is `enough`, over its one connection.
fn watch(samba: &Samba, arguments: &[&str], enough: impl Fn(&Trace) -> bool) -> Result<Trace> {
    // The delay makes the count certain: see `Builder::delay`.
    let proxy = Proxy::to(samba.address()).delay(DELAY).start()?;
    let mut watching = Watching::start(&proxy, arguments)?;
    proxy.wait_for(&mut watching.child, enough)?;
    drop(watching);
    let mut traces = proxy.traces();
    ensure!(traces.len() == 1, "{} connections", traces.len());
    traces.pop().context("no connection")
}

/// The same of one that is not encrypted, look by look.
fn looks(samba: &Samba, arguments: &[&str]) -> Result<Vec<Trace>> {
    looks_of(&watch(samba, &[&["--encrypt", "off"], arguments].concat(), |trace| {
        trace.events.iter().filter(|event| call(event) == Some(SESSION_ENUM)).count() >= LOOKS
    })?)
}

/// Each look of a watch that is not encrypted: from one request for the sessions up to the next one. The first ones are left
/// out, which walk down the levels and ask for the shares, and the last one, which the end may have cut off.
fn looks_of(trace: &Trace) -> Result<Vec<Trace>> {
    let begins: Vec<_> =
        (0..).zip(&trace.events).filter(|(_, event)| call(event) == Some(SESSION_ENUM)).collect();
    let begins: Vec<usize> = begins.into_iter().map(|(index, _)| index).skip(4).collect();
    ensure!(begins.len() > 2, "{} looks", begins.len());
    let looks =
        begins.windows(2).map(|pair| Trace { events: trace.events[pair[0]..pair[1]].to_vec(), tampered: 0 });
    Ok(looks.collect())
}

/// The number of the call that an IOCTL of the client carries. [MS-SMB2] 2.2.31, C706 12.6.4.9
fn call(event: &Event) -> Option<u16> {
    let frame = &event.frame;
    let is_request = event.from == Side::Client && event.command() == Some(IOCTL);
    let input = usize::try_from(number(frame, 64 + 24)?).ok().filter(|_| is_request)?;
    let pdu = frame.get(input..)?;
    (pdu.get(2) == Some(&0)).then(|| Some(u16::from_le_bytes([*pdu.get(22)?, *pdu.get(23)?])))?
}

/// A fragment of an RPC answer.
struct Fragment {
    is_last: bool,
    /// In the first one the number of entries, behind level, its discriminant and a pointer. [MS-SRVS] 3.1.4.5
    entries: Option<u32>,
}

/// The one that an answer to IOCTL or READ carries. [MS-SMB2] 2.2.32, 2.2.20; C706 12.6.4.10
fn fragment(event: &Event) -> Result<Fragment> {
    let frame = &event.frame;
    let (start, length) = match event.command() {
        Some(IOCTL) => (number(frame, 64 + 32), number(frame, 64 + 36)),
        Some(READ) => (frame.get(64 + 2).map(|byte| u32::from(*byte)), number(frame, 64 + 4)),
        other => anyhow::bail!("an answer to {other:?}: {event:?}"),
    };
    let start = usize::try_from(start.context("too short")?)?;
    let length = usize::try_from(length.context("too short")?)?;
    let pdu = frame.get(start..start + length).with_context(|| format!("too short: {event:?}"))?;
    ensure!(pdu.get(2) == Some(&2), "no answer of a call: {event:?}");
    let whole = usize::from(u16::from_le_bytes([pdu[8], pdu[9]]));
    ensure!(whole == length, "{length} bytes of a fragment of {whole}");
    // PFC_LAST_FRAG
    Ok(Fragment { is_last: pdu[3] & 0x02 != 0, entries: number(pdu, 24 + 12) })
}

/// The number at this byte.
fn number(frame: &[u8], start: usize) -> Option<u32> {
    frame.get(start..start + 4)?.try_into().ok().map(u32::from_le_bytes)
}
