//! Who asks, and with what: the order in which the sources count.

mod auth_file;
mod login;
mod named;
mod password;
mod password_command;
mod prompt;
mod secret_file;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use netsession::{Account, Credentials, Password};
use secrecy::{ExposeSecret as _, SecretString};
use tracing::debug;

use crate::cli::Kerberos;
use crate::config::Config;
#[cfg(feature = "exporter")]
use crate::config::Named;
use crate::output::escape::escaped;
use crate::target::Target;
use auth_file::AuthFile;
pub(crate) use login::Login;
pub(crate) use prompt::{Interrupted, ask_on_terminal};
pub(crate) use secret_file::is_stdin;

pub(crate) const LOGIN: &str = "NETSESSION_LOGIN";
pub(crate) const AUTH_FILE: &str = "NETSESSION_AUTH_FILE";
pub(crate) const PASSWORD: &str = "NETSESSION_PASSWORD";

/// What the command line says about who asks.
#[derive(Debug, Default)]
pub(crate) struct Options<'a> {
    pub(crate) login: Option<&'a str>,
    pub(crate) auth_file: Option<&'a Path>,
    pub(crate) password_file: Option<&'a Path>,
    pub(crate) password_stdin: bool,
    pub(crate) keytab: Option<&'a Path>,
    pub(crate) kerberos: Kerberos,
    /// Stdin is the list of servers.
    pub(crate) stdin_is_a_list: bool,
}

/// What is outside of the program.
pub(crate) struct Outside<'a> {
    pub(crate) variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub(crate) stdin: &'a mut dyn Read,
    /// Asks for the password of a login.
    pub(crate) prompt: &'a mut dyn FnMut(&Login) -> Result<SecretString>,
    /// Whose the user's Kerberos ticket is, or that there is a good one of this login; else why not.
    pub(crate) ticket: &'a dyn Fn(Option<&Login>) -> Result<Login, String>,
    pub(crate) warn: &'a mut dyn FnMut(&str),
}

/// Where credentials are to come from, as the user knows it: an option or a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source(pub(crate) &'static str);

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// The first thing that says anything about who asks, a password alone as well.
pub(crate) fn source(options: &Options<'_>, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Source> {
    let given = [
        ("--login", options.login.is_some()),
        ("--auth-file", options.auth_file.is_some()),
        ("--password-file", options.password_file.is_some()),
        ("--password-stdin", options.password_stdin),
        ("--keytab", options.keytab.is_some()),
    ];
    let option = given.into_iter().find_map(|(name, is_given)| is_given.then_some(name));
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    option.or_else(|| [LOGIN, AUTH_FILE, PASSWORD].into_iter().find(is_set)).map(Source)
}

/// A login, and what proves it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) login: Login,
    pub(crate) proof: Proof,
}

/// What proves a login.
#[derive(Debug)]
pub(crate) enum Proof {
    Password(SecretString),
    Ticket,
    Keytab(PathBuf),
}

/// Who asks each target: identities, and for each target the place of its own.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    pub(crate) identities: Vec<Identity>,
    pub(crate) of_target: Vec<usize>,
}

impl Identity {
    /// As the library takes it.
    pub(crate) fn into_credentials(self, kerberos: Kerberos) -> Credentials {
        let Login { domain, user } = self.login;
        let account = Account::new(user).in_domain(domain);
        match self.proof {
            Proof::Password(password) if kerberos == Kerberos::Off => {
                Credentials::ntlm(account, Password::new(password.expose_secret()))
            }
            Proof::Password(password) => {
                Credentials::password(account, Password::new(password.expose_secret()))
            }
            Proof::Ticket => Credentials::ticket_of(account),
            Proof::Keytab(path) => Credentials::keytab(account, path),
        }
    }
}

