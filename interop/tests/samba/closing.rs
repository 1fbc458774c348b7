//! Files and sessions of Samba are closed, by a user who may and by users who may not.

use anyhow::{Context, Result, ensure};
use netsession::{CloseFile, CloseSession, Closed, Connections, Credentials, ErrorKind, Files, Password};
use netsession::{PathPattern, blocking};
use netsession_interop::account::{ADMIN, ALICE, Account, BOB, PLAIN};
use netsession_interop::impacket::Holder;
use netsession_interop::netsession::{List, Run};
use netsession_interop::samba::{Builder, Samba};
use netsession_interop::suite::{Need, Suite};

use crate::files::{ensure_closed, ours, wait_until_gone};

pub(crate) fn add(suite: &mut Suite) {
    let needs = &[Need::Samba, Need::Program, Need::Impacket];
    suite.test(needs, "closing::next_write_of_the_holder_fails", next_write_fails);
    suite.test(needs, "closing::dry_run_and_refusals_close_nothing", nothing_is_closed);
    suite.test(needs, "closing::sessions_by_domain_admins", sessions_by_domain_admins);
    suite.test(&[Need::Samba], "closing::file_that_was_closed_meanwhile_is_gone", closed_meanwhile);
    suite.test(&[Need::Samba], "closing::made_up_connections_are_refused", made_up_connections);
}

/// STATUS_FILE_CLOSED
const FILE_CLOSED: u32 = 0xc000_0128;

fn close(samba: &Samba, who: Account, what: &str, arguments: &[&str]) -> Result<Run> {
    let server = samba.address().to_string();
    let close = List::of_command("close", what)?.login(who).args(&[&server, "-f", "jsonl"]);
    close.args(arguments).run()
}

fn client(samba: &Samba, who: Account) -> Result<blocking::Client> {
    let credentials = Credentials::ntlm(who.name.parse()?, Password::new(who.password));
    Ok(blocking::Client::builder(samba.address().to_string()).credentials(credentials).connect()?)
}

/// Every user may write to the files of the others.
fn start(builder: Builder) -> Result<Samba> {
    let samba = builder.global("force create mode = 0666").start()?;
    samba.warm_up()?;
    Ok(samba)
}

/// The file of alice alone, while bob has it open as well.
fn next_write_fails() -> Result<()> {
    let samba = start(Samba::builder())?;
    let mut alice = Holder::log_on(samba.address(), ALICE, "files")?;
    let mut bob = Holder::log_on(samba.address(), BOB, "files")?;
    for holder in [&mut alice, &mut bob] {
        holder.open("report.txt")?;
        holder.open("other.txt")?;
        ensure!(holder.write(0)? == 0);
    }
    let files = ours("files", samba.address(), &["--user", "alice", "--path", "report.txt"])?;
    let [file] = files.as_slice() else { anyhow::bail!("not one file: {files:?}") };
    let id = file["id"].to_string();
    let run = close(&samba, ADMIN, "file", &[&id, "--yes", "--user", "alice"])?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    ensure_closed(run.outcome.code, &line, || {
        Ok(ours("files", samba.address(), &[])?.iter().any(|listed| listed["id"] == file["id"]))
    })?;
    let writes = [alice.write(0)?, alice.write(1)?, bob.write(0)?, bob.write(1)?];
    ensure!(writes == [FILE_CLOSED, 0, 0, 0], "{writes:x?}");
    // The id is listed no longer: a mistake, or a script that is late.
    let run = close(&samba, ADMIN, "file", &[&id, "--yes"])?;
    ensure!(run.outcome.code == Some(1) && run.lines()?[0]["outcome"] == "not_listed", "{run:?}");
    Ok(())
}

/// The library holds a listing, and another program is faster.
fn closed_meanwhile() -> Result<()> {
    let samba = start(Samba::builder())?;
    let _held = netsession_interop::holder::Holder::open(samba.address(), ALICE, 1)?;
    let client = client(&samba, ADMIN)?;
    let files = Files::new().user("alice").path(PathPattern::new("alice*-0"));
    let listing = client.ask(&files)?;
    let file = listing.files().first().context("no file")?;
    let closed = client.ask(&CloseFile::new(file))?;
    ensure!(matches!(closed, Closed::Closed | Closed::StillListed), "{closed:?}");
    wait_until_gone(|| Ok(client.ask(&files)?.files().iter().any(|listed| listed.id() == file.id())))?;
    ensure!(client.ask(&CloseFile::new(file))? == Closed::AlreadyGone);
    Ok(())
}

