//! Who asks, and how: addresses, identities, rights.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, Account, PLAIN};
use netsession_interop::netsession::List;
use netsession_interop::suite::{Need, Suite};
use tempfile::tempdir;

use crate::support::{ensure_error, ensure_lists, ensure_says, list, shared};

const LOGON_FAILURE: Option<(u32, &str)> = Some((0xC000_006D, "STATUS_LOGON_FAILURE"));

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "address::ipv4", ipv4);
    suite.test(&[Need::Samba, Need::Program, Need::Ipv6], "address::ipv6", ipv6);
    suite.test(NEEDS, "address::name", name);
    suite.test(NEEDS, "address::as_windows_and_as_url", other_spellings);
    suite.test(NEEDS, "identity::password_file", password_file);
    suite.test(NEEDS, "identity::auth_file", auth_file);
    suite.test(NEEDS, "identity::wrong_password", wrong_password);
    suite.test(NEEDS, "identity::unknown_user", unknown_user);
    suite.test(NEEDS, "identity::guest_is_refused", guest);
    suite.test(NEEDS, "identity::none_is_an_error", no_identity);
    suite.test(NEEDS, "rights::user_without_the_right", without_the_right);
    suite.test(&[Need::Program], "arguments::unreadable_password_file", unreadable_password_file);
    suite.test(&[Need::Program], "arguments::share_path", share_path);
}

fn ipv4() -> Result<()> {
    let samba = shared(&[])?;
    let rows = list(samba.address())?.rows()?;
    ensure_lists(&rows, ADMIN)?;
    let server = samba.address().to_string();
    ensure!(rows.iter().all(|row| row.server == server), "not all are of {server}: {rows:?}");
    ensure!(rows.iter().any(|row| row.client.as_deref() == Some("127.0.0.1")), "{rows:?}");
    Ok(())
}

fn ipv6() -> Result<()> {
    let samba = shared(&[])?;
    let rows = list(samba.address_v6())?.rows()?;
    ensure_lists(&rows, ADMIN)?;
    ensure!(rows.iter().any(|row| row.client.as_deref() == Some("::1")), "{rows:?}");
    ensure!(rows.iter().all(|row| row.server.contains("::1")), "{rows:?}");
    Ok(())
}

/// `localhost` has both addresses, the server listens on both.
fn name() -> Result<()> {
    let samba = shared(&[])?;
    let rows = list(format!("localhost:{}", samba.port()))?.rows()?;
    ensure_lists(&rows, ADMIN)?;
    ensure!(rows[0].server == format!("localhost:{}", samba.port()), "{rows:?}");
    Ok(())
}

fn other_spellings() -> Result<()> {
    let samba = shared(&[])?;
    for prefix in [r"\\", "smb://"] {
        let rows = list(format!("{prefix}{}", samba.address()))?.rows()?;
        ensure!(rows[0].server == samba.address().to_string(), "{prefix} gives {}", rows[0].server);
    }
    Ok(())
}

/// With one trailing newline, which is cut.
fn password_file() -> Result<()> {
    let samba = shared(&[])?;
    let folder = tempdir()?;
    let file = folder.path().join("password");
    fs::write(&file, format!("{}\n", ADMIN.password))?;
    let run = List::new(samba.address().to_string())?.args(&["-U", ADMIN.name, "--password-file"]);
    ensure_lists(&run.args(&[&file.to_string_lossy()]).rows()?, ADMIN)
}

fn auth_file() -> Result<()> {
    let samba = shared(&[])?;
    let folder = tempdir()?;
    let file = folder.path().join("auth");
    fs::write(&file, format!("username = {}\npassword = {}\ndomain = FS1\n", ADMIN.name, ADMIN.password))?;
    let run = List::new(samba.address().to_string())?.args(&["-A", &file.to_string_lossy()]);
    ensure_lists(&run.rows()?, ADMIN)
}

fn wrong_password() -> Result<()> {
    let samba = shared(&[])?;
    let error =
        List::new(samba.address().to_string())?.login(Account { password: "wrong", ..ADMIN }).error()?;
    ensure_error(&error, "logon_refused", LOGON_FAILURE, "log-on as admin: refused")
}

fn unknown_user() -> Result<()> {
    let samba = shared(&[])?;
    let error =
        List::new(samba.address().to_string())?.login(Account { name: "ghost", password: "x" }).error()?;
    ensure_error(&error, "logon_refused", LOGON_FAILURE, "log-on as ghost: refused")
}

/// The server makes a guest of an unknown user; that is no success.
fn guest() -> Result<()> {
    let samba = shared(&["map to guest = bad user", "guest account = nobody"])?;
    let error =
        List::new(samba.address().to_string())?.login(Account { name: "ghost", password: "x" }).error()?;
    ensure_error(&error, "guest", None, "the server logged the account on as a guest")
}

fn no_identity() -> Result<()> {
    let samba = shared(&[])?;
    let run = List::new(samba.address().to_string())?.run()?;
    ensure!(run.outcome.code == Some(2), "never anonymous: {run:?}");
    ensure!(run.outcome.stdout.is_empty(), "{run:?}");
    ensure_says(&run.outcome.stderr, &["no login"])
}

fn without_the_right() -> Result<()> {
    let samba = shared(&[])?;
    for level in ["auto", "0", "1"] {
        for who in [PLAIN, ALICE] {
            let error = List::new(samba.address().to_string())?.login(who).args(&["-l", level]).error()?;
            let words = format!("enumeration of sessions as {}: access denied", who.name);
            ensure_error(&error, "access_denied", Some((5, "ERROR_ACCESS_DENIED")), &words)
                .with_context(|| format!("level {level}"))?;
        }
    }
    let run = List::new(samba.address().to_string())?.login(PLAIN).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    // On a terminal and off it: the server, and what to do.
    ensure_says(&run.outcome.stderr, &[&samba.address().to_string()])?;
    ensure_says(&run.outcome.stderr, &["net groupmap add sid=S-1-5-32-544"])
}

fn unreadable_password_file() -> Result<()> {
    let run =
        List::new("127.0.0.1:1")?.args(&["-U", "admin", "--password-file", "/nonexistent/file"]).run()?;
    ensure!(run.outcome.code == Some(2), "{run:?}");
    ensure_says(&run.outcome.stderr, &["cannot read /nonexistent/file: No such file"])
}

fn share_path() -> Result<()> {
    let run = List::new(r"\\127.0.0.1\files")?.login(ADMIN).run()?;
    ensure!(run.outcome.code == Some(2), "{run:?}");
    ensure_says(&run.outcome.stderr, &["is a share, not a server"])
}
