use std::env;
use std::io;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use netsession::{Account, Backend, Credentials, Encryption};

use super::backend;
use crate::ask::{Asked, Question};
use crate::cli::{Encrypt, Kerberos, Level, ListArgs};
use crate::config::Config;
use crate::descriptors;
use crate::identity::{self, Asking, Login, Options, Outside};
use crate::interrupt::Interrupt;
use crate::target::{self, Target};

/// The most that the server's call takes: 1024 characters with the NUL (MS-SRVS 3.1.4.5).
const LONGEST_FILTER: usize = 1023;

const KEEP_GOING: &str = "warning: --keep-going: every server is asked even after one has refused the account: a wrong \
     password is tried on each, and a few wrong ones lock an account in most domains";

/// Everything that is known before the first packet.
pub(super) struct Plan {
    pub(super) question: Question,
    pub(super) targets: Vec<Asked>,
    /// Where a password was asked for, Ctrl-C is listened to already.
    pub(super) interrupt: Option<Interrupt>,
}

impl Plan {
    /// Looks at everything that can be wrong, and asks for the password last. Within a runtime.
    pub(super) fn new(args: &ListArgs, warn: &mut dyn FnMut(&str)) -> Result<Self> {
        only_what_is_built(args)?;
        let client = filter("--client", args.client.as_deref(), without_notation)?;
        let user = filter("--user", args.user.as_deref(), |user| user)?;
        let config = Config::load()?;
        let list = match &args.servers_from {
            Some(path) => Some(target::List::read(path, &mut io::stdin().lock())?),
            None => None,
        };
        let targets = target::parse_all(&args.servers, list.as_ref(), &config)?;
        let login = identity::source(&options(args), &|name| env::var_os(name));
        let backends = backend::choose(args, &targets, &config, login)?;
        no_ticket_for_an_address(args, &targets, &config)?;
        // Windows asks as whoever is logged on.
        let needs_credentials = |backend: Backend| backend != Backend::Windows;
        let wire = targets.iter().zip(&backends).filter(|(_, backend)| needs_credentials(**backend));
        let wire: Vec<Target> = wire.map(|(target, _)| target.clone()).collect();
        if args.keep_going && !wire.is_empty() {
            warn(KEEP_GOING);
        }
        let (credentials, interrupt) = credentials(args, &wire, &config, warn)?;
        drop(wire);
        let mut credentials = credentials.into_iter();
        let this_machine = args.servers.is_empty()
            && list.is_none()
            && targets.iter().all(|target| config.address_of(target) == target);
        let asked = |(target, backend): (Target, Backend)| Asked {
            address: Some(config.address_of(&target)).filter(|address| **address != target).cloned(),
            target,
            backend,
            credentials: if needs_credentials(backend) { credentials.next() } else { None },
        };
        let targets: Vec<_> = targets.into_iter().zip(backends).map(asked).collect();
        let wanted = usize::from(args.jobs).min(targets.len());
        let jobs = descriptors::servers_at_once(wanted);
        if let Some(warning) = descriptors::warning(wanted, jobs) {
            warn(&warning);
        }
        let question = Question {
            this_machine,
            level: level(args.level),
            client,
            user,
            encryption: encryption(args.encrypt),
            timeout: args.timeout,
            resolve: args.resolve,
            kerberos: kerberos(args.kerberos),
            keep_going: args.keep_going,
            jobs,
            rate: args.rate,
        };
        Ok(Self { question, targets, interrupt })
    }
}

fn only_what_is_built(args: &ListArgs) -> Result<()> {
    if args.kerberos == Kerberos::Required && !cfg!(all(unix, feature = "kerberos")) {
        bail!("--kerberos required: Kerberos is not in this build: leave it out and log on with a password");
    }
    Ok(())
}

/// A ticket is for a name: a server that is named by an IP address has none.
fn no_ticket_for_an_address(args: &ListArgs, targets: &[Target], config: &Config) -> Result<()> {
    let by_address = targets.iter().find(|target| config.is_by_address(target));
    match by_address {
        Some(target) if args.kerberos == Kerberos::Required || args.keytab.is_some() => bail!(
            "{target}: is an IP address, and Kerberos needs a name: a domain controller hands out tickets for \
             cifs/NAME and knows no addresses; name the server by its DNS name"
        ),
        _ => Ok(()),
    }
}

/// A filter as the library takes it: not empty, and no longer than the call can carry.
fn filter(option: &str, value: Option<&str>, bare: impl Fn(&str) -> &str) -> Result<Option<String>> {
    let Some(value) = value else { return Ok(None) };
    let name = bare(value);
    if name.is_empty() {
        bail!("{option} is empty: leave it out to list every session");
    }
    // A client goes with `\\` in front, and an address in brackets.
    let notation = if option == "--client" { if name.contains(':') { 4 } else { 2 } } else { 0 };
    if name.encode_utf16().count().saturating_add(notation) > LONGEST_FILTER {
        bail!("{option} is longer than the {LONGEST_FILTER} characters that a server takes");
    }
    Ok(Some(name.into()))
}

