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
    /// Major and minor version of the operating system: Windows 10 and Server 2016 to 2025 are 10.0; Samba of today says
    /// 6.1, whatever it runs on.
    pub version: (u32, u32),
    /// What kind of server it is: SV_TYPE_ bits of \[MS-SRVS\] 2.2.2.7.
    pub type_bits: u32,
    /// The comment. Samba's has its version, unless the administrator has set another one.
    pub comment: String,
}

impl ServerInfo {
    /// Not named: what every file server is, what browsed networks, and what is no longer made. In a domain of today the
    /// holder of the role of the PDC emulator has 0x8, and every other domain controller 0x10 (\[MS-DTYP\] 2.6).
    const ROLES: [(u32, &'static str); 11] = [
        (0x4, "sql_server"),
        (0x18, "domain_controller"),
        (0x8, "primary_domain_controller"),
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
    /// `server` is Windows Server that is no domain controller, and every Samba.
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
    type Output = ServerInfo;

    fn call(&self, machine: Option<String>) -> ServerGetInfoRequest {
        ServerGetInfoRequest { machine, server: None, level: ServerGetInfoRequest::LEVEL }
    }

    fn answer(&self, response: Option<ServerGetInfoResponse>, _: Duration) -> ServerInfo {
        let info = response.and_then(|response| response.info).unwrap_or_default();
        // The upper half of its byte is the kind of server, from the time of LAN Manager.
        let version = (info.version.0 & 0xf, info.version.1);
        ServerInfo { name: info.name, version, type_bits: info.kind, comment: info.comment }
    }
}

#[cfg(test)]
mod tests {
    use netsession_proto::erref::Win32Error;
    use netsession_proto::srvs::ServerInfo101;

    use super::*;

    fn answered(version: (u32, u32), kind: u32) -> ServerInfo {
        let info = Some(ServerInfo101 { version, kind, ..ServerInfo101::default() });
        AskOnce::answer(
            &Info,
            Some(ServerGetInfoResponse { level: 101, info, code: Win32Error::SUCCESS }),
            Duration::ZERO,
        )
    }

    #[test]
    fn kind_of_server_is_no_part_of_the_version() {
        assert_eq!(answered((0x2a, 3), 0).version, (10, 3));
    }

    #[test]
    fn every_domain_controller_is_one() {
        let roles = |kind| answered((10, 0), kind).roles().collect::<Vec<_>>();
        assert_eq!(roles(0x1003), [""; 0]);
        assert_eq!(roles(0x8_102b), ["domain_controller", "primary_domain_controller", "time_source"]);
        assert_eq!(roles(0x1013), ["domain_controller"]);
        assert_eq!(roles(u32::MAX).len(), ServerInfo::ROLES.len());
    }
}