/// Login: `-U`, else `-A`, else NETSESSION_LOGIN, else NETSESSION_AUTH_FILE, else the server's entry in the
/// configuration, else the principal of the Kerberos ticket. Password: option, else the file that gave the
/// login, else NETSESSION_PASSWORD, else a prompt; none where there is a ticket of the login.
pub(crate) fn who_asks(
    options: &Options<'_>,
    targets: &[Target],
    config: &Config,
    outside: &mut Outside<'_>,
) -> Result<Asking> {
    let by_address = targets.iter().any(|target| config.is_by_address(target));
    if let Some(source) = login_source(options, outside)? {
        one_reader_of_stdin(options, Some(&source))?;
        let identity = of_source(options, source, by_address, outside)?;
        return Ok(Asking { identities: vec![identity], of_target: vec![0; targets.len()] });
    }
    one_reader_of_stdin(options, None)?;
    let mut asking = Asking::default();
    // The place of each named credentials' identity; that without a name is of the ticket.
    let mut places = BTreeMap::new();
    for target in targets {
        let named = config.credentials_of(target);
        let name = named.map(|named| named.name.as_str());
        let place = match places.get(&name) {
            Some(place) => *place,
            None => {
                let same =
                    |other: &&Target| config.credentials_of(other).map(|named| named.name.as_str()) == name;
                let by_address = targets.iter().filter(same).any(|target| config.is_by_address(target));
                let identity = match named {
                    Some(named) => named::identity(named, options, by_address, outside)?,
                    None => of_ticket(options, by_address, outside)?,
                };
                asking.identities.push(identity);
                let place = asking.identities.len().saturating_sub(1);
                places.insert(name, place);
                place
            }
        };
        asking.of_target.push(place);
    }
    Ok(asking)
}

/// Whom the credentials of this name stand for, with nothing from the command line and nobody to be asked.
/// `by_address`: some server that they are for is named by its IP address.
#[cfg(feature = "exporter")]
pub(crate) fn unattended(named: &Named, by_address: bool, outside: &mut Outside<'_>) -> Result<Identity> {
    named::identity(named, &Options::default(), by_address, outside)
}

/// The login is known, and so is the password if the same source has one.
fn identify(
    login: Login,
    password_of_source: Option<SecretString>,
    options: &Options<'_>,
    by_address: bool,
    outside: &mut Outside<'_>,
) -> Result<Identity> {
    if let Some(password) = password::at_hand(password_of_source, options, outside)? {
        return Ok(Identity { login, proof: Proof::Password(password) });
    }
    let mut no_ticket = None;
    if options.kerberos != Kerberos::Off && !by_address {
        match (outside.ticket)(Some(&login)) {
            Ok(principal) => {
                debug!("no password is needed: there is a Kerberos ticket of {principal}");
                return Ok(Identity { login, proof: Proof::Ticket });
            }
            // Without its realm a password gets no ticket: the server's error will say what is missing.
            Err(_) if options.kerberos == Kerberos::Required && !login.has_realm() => {
                return Ok(Identity { login, proof: Proof::Ticket });
            }
            Err(why) => {
                debug!("no Kerberos ticket of {login}: {why}");
                no_ticket = Some(why);
            }
        }
    }
    let password = (outside.prompt)(&login).map_err(|error| match no_ticket {
        Some(why) if !error.is::<Interrupted>() => {
            anyhow!("{error:#}; and no Kerberos ticket will do: {why}")
        }
        _ => error,
    })?;
    Ok(Identity { login, proof: Proof::Password(password) })
}

fn of_source(
    options: &Options<'_>,
    source: LoginSource<'_>,
    by_address: bool,
    outside: &mut Outside<'_>,
) -> Result<Identity> {
    if let (LoginSource::Option(_), Some(file)) = (&source, options.auth_file) {
        (outside.warn)(&format!("warning: {} is not read: --login says who asks", file.display()));
    }
    let (login, password) = match source {
        LoginSource::Option(login) => (login_of_option(login)?, None),
        LoginSource::Variable(login) => (Login::parse(&login).context(LOGIN)?, None),
        LoginSource::File(path) => {
            let file = read_auth_file(&path, outside)?;
            (file.login, file.password)
        }
    };
    match options.keytab {
        Some(keytab) => of_keytab(login, keytab, options),
        None => identify(login, password, options, by_address, outside),
    }
}

