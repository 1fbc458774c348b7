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
        Self {
            client: self.client,
            user: self.user.filter(|_| level.has_user()),
            opens: self.opens.filter(|_| level.has_opens()),
            time: self.time.filter(|_| level.has_user()),
            idle_time: self.idle_time.filter(|_| level.has_user()),
            flags: self.flags.filter(|_| level.has_opens()),
            client_type: self.client_type.filter(|_| level.has_client_type()),
            transport: self.transport.filter(|_| level.has_transport()),
        }
    }
}
