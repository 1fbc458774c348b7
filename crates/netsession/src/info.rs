use std::time::Duration;

use netsession_proto::srvs::{ServerGetInfoRequest, ServerGetInfoResponse};

use crate::client_method::client_method;
use crate::question::{AskOnce, Question};

/// What is the server? Every user may ask. Specification: \[MS-SRVS\] 3.1.4.17, at level 101.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Info;

/// What a server says it is.
///
/// The texts come from the server, unchecked: escape control characters before they reach a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// Its own name, whatever name it was reached by. Where Windows asks, it is the name that it was asked by.
    pub name: String,
    /// Major and minor version of the operating system: Windows 10 and Server 2016 to 2025 are 10.0, and Samba says
    /// 6.1 whatever it runs on.
    pub version: (u32, u32),
    /// What kind of server it is: SV_TYPE_ bits of \[MS-SRVS\] 2.2.2.7.
    pub type_bits: u32,
    /// The comment. Samba has its version in it.
    pub comment: String,
}

impl ServerInfo {
    /// Not named: what every file server is, what browsed networks, and what is no longer made.
    const ROLES: [(u32, &'static str); 11] = [
        (0x4, "sql_server"),
        (0x8, "domain_controller"),
        (0x10, "backup_domain_controller"),
        (0x20, "time_source"),
        (0x200, "print_server"),
        (0x800, "unix"),
        (0x8000, "server"),
        (0x80_0000, "dfs"),
        (0x100_0000, "cluster"),
        (0x200_0000, "terminal_server"),
        (0x400_0000, "cluster_name"),
    ];

    /// Names of those bits of its type that say something today, such as `domain_controller` and `print_server`.
    /// `server` is a server's edition of Windows that is no domain controller; the editions for desktops have none.
    pub fn roles(&self) -> impl Iterator<Item = &'static str> {
        let bits = self.type_bits;
        Self::ROLES.into_iter().filter(move |(bit, _)| bits & bit != 0).map(|(_, name)| name)
    }
}

client_method!(
    /// What the server says it is.
    info, Info, ServerInfo
);

impl Question for Info {
    type Answer = ServerInfo;
}

impl AskOnce for Info {
    type Call = ServerGetInfoRequest;
    type Told = ServerInfo;

    fn call(&self, server: Option<String>) -> ServerGetInfoRequest {
        ServerGetInfoRequest { server, level: ServerGetInfoRequest::LEVEL }
    }

    fn told(&self, response: Option<ServerGetInfoResponse>, _: Duration) -> ServerInfo {
        let info = response.and_then(|response| response.info).unwrap_or_default();
        // The upper half of its byte is the kind of server, from the time of LAN Manager.
        let version = (info.version.0 & 0xf, info.version.1);
        ServerInfo { name: info.name, version, type_bits: info.kind, comment: info.comment }
    }
}
