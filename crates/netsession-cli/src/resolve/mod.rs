//! Arguments and configuration become servers to ask, each with its address, its backend and its credentials.

mod backend;
mod connection;
mod server_list;
mod servers;

use std::env;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use netsession::{Backend, ConnectionSettings, Credentials, Kerberos, ServerName};

use crate::args::TargetArgs;
use crate::identity::{self, Environment, Identities};
use crate::model::Configuration;
use crate::process::Interrupt;
use backend::BackendChoice;
use connection::connection;
pub(crate) use servers::typed as typed_servers;

const KEEP_GOING: &str = "warning: --keep-going: every server is asked even after one has refused the account: a wrong \
     password is tried on each, and a few wrong ones lock an account in most domains";

/// A person can type a PIN in it, for `--password-file <(pass show x)`.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server to ask.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// As it is shown.
    pub(crate) server: ServerName,
    pub(crate) address: Address,
    /// Windows itself, or the wire. Never [`Backend::Auto`].
    pub(crate) backend: Backend,
    /// The account for the wire. Windows asks as the user who is logged on.
    pub(crate) credentials: Option<Arc<Credentials>>,
    pub(crate) connection: ConnectionSettings,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// No server is named: Windows is asked about itself, and not over the network.
    ThisMachine,
    Server(ServerName),
}

/// The servers that `args` name. Asks for the password last, when nothing else is wrong.
///
/// Within a runtime: Ctrl-C is listened to before the prompt, and the listener comes back.
pub(crate) fn resolve(
    args: &TargetArgs,
    configuration: &Configuration,
    warn: &mut dyn FnMut(&str),
) -> Result<(Vec<Resolved>, Option<Interrupt>)> {
    if args.login.kerberos == Kerberos::Required && !cfg!(all(unix, feature = "kerberos")) {
        bail!("--kerberos required: this build has no Kerberos: leave it out and log on with a password");
    }
    let stdin = &mut io::stdin().lock();
    let servers = servers::servers(&args.servers, configuration, stdin)?;
    if let ([_, _, ..], Some(service)) = (servers.as_slice(), &args.login.spn) {
        bail!("--spn {service}: is for one server: name the service of each as spn in the configuration");
    }
    let choice = BackendChoice {
        backend: args.connection.backend,
        login_setting: identity::login_setting(&args.login, &|name| env::var_os(name)),
    };
    let by_login = identity::names_account(&args.login, &|name| env::var_os(name));
    let connections: Vec<_> =
        servers.iter().map(|server| connection(args, server, configuration, by_login)).collect();
    let backends: Vec<_> = servers
        .iter()
        .zip(&connections)
        .map(|(server, connection)| choice.backend(server, connection, configuration))
        .collect::<Result<_>>()?;
    check_tickets(args, &servers, &connections, configuration)?;
    let on_the_wire: Vec<_> = servers
        .iter()
        .zip(&backends)
        .filter(|(_, backend)| **backend != Backend::Windows)
        .map(|(server, _)| server.clone())
        .collect();
    if args.login.keep_going && !on_the_wire.is_empty() {
        warn(KEEP_GOING);
    }
    let (credentials, interrupt) = credentials(args, &on_the_wire, configuration, stdin, warn)?;
    let mut credentials = credentials.into_iter();
    let none_is_named = args.servers.servers.is_empty() && args.servers.servers_from.is_none();
    let resolved =
        servers.into_iter().zip(backends).zip(connections).map(|((server, backend), connection)| {
            let address = configuration.address_of(&server).clone();
            let is_windows = backend == Backend::Windows;
            Resolved {
                address: if is_windows && none_is_named && address == server {
                    Address::ThisMachine
                } else {
                    Address::Server(address)
                },
                server,
                backend,
                credentials: if is_windows { None } else { credentials.next() },
                connection,
            }
        });
    Ok((resolved.collect(), interrupt))
}

/// An error if a ticket is demanded for a server that is named by an IP address: tickets are for names.
fn check_tickets(
    args: &TargetArgs,
    servers: &[ServerName],
    connections: &[ConnectionSettings],
    configuration: &Configuration,
) -> Result<()> {
    let needs_ticket = |connection: &ConnectionSettings| {
        connection.service.is_none()
            && (connection.kerberos == Kerberos::Required || args.login.keytab.is_some())
    };
    let mut both = servers.iter().zip(connections);
    match both.find(|(server, connection)| needs_ticket(connection) && configuration.is_by_address(server)) {
        Some((server, _)) => bail!(
            "{server}: is an IP address, and Kerberos needs a name: a domain controller hands out tickets for \
             cifs/NAME and knows no addresses, so that no ticket or keytab that is there can be used; name the server by its DNS name, or its service with --spn NAME or with \
             spn in the configuration"
        ),
        None => Ok(()),
    }
}