/// Nobody was named: whoever the user's ticket is of.
fn of_ticket(options: &Options<'_>, by_address: bool, outside: &mut Outside<'_>) -> Result<Identity> {
    let why = match options.kerberos {
        Kerberos::Off => "--kerberos off leaves the Kerberos ticket out".to_owned(),
        Kerberos::Auto | Kerberos::Required => match (outside.ticket)(None) {
            Ok(login) => {
                debug!("login from the Kerberos ticket");
                return identify(login, None, options, by_address, outside);
            }
            Err(why) if options.kerberos == Kerberos::Required => {
                bail!("--kerberos required: {why}: run kinit, or say with --login who asks")
            }
            Err(why) => format!("no Kerberos ticket will do ({why})"),
        },
    };
    bail!(
        "nobody to ask as: name a login with --login or --auth-file, in {LOGIN} or {AUTH_FILE}, or for the server \
         in the configuration; {why}; a server is never asked anonymously"
    )
}

fn of_keytab(login: Login, keytab: &Path, options: &Options<'_>) -> Result<Identity> {
    if options.kerberos == Kerberos::Off {
        bail!("--keytab is for Kerberos, and --kerberos off is given");
    }
    if !login.has_realm() {
        bail!("--keytab: the login is a principal, USER@REALM, and not {}", escaped(&login.to_string()));
    }
    std::fs::File::open(keytab).with_context(|| format!("cannot read {}", keytab.display()))?;
    Ok(Identity { login, proof: Proof::Keytab(keytab.to_owned()) })
}

/// Where the login comes from.
enum LoginSource<'a> {
    Option(&'a str),
    Variable(String),
    File(Cow<'a, Path>),
}

fn login_source<'a>(options: &Options<'a>, outside: &Outside<'_>) -> Result<Option<LoginSource<'a>>> {
    if let Some(login) = options.login {
        debug!("login from --login");
        return Ok(Some(LoginSource::Option(login)));
    }
    if let Some(path) = options.auth_file {
        debug!("login from --auth-file");
        return Ok(Some(LoginSource::File(path.into())));
    }
    if let Some(login) = variable(outside, LOGIN)? {
        debug!("login from {LOGIN}");
        return Ok(Some(LoginSource::Variable(login)));
    }
    if let Some(path) = (outside.variable)(AUTH_FILE).filter(|path| !path.is_empty()) {
        debug!("login from {AUTH_FILE}");
        return Ok(Some(LoginSource::File(PathBuf::from(path).into())));
    }
    Ok(None)
}

/// Samba's tools take `USER%PASSWORD`: here that is refused, and not repeated.
fn login_of_option(login: &str) -> Result<Login> {
    if login.contains('%') {
        bail!(
            "--login has a % in it: a password on the command line is seen by every user of this machine: use \
             --password-file, --password-stdin or --auth-file; a user name with % goes into {LOGIN}"
        );
    }
    Login::parse(login).context("--login")
}

/// A variable that is set to something.
fn variable(outside: &Outside<'_>, name: &str) -> Result<Option<String>> {
    match (outside.variable)(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(_)) => bail!("{name} is not UTF-8"),
        None => Ok(None),
    }
}

fn one_reader_of_stdin(options: &Options<'_>, source: Option<&LoginSource<'_>>) -> Result<()> {
    let password_reads = options.password_stdin || options.password_file.is_some_and(is_stdin);
    let login_reads = options.auth_file.is_some_and(is_stdin)
        || matches!(source, Some(LoginSource::File(path)) if is_stdin(path));
    if options.stdin_is_a_list && (password_reads || login_reads) {
        let other = if password_reads { "the password" } else { "the authentication file" };
        bail!("two sources would read stdin: the list of servers and {other}");
    }
    if password_reads && login_reads {
        bail!("two sources would read stdin: the authentication file and the password");
    }
    Ok(())
}

fn read_auth_file(path: &Path, outside: &mut Outside<'_>) -> Result<AuthFile> {
    if let Some(warning) = secret_file::warning(path) {
        (outside.warn)(&warning);
    }
    let text = secret_file::read(path, outside.stdin)?;
    let file = AuthFile::parse(&text).with_context(|| path.display().to_string())?;
    for line in &file.unknown_lines {
        let path = path.display();
        (outside.warn)(&format!(
            "warning: {path}: line {line} is not username, password or domain, and is ignored"
        ));
    }
    Ok(file)
}

#[cfg(test)]
mod tests;
