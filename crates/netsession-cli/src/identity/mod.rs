//! Who asks, and with what: the order in which the sources count.

mod auth_file;
mod configured;
mod environment;
mod identified;
mod password;
mod password_command;
mod prompt;
mod requested;
mod secret_file;
mod ticket;

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use netsession::{Kerberos, ServerName};
use tracing::debug;

use crate::args::LoginArgs;
use crate::model::Configuration;
#[cfg(feature = "exporter")]
use crate::model::NamedCredentials;
pub(crate) use environment::{AUTH_FILE, Environment, LOGIN, PASSWORD};
pub(crate) use identified::Identity;
pub(crate) use prompt::{Interrupted, ask_on_terminal};
use requested::RequestedLogin;
pub(crate) use requested::{LoginSetting, login_setting, names_account};
pub(crate) use secret_file::is_stdin;
pub(crate) use ticket::ticket_within;

/// Identities, and for each server the index of the one that asks it.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    pub(crate) identities: Vec<Identity>,
    pub(crate) of_server: Vec<usize>,
}

/// Login: `-U`, else `-A`, else NETSESSION_LOGIN, else NETSESSION_AUTH_FILE, else the server's entry in the
/// configuration, else the principal of the Kerberos ticket. Password: see [`password::available`], else a ticket of the
/// login, else a prompt.
pub(crate) fn identify(
    args: &LoginArgs,
    servers: &[ServerName],
    configuration: &Configuration,
    environment: &mut Environment<'_>,
) -> Result<Identities> {
    let requested = RequestedLogin::find(args, environment)?;
    requested::check_stdin(args, requested.as_ref(), environment)?;
    if let Some(requested) = requested {
        let by_address = is_by_address(args, configuration, servers.iter());
        let identity = requested.identity(args, by_address, environment)?;
        return Ok(Identities { identities: vec![identity], of_server: vec![0; servers.len()] });
    }
    let mut found = Identities::default();
    // The index for each named credentials; without a name it is the ticket's.
    let mut indices = BTreeMap::new();
    let name_for = |server| configuration.credentials_of(server).map(|named| named.name.as_str());
    for server in servers {
        let name = name_for(server);
        if let Some(index) = indices.get(&name) {
            found.of_server.push(*index);
            continue;
        }
        let same = servers.iter().filter(|other| name_for(other) == name);
        let by_address = is_by_address(args, configuration, same);
        let identity = match configuration.credentials_of(server) {
            Some(named) => configured::identity(named, args, by_address, environment)?,
            None => of_ticket(args, by_address, environment)?,
        };
        let index = found.identities.len();
        found.identities.push(identity);
        found.of_server.push(index);
        indices.insert(name, index);
    }
    Ok(found)
}

/// Whether one of these servers is named by its address, for which there are no tickets, and its service has no name.
fn is_by_address<'a>(
    args: &LoginArgs,
    configuration: &Configuration,
    mut servers: impl Iterator<Item = &'a ServerName>,
) -> bool {
    args.spn.is_none() && servers.any(|server| configuration.is_by_address(server))
}

/// The identity of named credentials for a service: without the command line and without a prompt.
/// `by_address`: some server that they are for is named by its IP address.
#[cfg(feature = "exporter")]
pub(crate) fn unattended(
    named: &NamedCredentials,
    by_address: bool,
    environment: &mut Environment<'_>,
) -> Result<Identity> {
    configured::identity(named, &LoginArgs::default(), by_address, environment)
}

/// The account of the user's ticket, when no login is named.
fn of_ticket(args: &LoginArgs, by_address: bool, environment: &mut Environment<'_>) -> Result<Identity> {
    let why = match args.kerberos {
        Kerberos::Off => "--kerberos off leaves the Kerberos ticket out".to_owned(),
        _ => match (environment.ticket)(None) {
            Ok(account) => {
                debug!("login from the Kerberos ticket");
                return Identity::of_account(account, None, args, by_address, environment);
            }
            Err(why) if args.kerberos == Kerberos::Required => {
                bail!("--kerberos required: {why}: run kinit, or name a login with --login")
            }
            Err(why) => format!("there is no usable Kerberos ticket ({why})"),
        },
    };
    bail!(
        "no login: name one with --login or --auth-file, in {LOGIN} or {AUTH_FILE}, or for the server in the \
         configuration; {why}; a server is never asked anonymously"
    )
}

#[cfg(test)]
mod tests;
