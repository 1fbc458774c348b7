//! The sessions of the double, `TABLE` in `interop/wine/netapi32.c`, as this program shows them.

use std::fmt::Write as _;

use netsession_interop::netsession::Row;

/// A session with the fields of all levels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// As this program shows it: the double has backslashes and brackets in front.
    pub(crate) client: &'static str,
    pub(crate) user: &'static str,
    pub(crate) opens: u32,
    pub(crate) time: u32,
    pub(crate) idle: u32,
    pub(crate) bits: u32,
    pub(crate) flags: &'static [&'static str],
    pub(crate) client_type: &'static str,
    pub(crate) transport: &'static str,
}

const SMB: &str = r"\Device\NetbiosSmb";

/// In the order in which they are shown: longest idle first, then by client and user.
#[rustfmt::skip]
pub(crate) const TABLE: [Known; 6] = [
    Known { client: "10.0.0.9", user: "田中", opens: 1, time: 2_000_000_000, idle: 1_999_999_999, bits: 3, flags: &["guest", "no_encryption"], client_type: "", transport: SMB },
    Known { client: "fe80::1", user: r"LAB\bob", opens: 0, time: 86_400, idle: 4000, bits: 1, flags: &["guest"], client_type: "", transport: SMB },
    Known { client: "10.0.0.5", user: "alice", opens: 3, time: 3600, idle: 12, bits: 0, flags: &[], client_type: "", transport: SMB },
    Known { client: "10.0.0.77", user: "", opens: 0, time: 1, idle: 1, bits: 0, flags: &[], client_type: "", transport: SMB },
    // A time of -1 means 0.
    Known { client: "10.0.0.5", user: "carol🦀", opens: 2, time: u32::MAX, idle: 0, bits: 4, flags: &["0x4"], client_type: "", transport: SMB },
    Known { client: "WS-07", user: "Женя", opens: 17, time: 59, idle: 0, bits: 2, flags: &["no_encryption"], client_type: "Windows", transport: r"\Device\NetBT_Tcpip_{1}" },
];

/// The whole table at `level`, as a listing of `server` shows it. What has no idle time is in the order of its clients.
pub(crate) fn rows(server: &str, level: u32) -> Vec<Row> {
    let mut rows: Vec<Row> = TABLE.iter().map(|known| known.row(server, level)).collect();
    if level == 0 {
        rows.sort_by(|a, b| a.client.cmp(&b.client));
    }
    rows
}

/// The sessions whose user is one of these, at `level`.
pub(crate) fn rows_of(server: &str, level: u32, users: &[&str]) -> Vec<Row> {
    let wanted = TABLE.iter().filter(|known| users.contains(&known.user));
    wanted.map(|known| known.row(server, level)).collect()
}

impl Known {
    fn row(&self, server: &str, level: u32) -> Row {
        let has_user = level != 0;
        let has_opens = matches!(level, 1 | 2 | 502);
        let has_type = matches!(level, 2 | 502);
        let time = if self.time == u32::MAX { 0 } else { self.time };
        Row {
            server: server.to_owned(),
            level,
            client: Some(self.client.to_owned()),
            user: has_user.then(|| self.user.to_owned()),
            opens: has_opens.then_some(self.opens),
            connected_seconds: has_user.then_some(time.into()),
            idle_seconds: has_user.then_some(self.idle.into()),
            flags: has_opens.then(|| self.flags.iter().map(|&flag| flag.to_owned()).collect()),
            client_type: has_type.then(|| self.client_type.to_owned()),
            transport: (level == 502).then(|| self.transport.to_owned()),
            client_name: None,
        }
    }
}

/// The same sessions for `netsession-testserver`, in the order of the double's list; everybody may log on as `admin`.
pub(crate) fn scenario() -> String {
    let mut toml =
        "[session-enum]\nuser-names = \"decorated\"\n\n[[user]]\nname = \"admin\"\npassword = \"secret\"\n\
                    administrator = true\n"
            .to_owned();
    for known in TABLE {
        let (domain, user) = known.user.split_once('\\').unwrap_or(("", known.user));
        let Known { client, opens, time, idle, bits, client_type, transport, .. } = known;
        let _ = write!(
            toml,
            "\n[[session]]\nclient = '{client}'\ndomain = '{domain}'\nuser = '{user}'\nopens = {opens}\n\
             time-seconds = {time}\nidle-seconds = {idle}\nflags = {bits}\nclient-type = '{client_type}'\n\
             transport = '{transport}'\n"
        );
    }
    toml
}
