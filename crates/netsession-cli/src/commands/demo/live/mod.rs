//! `netsession demo --top`: three servers whose people come and go.

mod rota;

use std::collections::HashSet;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use netsession::{Account, Backend, ConnectionSettings, Credentials, Kerberos, Password};
use netsession_testserver::{Host, Scenario, Server, ServerHandle};
use tokio::runtime;

use crate::commands::top;
use crate::process::{Exit, Interrupt, Terminal};
use crate::resolve::{Address, Resolved};
use crate::shell::LiveServers;
use rota::PEOPLE;

const WINDOWS: &str = include_str!("windows.toml");
const SAMBA: &str = include_str!("samba.toml");

/// The servers by name, and whether each reports idle times.
const SERVERS: [(&str, &str, bool); 3] =
    [("fs1", WINDOWS, true), ("fs2", WINDOWS, true), ("nas3", SAMBA, false)];

/// Short, to see something.
const INTERVAL: Duration = Duration::from_secs(2);
/// How often people move.
const TURN: Duration = Duration::from_millis(250);

/// Shows the servers live until it is quit.
pub(super) fn run(err: &mut dyn Write, terminal: Terminal) -> Result<Exit> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    let mut servers = Vec::new();
    let mut handles = Vec::new();
    for (name, scenario, _) in SERVERS {
        let scenario: Scenario = scenario.parse().context("the demo's scenario")?;
        let (address, handle) = Server::start(scenario).context("cannot listen on loopback")?;
        servers.push(resolved(name, address)?);
        handles.push(handle);
    }
    let mut people = People::new(handles.iter().map(ServerHandle::host).cloned().collect());
    people.turn();
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(TURN).await;
            people.turn();
        }
    });
    let interrupt = {
        let _within = runtime.enter();
        Interrupt::listen_to_all().context("cannot listen to Ctrl-C")?
    };
    let servers = LiveServers::with_defaults(servers);
    Ok(top::show(&servers, &runtime, Some(interrupt), INTERVAL, terminal, err))
}

/// The server at this address, under a name of the demo.
fn resolved(name: &str, address: SocketAddr) -> Result<Resolved> {
    let credentials = Credentials::ntlm(Account::new("admin").in_domain("DEMO"), Password::new("demo"));
    Ok(Resolved {
        server: name.parse().context("the demo's server")?,
        address: Address::Server(address.to_string().parse().context("the demo's server")?),
        backend: Backend::Smb,
        credentials: Some(Arc::new(credentials)),
        connection: ConnectionSettings::default().kerberos(Kerberos::Off),
    })
}

/// The people, and the lists of the servers that they are on.
struct People {
    hosts: Vec<Host>,
    begun: Instant,
    /// Visits that were ended by an administrator, by person and number.
    ended: HashSet<(usize, u64)>,
    /// Files that were closed by one.
    closed: HashSet<u32>,
    /// What was listed at the last turn.
    listed: Listed,
}

#[derive(Default)]
struct Listed {
    visits: Vec<(usize, u64, String)>,
    files: Vec<(usize, u32)>,
}

impl People {
    fn new(hosts: Vec<Host>) -> Self {
        let (ended, closed, listed) = (HashSet::new(), HashSet::new(), Listed::default());
        Self { hosts, begun: Instant::now(), ended, closed, listed }
    }

    /// Lists what the time says, without what was closed.
    fn turn(&mut self) {
        self.notice_what_was_closed();
        let second = self.begun.elapsed().as_secs();
        self.listed = Listed::default();
        for ((server, host), (.., tells_idle)) in self.hosts.iter().enumerate().zip(SERVERS) {
            let (mut sessions, mut files) = (Vec::new(), Vec::new());
            for (index, person) in PEOPLE.iter().enumerate().filter(|(_, person)| person.server == server) {
                let Some(visit) = person.visit(second) else { continue };
                if self.ended.contains(&(index, visit)) {
                    continue;
                }
                let session = person.session(second, tells_idle);
                self.listed.visits.push((index, visit, session.client.clone()));
                sessions.push(session);
                files.extend(person.files(second, index).filter(|file| !self.closed.contains(&file.id)));
            }
            self.listed.files.extend(files.iter().map(|file| (server, file.id)));
            host.sessions().replace(sessions);
            host.files().replace(files);
        }
    }

    /// What the servers list no more, and was not removed by a turn, was closed with `x`.
    fn notice_what_was_closed(&mut self) {
        for (index, visit, client) in &self.listed.visits {
            let Some(host) = PEOPLE.get(*index).and_then(|person| self.hosts.get(person.server)) else {
                continue;
            };
            let sessions = host.sessions().snapshot();
            let user = PEOPLE.get(*index).map(rota::Person::user);
            let is_there =
                sessions.iter().any(|session| session.client == *client && session.user.as_deref() == user);
            if !is_there {
                self.ended.insert((*index, *visit));
            }
        }
        for (server, id) in &self.listed.files {
            let Some(host) = self.hosts.get(*server) else { continue };
            if !host.files().snapshot().iter().any(|file| file.id == *id) {
                self.closed.insert(*id);
            }
        }
    }
}