fn nothing_is_closed() -> Result<()> {
    let samba = start(Samba::builder())?;
    let mut alice = Holder::log_on(samba.address(), ALICE, "files")?;
    alice.open("report.txt")?;
    let files = ours("files", samba.address(), &[])?;
    let id = files.first().context("no file")?["id"].to_string();
    let session = &["--client", "127.0.0.1", "--user", "alice"];
    for (what, arguments) in [("file", &[id.as_str()][..]), ("session", session)] {
        let run = close(&samba, ADMIN, what, &[arguments, &["--dry-run"]].concat())?;
        ensure!(run.outcome.code == Some(0) && run.lines()?[0]["outcome"] == "left_alone", "{run:?}");
        // An ordinary user cannot even list.
        let run = close(&samba, PLAIN, what, &[arguments, &["--yes"]].concat())?;
        ensure!(run.outcome.code == Some(1) && run.outcome.stderr.len() + run.outcome.stdout.len() > 0);
        let said = format!("{run:?}");
        ensure!(said.contains("access_denied") || said.contains("ERROR_ACCESS_DENIED"), "{said}");
        // There is no terminal to ask on.
        let run = close(&samba, ADMIN, what, arguments)?;
        ensure!(run.outcome.code == Some(2), "{run:?}");
    }
    ensure!(alice.write(0)? == 0);
    ensure!(ours("files", samba.address(), &[])? == files);
    Ok(())
}

/// BUILTIN\Administrators may list sessions and not end them.
fn sessions_by_domain_admins() -> Result<()> {
    let arguments = &["--client", "127.0.0.1", "--user", "alice", "--yes"];
    let samba = start(Samba::builder())?;
    let mut alice = Holder::log_on(samba.address(), ALICE, "files")?;
    alice.open("report.txt")?;
    let run = close(&samba, ADMIN, "session", arguments)?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let said = format!("{run:?}");
    ensure!(said.contains("Domain Admins") && said.contains("net groupmap add rid=512"), "{said}");
    ensure!(alice.write(0)? == 0, "the session is as good as before");
    drop((alice, samba));

    // What the advice says.
    let samba = start(Samba::builder().domain_admin(ADMIN.name))?;
    let mut alice = Holder::log_on(samba.address(), ALICE, "files")?;
    let mut bob = Holder::log_on(samba.address(), BOB, "files")?;
    alice.open("report.txt")?;
    bob.open("report.txt")?;
    let client = client(&samba, ADMIN)?;
    let listing = client.sessions().user("alice").list()?;
    let session = listing.sessions().first().context("no session")?;
    let run = close(&samba, ADMIN, "session", arguments)?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    ensure_closed(run.outcome.code, &line, || {
        Ok(ours("list", samba.address(), &[])?.iter().any(|listed| listed["user"] == "alice"))
    })?;
    ensure!(alice.write(0).is_err() && bob.write(0)? == 0, "another session than that of alice ended");
    let users: Vec<_> = ours("list", samba.address(), &[])?.iter().map(|row| row["user"].clone()).collect();
    ensure!(!users.contains(&"alice".into()) && users.contains(&"bob".into()), "{users:?}");
    // From the listing before: it is gone, which is what was wanted.
    ensure!(client.ask(&CloseSession::new(session)?)? == Closed::AlreadyGone);
    let run = close(&samba, ADMIN, "session", arguments)?;
    ensure!(run.outcome.code == Some(1) && run.lines()?[0]["outcome"] == "not_listed", "{run:?}");
    // Never one's own.
    let own = &["--client", "127.0.0.1", "--user", ADMIN.name, "--yes"];
    let run = close(&samba, ADMIN, "session", own)?;
    ensure!(matches!(run.outcome.code, Some(1 | 2)), "{run:?}");
    ensure!(client.sessions().list().is_ok(), "the own session has ended");
    Ok(())
}

/// Samba counts the connections to a share truly, and makes up the rest of each row; of a computer it makes up all. No
/// connection is a true answer.
fn made_up_connections() -> Result<()> {
    let samba = start(Samba::builder())?;
    let client = client(&samba, ADMIN)?;
    ensure!(client.ask(&Connections::Share("files".into()))? == []);
    let unknown = client.ask(&Connections::Share("nothing".into()));
    ensure!(unknown.as_ref().is_err_and(|error| error.code() == Some(123)), "{unknown:?}");
    let _held = netsession_interop::holder::Holder::open(samba.address(), ALICE, 1)?;
    for question in [Connections::Share("files".into()), Connections::Client("127.0.0.1".into())] {
        let answer = client.ask(&question);
        let error = answer.as_ref().err().with_context(|| format!("made up: {answer:?}"))?;
        ensure!(error.kind() == ErrorKind::Unsupported, "{error:?}");
    }
    // The connection takes the next question.
    ensure!(!client.sessions().list()?.sessions().is_empty());
    Ok(())
}
