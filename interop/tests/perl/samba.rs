//! Scripts for the original against Samba, which has levels 0 and 1 and answers the module's level 3 from the latter.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB, PLAIN};
use netsession_interop::holder::Holder;
use netsession_interop::perl::{self, Perl, Printed};
use netsession_interop::process;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

/// What is printed at each level, keys in order, with the time left out: it is looked at apart.
const EXPECTED: [(u8, [&str; 3]); 3] = [
    (0, ["ClientName=127.0.0.1; EntryCount=1"; 3]),
    (
        1,
        [
            "ClientName=127.0.0.1; EntryCount=6; IdleTime=0; Opened=0; User=admin; UserFlags=not known",
            "ClientName=127.0.0.1; EntryCount=6; IdleTime=0; Opened=2; User=alice; UserFlags=not known",
            "ClientName=127.0.0.1; EntryCount=6; IdleTime=0; Opened=1; User=bob; UserFlags=not known",
        ],
    ),
    (
        3,
        [
            "ClientName=127.0.0.1; EntryCount=4; IdleTime=0; User=admin",
            "ClientName=127.0.0.1; EntryCount=4; IdleTime=0; User=alice",
            "ClientName=127.0.0.1; EntryCount=4; IdleTime=0; User=bob",
        ],
    ),
];

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Perl];

pub(crate) fn add(suite: &mut Suite) {
    for (level, expected) in EXPECTED {
        suite.test(NEEDS, format!("perl::synopsis::samba::{level}"), move || {
            prints(&expected, |samba| perl::synopsis(samba.address(), level, ADMIN))
        });
    }
    for (level, win32) in [(2, 2), (4, 502)] {
        suite
            .test(NEEDS, format!("perl::synopsis::samba::{level}_is_refused"), move || refused(level, win32));
    }
    suite.test(NEEDS, "perl::active::samba", || {
        prints(&EXPECTED[2].1, |samba| perl::active(samba.address(), ADMIN))
    });
    suite.test(NEEDS, "perl::access_denied::samba", access_denied);
}

/// The script prints three sessions: of alice with two files, of bob with one, and its own.
fn prints(expected: &[&str], script: impl Fn(&Samba) -> Result<Perl>) -> Result<()> {
    // Not warmed up: the session of the warm-up could still be there, and sessions are counted.
    let samba = Samba::builder().start()?;
    let _held = [Holder::open(samba.address(), ALICE, 2)?, Holder::open(samba.address(), BOB, 1)?];
    let begin = Instant::now();
    let (sessions, times) = loop {
        let outcome = script(&samba)?.run()?;
        let is_late = begin.elapsed() > process::PATIENCE;
        // On a busy machine Samba refuses the pipe until its RPC worker is there.
        if outcome.stderr.contains("CONNECTION_REFUSED") && !is_late {
            continue;
        }
        ensure!(outcome.code == Some(0), "{outcome:?}");
        let mut sessions = perl::parse(&String::from_utf8(outcome.stdout)?)?;
        let times: Vec<_> = sessions.iter_mut().filter_map(take_time).collect::<Result<_>>()?;
        // Samba rounds the beginning of a session to the nearest second and cuts the time of day: a session of 1.4
        // seconds can be 0 or 1 second old.
        let is_young = times.get(1).is_some_and(|alice| *alice == 0);
        // The session of the run before, whose connection Samba has not closed yet.
        let has_another = sessions.len() > expected.len();
        if is_late || !(is_young || has_another) {
            break (sessions, times);
        }
        thread::sleep(Duration::from_millis(100));
    };
    let printed = perl::lines(&sessions);
    ensure!(printed == expected, "printed:\n{}\nexpected:\n{}", printed.join("\n"), expected.join("\n"));
    // Level 0 has no times.
    ensure!(
        times.is_empty() || (times.len() == 3 && times[1] >= 1 && times.iter().all(|time| *time < 60)),
        "{times:?}"
    );
    Ok(())
}

/// The name of the user and the time, which goes.
fn take_time(session: &mut Printed) -> Option<Result<u32>> {
    let time = session.remove("Time")?;
    Some(time.parse().with_context(|| format!("a time that is no number: {time}")))
}

fn refused(level: u8, win32: u32) -> Result<()> {
    let samba = Samba::builder().start()?;
    let outcome = perl::synopsis(samba.address(), level, ADMIN)?.run()?;
    ensure!(outcome.code != Some(0) && outcome.stdout.is_empty(), "{outcome:?}");
    let said = &outcome.stderr;
    let begins = said.starts_with(&format!("unknown Error: 124: {}: ", samba.address()));
    let says_why =
        said.contains(&format!("the server has no level {win32} (ERROR_INVALID_LEVEL 124), level 1 works"));
    let says_what =
        said.contains(&format!("; here that is level {level}, and level 1 is the one to ask for at "));
    ensure!(begins && says_why && says_what, "{said}");
    Ok(())
}

fn access_denied() -> Result<()> {
    let samba = Samba::builder().start()?;
    for script in [perl::synopsis(samba.address(), 1, PLAIN)?, perl::active(samba.address(), PLAIN)?] {
        let outcome = script.run()?;
        ensure!(
            outcome.code != Some(0) && outcome.stderr.starts_with("Access denied at examples/"),
            "{outcome:?}"
        );
    }
    Ok(())
}
