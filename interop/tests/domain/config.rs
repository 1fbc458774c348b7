//! A group of servers from the configuration, each asked with credentials of its own.

use std::fs;

use anyhow::{Result, ensure};
use netsession_interop::domain::{BOB, LABADM, SERVER};
use netsession_interop::suite::{Need, Suite};
use tempfile::tempdir;

use crate::support::{domain, ensure_error, principal};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Samba, Need::Program, Need::Domain],
        "config::group_with_credentials_of_each_kind",
        group,
    );
}

fn group() -> Result<()> {
    let domain = domain()?;
    let folder = tempdir()?;
    let own = folder.path().join("netsession");
    fs::create_dir(&own)?;
    fs::write(own.join("password"), format!("{}\n", LABADM.password))?;
    fs::write(own.join("auth"), format!("username = bob\npassword = {}\ndomain = ADLAB\n", BOB.password))?;
    let config = format!(
        "[servers]
         by-keytab = {{ address = '{SERVER}', credentials = 'keytab' }}
         by-command = {{ address = '{SERVER}', credentials = 'command' }}
         by-file = {{ address = '127.0.0.1', credentials = 'file' }}
         by-auth-file = {{ address = '127.0.0.1', credentials = 'auth' }}
         [groups]
         fileservers = ['by-keytab', 'by-command', '@rest']
         rest = ['by-file', 'by-auth-file']
         [credentials]
         keytab = {{ login = '{login}', keytab = '{keytab}' }}
         command = {{ login = '{login}', password_command = ['/bin/cat', '{own}/password'] }}
         file = {{ login = 'ADLAB\\labadm', password_file = 'password' }}
         auth = {{ auth_file = 'auth' }}",
        login = principal(LABADM),
        keytab = domain.keytab().display(),
        own = own.display(),
    );
    fs::write(own.join("config.toml"), config)?;
    let list = domain.list("@fileservers", None)?.env("XDG_CONFIG_HOME", folder.path());
    let run = list.args(&["-f", "jsonl"]).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let lines = run.lines()?;
    for server in ["by-keytab", "by-command", "by-file"] {
        let own = lines.iter().find(|line| line["server"] == server && line["user"] == r"ADLAB\labadm");
        ensure!(own.is_some(), "{server} is not listed: {run:?}");
    }
    // The one that may not is told under its name.
    let error = lines.iter().find(|line| line["server"] == "by-auth-file").map(|line| &line["error"]);
    ensure_error(
        error.unwrap_or(&serde_json::Value::Null),
        "access_denied",
        Some(5),
        Some("ERROR_ACCESS_DENIED"),
    )
}
