use std::env;
use std::io;

use anyhow::{Result, bail};
use netsession::{Backend, Credentials, Encryption};

use super::backend;
use crate::ask::Question;
use crate::cli::{Encrypt, Kerberos, Level, ListArgs};
use crate::identity::{self, Options, Outside};
use crate::interrupt::Interrupt;
use crate::target::{self, Target};

/// The most that the server's call takes: 1024 characters with the NUL (MS-SRVS 3.1.4.5).
const LONGEST_FILTER: usize = 1023;

/// Everything that is known before the first packet.
pub(super) struct Plan {
    pub(super) question: Question,
    pub(super) targets: Vec<Target>,
    pub(super) jobs: usize,
    /// Where a password was asked for, Ctrl-C is listened to already.
    pub(super) interrupt: Option<Interrupt>,
}

impl Plan {
    /// Looks at everything that can be wrong, and asks for the password last. Within a runtime.
    pub(super) fn new(args: &ListArgs, warn: &mut dyn FnMut(&str)) -> Result<Self> {
        only_what_is_built(args)?;
        let client = filter("--client", args.client.as_deref(), without_notation)?;
        let user = filter("--user", args.user.as_deref(), |user| user)?;
        let targets = target::parse_all(&args.servers)?;
        let login = identity::source(&options(args), &|name| env::var_os(name));
        let backend = backend::choose(args, &targets, login)?;
        let (credentials, interrupt) = match backend {
            Backend::Windows => (None, None),
            _ => credentials(args, warn)?,
        };
        let question = Question {
            backend,
            this_machine: args.servers.is_empty(),
            credentials,
            level: level(args.level),
            client,
            user,
            encryption: encryption(args.encrypt),
            timeout: args.timeout,
            resolve: args.resolve,
        };
        Ok(Self { question, targets, jobs: args.jobs.into(), interrupt })
    }
}

fn only_what_is_built(args: &ListArgs) -> Result<()> {
    if args.kerberos == Kerberos::Required {
        bail!("--kerberos required: Kerberos is not in this build: leave it out and log on with a password");
    }
    Ok(())
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
    }
}

fn credentials(
    args: &ListArgs,
    warn: &mut dyn FnMut(&str),
) -> Result<(Option<Credentials>, Option<Interrupt>)> {
    let mut interrupt = None;
    let mut prompt = |login: &identity::Login| {
        interrupt = Some(Interrupt::listen()?);
        identity::ask_on_terminal(login)
    };
    let mut outside = Outside {
        variable: &|name| env::var_os(name),
        stdin: &mut io::stdin().lock(),
        prompt: &mut prompt,
        warn,
    };
    let identity = identity::who_asks(&options(args), &mut outside)?;
    let credentials = Credentials::ntlm(identity.login.domain, identity.login.user, identity.password);
    Ok((Some(credentials), interrupt))
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
