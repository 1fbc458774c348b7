use std::time::Duration;

use netsession_proto::query::{EnumQuery, SessionFilter, bare_client, sendable_share};
use netsession_proto::srvs::{ConnectionEnumRequest, ConnectionInfo};

use crate::collected::{Collected, HasTexts};
use crate::error::{Error, InvalidRequest};
use crate::question::{Ask, Circumstances, Question, Target};
use crate::session::known_seconds;

/// The query for the connections to a share, for [`Client::ask`](crate::blocking::Client::ask) and `Fleet`.
///
/// It takes the rights that listing sessions takes. Samba answers with an invented connection, which is refused:
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported). Specification: \[MS-SRVS\] 3.1.4.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connections {
    /// Those to this share.
    Share(String),
    /// Those of this computer: a name or an IP address, as the server lists it.
    Client(String),
}

/// A connection to a share. The texts come from the server, unchecked: escape control characters before they reach a
/// terminal. Specification: \[MS-SRVS\] 2.2.4.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// The user, as the server wrote it.
    pub user: String,
    /// The computer where a share was asked for, the share where a computer was.
    pub name: String,
    /// Number of files that are open over it.
    pub opens: u32,
    /// Since when it is there.
    pub connected: Duration,
}

impl Question for Connections {
    type Answer = Vec<Connection>;
}

impl Ask for Connections {
    type Query = EnumQuery<ConnectionEnumRequest>;
    type Output = Vec<Connection>;
    type Found = Collected<Connection>;

    fn query(&self, target: &Target) -> Result<Self::Query, Error> {
        let sent = match self {
            Self::Share(name) => sendable_share(name).map(|name| Some(name.to_owned())),
            Self::Client(name) => {
                SessionFilter::new(Some(name), None).map(|filter| filter.sent_client().map(str::to_owned))
            }
        };
        // Without a name servers refuse the call.
        let sent = sent.map_err(Error::invalid)?.filter(|name| !name.is_empty());
        let sent = sent.ok_or_else(|| Error::invalid(InvalidRequest::Qualifier))?;
        let call = ConnectionEnumRequest { server: target.unc.clone(), ..ConnectionEnumRequest::new(sent) };
        Ok(EnumQuery::new(call, target.limits))
    }

    fn held_bytes(found: &Self::Found) -> usize {
        found.held_bytes()
    }

    fn collect(found: &mut Self::Found, items: Vec<ConnectionInfo>) {
        found.extend(items.into_iter().map(|info| Connection {
            name: bare_client(&info.name).to_owned(),
            user: info.user,
            opens: info.opens,
            connected: Duration::from_secs(known_seconds(info.seconds).into()),
        }));
    }

    fn answer(&self, _: &Self::Query, found: Self::Found, _: Circumstances) -> Vec<Connection> {
        found.into_parts().0
    }
}

impl HasTexts for Connection {
    fn text_bytes(&self) -> usize {
        self.user.capacity().saturating_add(self.name.capacity())
    }
}

#[cfg(test)]
mod tests {
    use netsession_proto::client::Limits;
    use netsession_proto::query::Query as _;

    use super::*;
    use crate::Level;

    #[test]
    fn names_are_sent_as_servers_take_them() {
        let target = Target { unc: None, limits: Limits::default(), level: Level::Auto };
        let sent =
            |question: Connections| question.query(&target).ok().and_then(|query| query.next().qualifier);
        let share = |name: &str| sent(Connections::Share(name.into()));
        let client = |name: &str| sent(Connections::Client(name.into()));
        assert_eq!(share("projects").as_deref(), Some("projects"));
        assert_eq!(client("fe80::1").as_deref(), Some(r"\\[fe80::1]"));
        assert_eq!(client(r"\\10.0.0.5").as_deref(), Some(r"\\10.0.0.5"));
        for refused in [share(""), client(""), client("localhost"), share(&"x".repeat(1_024))] {
            assert_eq!(refused, None);
        }
    }

    #[test]
    fn too_long_name_is_called_what_it_is() {
        let target = Target { unc: None, limits: Limits::default(), level: Level::Auto };
        let text = |question: Connections| question.query(&target).err().map(|error| error.to_string());
        let too_long = |what: &str| Some(format!("the name of the {what} is longer than 1,023 characters"));
        assert_eq!(text(Connections::Share("x".repeat(1_024))), too_long("share"));
        assert_eq!(text(Connections::Share("x".repeat(1_023))), None);
        // With `\\` in front.
        assert_eq!(text(Connections::Client("x".repeat(1_022))), too_long("client"));
        assert_eq!(text(Connections::Client("x".repeat(1_021))), None);
    }

    #[test]
    fn memory_of_what_is_found_counts() {
        let mut found = Collected::default();
        let infos = |count: usize| {
            let info =
                ConnectionInfo { user: "u".repeat(500), name: "n".repeat(500), ..ConnectionInfo::default() };
            vec![info; count]
        };
        Connections::collect(&mut found, infos(1));
        let one = Connections::held_bytes(&found);
        assert!(one >= 1_000, "{one}");
        Connections::collect(&mut found, infos(99));
        assert!(Connections::held_bytes(&found) >= 100_000);
    }
}
