//! Who asks, and with which password: the order in which the sources count.

mod auth_file;
mod login;
mod prompt;
mod secret_file;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use secrecy::SecretString;
use tracing::debug;
use zeroize::Zeroizing;

use auth_file::AuthFile;
pub(crate) use login::Login;
pub(crate) use prompt::{Interrupted, ask_on_terminal};
use secret_file::{is_stdin, without_newline};

const LOGIN: &str = "NETSESSION_LOGIN";
const AUTH_FILE: &str = "NETSESSION_AUTH_FILE";
const PASSWORD: &str = "NETSESSION_PASSWORD";

/// What the command line says about who asks.
#[derive(Debug, Default)]
pub(crate) struct Options<'a> {
    pub(crate) login: Option<&'a str>,
    pub(crate) auth_file: Option<&'a Path>,
    pub(crate) password_file: Option<&'a Path>,
    pub(crate) password_stdin: bool,
}

/// What is outside of the program.
pub(crate) struct Outside<'a> {
    pub(crate) variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub(crate) stdin: &'a mut dyn Read,
    /// Asks for the password of a login.
    pub(crate) prompt: &'a mut dyn FnMut(&Login) -> Result<SecretString>,
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
    ];
    let option = given.into_iter().find_map(|(name, is_given)| is_given.then_some(name));
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    option.or_else(|| [LOGIN, AUTH_FILE, PASSWORD].into_iter().find(is_set)).map(Source)
}

/// A login and its password.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) login: Login,
    pub(crate) password: SecretString,
}

/// Login: `-U`, else `-A`, else NETSESSION_LOGIN, else NETSESSION_AUTH_FILE. Password: option, else the
/// file that gave the login, else NETSESSION_PASSWORD, else a prompt.
pub(crate) fn who_asks(options: &Options<'_>, outside: &mut Outside<'_>) -> Result<Identity> {
    let source = login_source(options, outside)?;
    one_reader_of_stdin(options, &source)?;
    if let (LoginSource::Option(_), Some(file)) = (&source, options.auth_file) {
        (outside.warn)(&format!("warning: {} is not read: --login says who asks", file.display()));
    }
    let (login, password_of_file) = match source {
        LoginSource::Option(login) => (login_of_option(login)?, None),
        LoginSource::Variable(login) => (Login::parse(&login).context(LOGIN)?, None),
        LoginSource::File(path) => {
            let file = read_auth_file(&path, outside)?;
            (file.login, file.password)
        }
    };
    let password = match password_option(options, outside)?.or(password_of_file) {
        Some(password) => password,
        None => match variable(outside, PASSWORD)?.map(Zeroizing::new) {
            Some(password) => {
                debug!("password from {PASSWORD}");
                SecretString::from(without_newline(&password))
            }
            None => (outside.prompt)(&login)?,
        },
    };
    Ok(Identity { login, password })
}

/// Where the login comes from.
enum LoginSource<'a> {
    Option(&'a str),
    Variable(String),
    File(Cow<'a, Path>),
}

fn login_source<'a>(options: &Options<'a>, outside: &Outside<'_>) -> Result<LoginSource<'a>> {
    if let Some(login) = options.login {
        debug!("login from --login");
        return Ok(LoginSource::Option(login));
    }
    if let Some(path) = options.auth_file {
        debug!("login from --auth-file");
        return Ok(LoginSource::File(path.into()));
    }
    if let Some(login) = variable(outside, LOGIN)? {
        debug!("login from {LOGIN}");
        return Ok(LoginSource::Variable(login));
    }
    if let Some(path) = (outside.variable)(AUTH_FILE).filter(|path| !path.is_empty()) {
        debug!("login from {AUTH_FILE}");
        return Ok(LoginSource::File(PathBuf::from(path).into()));
    }
    bail!(
        "nobody to ask as: name a login with --login or --auth-file, or in {LOGIN} or {AUTH_FILE}; \
         a server is never asked anonymously"
    )
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

fn one_reader_of_stdin(options: &Options<'_>, source: &LoginSource<'_>) -> Result<()> {
    let password_reads = options.password_stdin || options.password_file.is_some_and(is_stdin);
    let login_reads = options.auth_file.is_some_and(is_stdin)
        || matches!(source, LoginSource::File(path) if is_stdin(path));
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

fn password_option(options: &Options<'_>, outside: &mut Outside<'_>) -> Result<Option<SecretString>> {
    let (text, name) = match options.password_file {
        // The command line lets only one of the two through.
        Some(path) => (secret_file::read(path, outside.stdin)?, path.display().to_string()),
        None if options.password_stdin => {
            (secret_file::read_text(outside.stdin).context("cannot read stdin")?, "stdin".into())
        }
        None => return Ok(None),
    };
    match without_newline(&text) {
        // A failed command in front of the pipe, most likely; a log-on with it would be counted.
        "" => bail!("the password from {name} is empty"),
        password => Ok(Some(SecretString::from(password))),
    }
}

#[cfg(test)]
mod tests;
