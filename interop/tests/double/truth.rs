//! What a scenario says, as every client must show it.

use anyhow::{Result, ensure};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::netsession;
use netsession_interop::oracle::Row;
use netsession_interop::process::PATIENCE;
use netsession_testserver::Scenario;

pub(crate) const LEVELS: [u32; 5] = [0, 1, 2, 10, 502];

/// The rows of a level, that of the administrator who asks included where the server lists it.
pub(crate) fn rows(scenario: &Scenario, level: u32) -> Vec<Row> {
    let listed = scenario.sessions().iter().map(|session| Row {
        client: session.client.clone(),
        user: session.user.clone(),
        opens: session.opens,
        connected: session.time,
        idle: session.idle_time,
        flags: session.flags,
        client_type: session.client_type.clone(),
        transport: session.transport.clone(),
    });
    listed.chain(caller(scenario)).map(|row| reduced(row, level)).collect()
}

/// The same rows as a poorer level shows them.
pub(crate) fn at_level(rows: Vec<Row>, level: u32) -> Vec<Row> {
    rows.into_iter().map(|row| reduced(row, level)).collect()
}

fn caller(scenario: &Scenario) -> Option<Row> {
    let is_windows = scenario.smb.signing_required;
    scenario.session_enum.lists_caller.then(|| Row {
        client: if is_windows { r"\\127.0.0.1" } else { "127.0.0.1" }.to_owned(),
        user: Some(DOUBLE_ADMIN.name.to_owned()),
        opens: Some(1),
        connected: Some(0),
        idle: Some(0),
        flags: Some(0),
        client_type: Some(String::new()),
        transport: Some(r"\Device\NetbiosSmb".to_owned()),
    })
}

/// The rows with the session that asks as young as [`rows`] has it: on a busy machine its log-on is seconds ago.
pub(crate) fn settled(mut rows: Vec<Row>) -> Vec<Row> {
    for row in &mut rows {
        let user = row.user.as_deref();
        if row.connected.is_some_and(|seconds| is_young(user, &row.client, seconds.into())) {
            row.connected = Some(0);
        }
    }
    rows
}

/// Whether it is the administrator who asks, logged on within what any of this may take.
fn is_young(user: Option<&str>, client: &str, seconds: u64) -> bool {
    user == Some(DOUBLE_ADMIN.name)
        && client.trim_start_matches('\\') == "127.0.0.1"
        && seconds < PATIENCE.as_secs()
}

/// What a level carries (\[MS-SRVS\] 2.2.4.12 to 2.2.4.16).
fn reduced(row: Row, level: u32) -> Row {
    Row {
        user: row.user.filter(|_| level != 0),
        opens: row.opens.filter(|_| [1, 2, 502].contains(&level)),
        connected: row.connected.filter(|_| level != 0),
        idle: row.idle.filter(|_| level != 0),
        flags: row.flags.filter(|_| [1, 2, 502].contains(&level)),
        client_type: row.client_type.filter(|_| [2, 502].contains(&level)),
        transport: row.transport.filter(|_| level == 502),
        client: row.client,
    }
}

/// Field by field, in the order of the server.
pub(crate) fn ensure_same(theirs: &[Row], expected: &[Row]) -> Result<()> {
    let theirs = settled(theirs.to_vec());
    ensure!(theirs == expected, "listed:\n{theirs:#?}\nexpected:\n{expected:#?}");
    Ok(())
}

/// What the program shows, against what another client shows of the same server.
pub(crate) fn ensure_shows(ours: &[netsession::Row], theirs: &[Row]) -> Result<()> {
    let mut ours: Vec<_> = ours.iter().map(ours_as_text).collect();
    let mut theirs: Vec<_> = settled(theirs.to_vec()).iter().map(theirs_as_text).collect();
    // The program orders them its own way.
    ours.sort();
    theirs.sort();
    ensure!(ours == theirs, "netsession:\n{ours:#?}\npython3-samba:\n{theirs:#?}");
    Ok(())
}

fn ours_as_text(row: &netsession::Row) -> String {
    let netsession::Row { client, user, opens, connected_seconds, idle_seconds, flags, client_type, .. } =
        row;
    let transport = &row.transport;
    let shown = client.as_deref().unwrap_or_default();
    let connected_seconds =
        connected_seconds.map(|seconds| if is_young(user.as_deref(), shown, seconds) { 0 } else { seconds });
    format!(
        "{client:?} {user:?} {opens:?} {connected_seconds:?} {idle_seconds:?} {flags:?} {client_type:?} {transport:?}"
    )
}

fn theirs_as_text(row: &Row) -> String {
    let client = row.client.trim_start_matches('\\').trim_start_matches('[').trim_end_matches(']');
    // −1, which means 0.
    let seconds =
        |value: Option<u32>| value.map(|value| if value == u32::MAX { 0 } else { u64::from(value) });
    let (connected, idle) = (seconds(row.connected), seconds(row.idle));
    let flags = row.flags.map(|flags| {
        let names = [(1, "guest"), (2, "no_encryption")];
        let set = names.iter().filter(|(bit, _)| flags & bit != 0);
        set.map(|(_, name)| (*name).to_owned()).collect::<Vec<_>>()
    });
    let Row { user, opens, client_type, transport, .. } = row;
    let client = Some(client);
    format!("{client:?} {user:?} {opens:?} {connected:?} {idle:?} {flags:?} {client_type:?} {transport:?}")
}