/// The credentials for each of `servers`; no secret is read where there is no server.
fn credentials(
    args: &TargetArgs,
    servers: &[ServerName],
    configuration: &Configuration,
    stdin: &mut dyn Read,
    warn: &mut dyn FnMut(&str),
) -> Result<(Vec<Arc<Credentials>>, Option<Interrupt>)> {
    let mut interrupt = None;
    if servers.is_empty() {
        return Ok((Vec::new(), interrupt));
    }
    let mut environment = Environment {
        variable: &|name| env::var_os(name),
        stdin,
        stdin_has_servers: args.servers.servers_from.as_deref().is_some_and(identity::is_stdin),
        prompt: &mut |account| {
            // For the prompt of another account they are listened to already.
            let signals = match &mut interrupt {
                Some(signals) => signals,
                none => none.insert(Interrupt::listen_to_all()?),
            };
            identity::ask_on_terminal(account, signals)
        },
        ticket: &|account| identity::ticket_within(args.connection.timeout, account),
        warn,
        patience: PATIENCE,
    };
    let Identities { identities, of_server } =
        identity::identify(&args.login, servers, configuration, &mut environment)?;
    let credentials: Vec<_> = identities
        .into_iter()
        .map(|identity| Arc::new(identity.into_credentials(args.login.kerberos)))
        .collect();
    let of_each = of_server.iter().map(|index| credentials.get(*index).cloned());
    Ok((of_each.collect::<Option<_>>().context("a server without credentials")?, interrupt))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::args::{ConnectionArgs, LoginArgs, ServersArgs};
    use crate::config;

    /// The servers, asked over the wire as `admin`, with the password in a file.
    fn resolved(servers: &[&str], login: LoginArgs, text: &str) -> Result<Vec<Resolved>> {
        let (configuration, faults) = config::parse(text, Path::new("/"));
        assert_eq!(faults, []);
        let folder = tempfile::tempdir().unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, "hunter2").unwrap();
        let servers = servers.iter().map(|server| (*server).to_owned()).collect();
        let args = TargetArgs {
            login: LoginArgs { login: Some("admin".into()), password_file: Some(password), ..login },
            connection: ConnectionArgs { backend: Backend::Smb, ..ConnectionArgs::default() },
            servers: ServersArgs { servers, ..ServersArgs::default() },
        };
        resolve(&args, &configuration, &mut |_| ()).map(|(resolved, _)| resolved)
    }

    #[test]
    fn each_server_has_its_address_and_its_credentials() {
        let text = r"
            [servers]
            fs1 = { address = 'fs1.example.com:4455' }
            [groups]
            all = ['FS1', 'fs2']";
        let resolved = resolved(&["@all", "fs1"], LoginArgs::default(), text).unwrap();
        let shown: Vec<_> = resolved
            .iter()
            .map(|server| (server.server.to_string(), server.address.clone(), server.backend))
            .collect();
        let address = |text: &str| Address::Server(text.parse().unwrap());
        assert_eq!(
            shown,
            [
                ("FS1".into(), address("fs1.example.com:4455"), Backend::Smb),
                ("fs2".into(), address("fs2"), Backend::Smb),
            ]
        );
        let [first, second] = &resolved[..] else { panic!("{resolved:?}") };
        let (first, second) = (first.credentials.as_ref().unwrap(), second.credentials.as_ref().unwrap());
        assert!(Arc::ptr_eq(first, second), "the password is read once");
        assert_eq!(first.account().to_string(), "admin");
    }

    #[test]
    fn a_required_ticket_needs_a_name() {
        let login = || LoginArgs { kerberos: Kerberos::Required, ..LoginArgs::default() };
        let text = "[servers]\nfs1 = { address = '10.0.0.5' }";
        let refusal = format!("{:#}", resolved(&["fs2", "fs1"], login(), text).unwrap_err());
        let expected =
            if cfg!(all(unix, feature = "kerberos")) { "fs1: is an IP address" } else { "no Kerberos" };
        assert!(refusal.contains(expected), "{refusal}");
    }
}
