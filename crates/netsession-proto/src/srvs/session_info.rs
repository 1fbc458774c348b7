use super::Level;

/// One session, as any of the five levels describes it: what the level does not carry is `None`.
///
/// SESSION_INFO_0, _1, _2, _10 and _502 (\[MS-SRVS\] 2.2.4.11 to 2.2.4.15). A null string from the server
/// is an empty one here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionInfo {
    /// The computer, as the server wrote it: `\\10.0.0.5`, `\\[fe80::1]`, `127.0.0.1`, `\\NAME`.
    pub client: String,
    /// The user, as the server wrote it: `alice` or `DOMAIN\alice`.
    pub user: Option<String>,
    /// Open files, devices and pipes.
    pub opens: Option<u32>,
    /// Since the session was established, in seconds, as the server sent it.
    pub time: Option<u32>,
    /// Since the client last used it, in seconds.
    pub idle_time: Option<u32>,
    /// SESS_GUEST 0x1, SESS_NOENCRYPTION 0x2.
    pub flags: Option<u32>,
    /// What the client calls itself; empty over SMB2.
    pub client_type: Option<String>,
    /// The name of the transport, such as `\Device\NetbiosSmb`.
    pub transport: Option<String>,
}

impl SessionInfo {
    /// The same session with the fields of `level` alone.
    #[must_use]
    pub fn reduced_to(self, level: Level) -> Self {
        let from_1 = matches!(level, Level::L1 | Level::L2 | Level::L502);
        let from_10 = from_1 || level == Level::L10;
        let from_2 = matches!(level, Level::L2 | Level::L502);
        Self {
            client: self.client,
            user: self.user.filter(|_| from_10),
            opens: self.opens.filter(|_| from_1),
            time: self.time.filter(|_| from_10),
            idle_time: self.idle_time.filter(|_| from_10),
            flags: self.flags.filter(|_| from_1),
            client_type: self.client_type.filter(|_| from_2),
            transport: self.transport.filter(|_| level == Level::L502),
        }
    }
}
