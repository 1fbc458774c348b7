//! Which time, servers, users and clients.

use std::collections::HashSet;

use anyhow::{Result, bail};
use clap::Args;
use jiff::{Timestamp, ZonedDateTime};
use netsession::{ClientName, ServerName, UserName};
use netsession_history::{History, Query};

use super::store::Wrong;
use crate::args::FilterBy;
use crate::config;
use crate::resolve::typed_servers;
use crate::text::{LocalClock, escaped, moment};

/// What is looked for.
#[derive(Debug, Default, Args)]
pub(super) struct WindowArgs {
    /// Servers: as they were recorded, or @group of the configuration [default: all]
    #[arg(value_name = "SERVER")]
    servers: Vec<String>,

    /// Only what was there at any time from this one on
    #[arg(long, value_name = "TIME", help_heading = "Filters")]
    since: Option<String>,

    /// Only what was there at any time up to this one
    #[arg(long, value_name = "TIME", help_heading = "Filters")]
    until: Option<String>,

    /// Only this user, USER or DOMAIN\USER
    ///
    /// Also DOMAIN/USER and USER@REALM. Without a domain, of every domain.
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    user: Option<String>,

    /// Only from this computer, a name or an address
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    client: Option<String>,
}

/// What is looked for, and how times are shown.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// The names by which they were recorded; `None` is all.
    servers: Option<HashSet<String>>,
    user: Option<UserName>,
    client: Option<ClientName>,
    clock: LocalClock,
    /// Whether rows have their times as people read them, which costs more than the rest of a row.
    has_local_times: bool,
}

impl WindowArgs {
    pub(super) fn window(&self, at: Option<&str>, history: &History) -> Result<Window> {
        let clock = LocalClock::now();
        let time = |option: &str, text: Option<&str>| -> Result<Option<Timestamp>> {
            let parse = |text: &str| {
                moment::parse(text, &clock)
                    .map_err(|forms| Wrong(format!("{option} {text:?}: {forms}")).into())
            };
            text.map(parse).transpose()
        };
        let at = time("--at", at)?;
        let since = at.or(time("--since", self.since.as_deref())?);
        let until = at.or(time("--until", self.until.as_deref())?);
        if let (Some(since), Some(until)) = (since, until)
            && until < since
        {
            bail!(Wrong("--until is before --since".into()));
        }
        for (by, name) in [(FilterBy::User, &self.user), (FilterBy::Client, &self.client)] {
            let Some(name) = name else { continue };
            let checked = by.check_filter(name, "leave it out to see everything");
            checked.map_err(|error| Wrong(error.to_string()))?;
        }
        Ok(Window {
            since,
            until,
            servers: self.recorded_names(history)?,
            user: self.user.as_deref().map(UserName::new),
            client: self.client.as_deref().map(ClientName::new),
            clock,
            has_local_times: false,
        })
    }

    /// The servers that are named, by the names in the store: each can be there in several spellings.
    fn recorded_names(&self, history: &History) -> Result<Option<HashSet<String>>> {
        if self.servers.is_empty() {
            return Ok(None);
        }
        let wanted = config::load().and_then(|configuration| typed_servers(&self.servers, &configuration));
        let wanted = wanted.map_err(|error| Wrong(format!("{error:#}")))?;
        let recorded = history.servers();
        // Each is parsed once. A name that is no server's, in a store that another program wrote, cannot be asked for.
        let recorded: Vec<(&str, Option<ServerName>)> =
            recorded.iter().map(|server| (server.name.as_str(), server.name.parse().ok())).collect();
        let parsed: HashSet<_> = recorded.iter().filter_map(|(_, server)| server.as_ref()).collect();
        if let Some(unknown) = wanted.iter().find(|server| !parsed.contains(server)) {
            let known: Vec<_> =
                recorded.iter().map(|(name, _)| escaped(name).into_owned()).take(20).collect();
            let known = if known.is_empty() { "none".into() } else { known.join(", ") };
            let unknown = unknown.to_string();
            let hint = if self.servers.contains(&unknown)
                && ["stats", "forget", "export"].contains(&unknown.as_str())
            {
                format!(". The command comes before its options: netsession history {unknown} --store FILE")
            } else {
                String::new()
            };
            bail!(Wrong(format!("{} was never recorded; the store has {known}{hint}", escaped(&unknown))));
        }
        let wanted: HashSet<_> = wanted.iter().collect();
        let is_wanted =
            |server: &Option<ServerName>| server.as_ref().is_some_and(|server| wanted.contains(server));
        let names =
            recorded.iter().filter(|(_, server)| is_wanted(server)).map(|(name, _)| (*name).to_owned());
        Ok(Some(names.collect()))
    }
}

impl Window {
    /// Rows are shown as a table.
    pub(super) fn with_local_times(self) -> Self {
        Self { has_local_times: true, ..self }
    }

    /// The moment at which the command was started.
    pub(super) const fn now(&self) -> Timestamp {
        self.clock.timestamp()
    }

    pub(super) fn query(&self) -> Query<'_> {
        let time =
            |time: Option<Timestamp>, otherwise: Timestamp| moment::system_time(time.unwrap_or(otherwise));
        let mut query =
            Query::between(time(self.since, Timestamp::UNIX_EPOCH), time(self.until, Timestamp::MAX));
        if let Some(servers) = &self.servers {
            query = query.server(|name| servers.contains(name));
        }
        if let Some(user) = &self.user {
            query = query.user(|name| user.matches(name));
        }
        if let Some(client) = &self.client {
            query = query.client(|name| client.matches(name));
        }
        query
    }

    pub(super) fn has_server(&self, name: &str) -> bool {
        self.servers.as_ref().is_none_or(|servers| servers.contains(name))
    }

    /// The time zone of the user: `Europe/Berlin`. Without the abbreviation, which is another one in summer.
    pub(super) fn zone(&self) -> String {
        let name = self.clock.zone().iana_name();
        name.map_or_else(|| self.clock.zoned().strftime("%Z").to_string(), str::to_owned)
    }

    /// A moment in the time zone of the user.
    pub(super) fn zoned(&self, time: Timestamp) -> ZonedDateTime {
        self.clock.zoned_at(time)
    }

    /// As [`local`](Self::local), with the abbreviation of the zone at that moment.
    pub(super) fn local_with_zone(&self, time: Timestamp) -> String {
        let zoned = self.zoned(time);
        format!("{} {}", moment::local(&zoned), zoned.strftime("%Z"))
    }

    /// As [`local`](Self::local), where rows have it.
    pub(super) fn local_in_row(&self, time: Timestamp, is_exact: bool) -> String {
        if !self.has_local_times {
            return String::new();
        }
        format!("{}{}", self.local(time), if is_exact { "" } else { "?" })
    }

    /// A moment in the time zone of the user, whole seconds.
    pub(super) fn local(&self, time: Timestamp) -> String {
        moment::local(&self.zoned(time))
    }
}