/// `\\10.0.0.5` and `[fe80::1]` are `10.0.0.5` and `fe80::1`.
fn without_notation(client: &str) -> &str {
    let name = client.strip_prefix(r"\\").unwrap_or(client);
    name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name)
}

fn options(args: &ListArgs) -> Options<'_> {
    Options {
        login: args.login.as_deref(),
        auth_file: args.auth_file.as_deref(),
        password_file: args.password_file.as_deref(),
        password_stdin: args.password_stdin,
        keytab: args.keytab.as_deref(),
        kerberos: args.kerberos,
        stdin_is_a_list: args.servers_from.as_deref().is_some_and(identity::is_stdin),
    }
}

/// Who asks a target over the wire, shared with all that the same one asks.
type Asker = Arc<Credentials>;

/// Who asks, for each target that is asked over the wire; nothing is read where there is none.
fn credentials(
    args: &ListArgs,
    targets: &[Target],
    config: &Config,
    warn: &mut dyn FnMut(&str),
) -> Result<(Vec<Asker>, Option<Interrupt>)> {
    let mut interrupt = None;
    if targets.is_empty() {
        return Ok((Vec::new(), interrupt));
    }
    let mut prompt = |login: &Login| {
        interrupt = Some(Interrupt::listen()?);
        identity::ask_on_terminal(login)
    };
    let mut outside = Outside {
        variable: &|name| env::var_os(name),
        stdin: &mut io::stdin().lock(),
        prompt: &mut prompt,
        ticket: &|login| ticket_within(args.timeout, login),
        warn,
    };
    let Asking { identities, of_target } = identity::who_asks(&options(args), targets, config, &mut outside)?;
    let credentials: Vec<_> =
        identities.into_iter().map(|identity| Arc::new(identity.into_credentials(args.kerberos))).collect();
    let of_each = of_target.iter().map(|place| credentials.get(*place).cloned());
    Ok((of_each.collect::<Option<_>>().context("a server without credentials")?, interrupt))
}

/// The same, for so long at most: a cache can be behind a daemon, and with a keytab of the machine's configuration
/// the library asks a domain controller.
fn ticket_within(limit: Duration, login: Option<&Login>) -> Result<Login, String> {
    let (sender, receiver) = mpsc::channel();
    let login = login.cloned();
    thread::spawn(move || sender.send(ticket(login.as_ref())));
    receiver
        .recv_timeout(limit)
        .unwrap_or_else(|_| Err("the Kerberos library does not answer in time".into()))
}

/// Whose the user's ticket is, or that there is a good one of this login.
fn ticket(login: Option<&Login>) -> Result<Login, String> {
    let found = match login {
        None => Credentials::ticket(),
        Some(Login { domain, user }) => {
            let of_login = Credentials::ticket_of(Account::new(user).in_domain(domain));
            of_login.has_ticket().map(|()| of_login)
        }
    };
    let credentials = found.map_err(|error| {
        let text = error.to_string();
        text.split_once(": ").map_or(text.clone(), |(_, why)| why.to_owned())
    })?;
    Login::parse(&credentials.account().to_string()).map_err(|error| format!("{error:#}"))
}

fn kerberos(kerberos: Kerberos) -> netsession::Kerberos {
    match kerberos {
        Kerberos::Auto => netsession::Kerberos::Auto,
        Kerberos::Required => netsession::Kerberos::Required,
        Kerberos::Off => netsession::Kerberos::Off,
    }
}

fn level(level: Level) -> netsession::Level {
    match level {
        Level::Auto => netsession::Level::Auto,
        Level::L0 => netsession::Level::L0,
        Level::L1 => netsession::Level::L1,
        Level::L2 => netsession::Level::L2,
        Level::L10 => netsession::Level::L10,
        Level::L502 => netsession::Level::L502,
    }
}

fn encryption(encrypt: Encrypt) -> Encryption {
    match encrypt {
        Encrypt::Auto => Encryption::Auto,
        Encrypt::Required => Encryption::Required,
        Encrypt::Off => Encryption::Off,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_fit_into_the_call() {
        let filter = |option, length| filter(option, Some(&"x".repeat(length)), |name| name);
        assert!(filter("--user", 1023).is_ok() && filter("--user", 1024).is_err());
        assert!(filter("--client", 1021).is_ok() && filter("--client", 1022).is_err());
    }

    #[test]
    fn length_is_counted_as_it_is_sent() {
        // Two units of UTF-16 each.
        assert!(filter("--user", Some(&"🦀".repeat(511)), |name| name).is_ok());
        assert!(filter("--user", Some(&"🦀".repeat(512)), |name| name).is_err());
    }

    #[test]
    fn an_empty_filter_is_a_mistake() {
        assert!(filter("--user", Some(""), |name| name).is_err());
        assert!(filter("--client", Some(r"\\"), without_notation).is_err());
        assert_eq!(
            filter("--client", Some(r"\\[fe80::1]"), without_notation).unwrap().as_deref(),
            Some("fe80::1")
        );
    }
}
