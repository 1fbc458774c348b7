//! The login that the command line or the environment names, for all servers alike.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use netsession::Account;
use tracing::debug;

use super::environment::{AUTH_FILE, Environment, LOGIN, PASSWORD};
use super::identified::Identity;
use super::secret_file::is_stdin;
use crate::args::LoginArgs;
use crate::model::account;

/// The option or the variable that names a login or a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoginSetting(pub(crate) &'static str);

impl fmt::Display for LoginSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The first option or variable that says anything about who asks, a password alone as well.
pub(crate) fn login_setting(
    args: &LoginArgs,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Option<LoginSetting> {
    let given = [
        ("--login", args.login.is_some()),
        ("--auth-file", args.auth_file.is_some()),
        ("--password-file", args.password_file.is_some()),
        ("--password-stdin", args.password_stdin),
        ("--keytab", args.keytab.is_some()),
    ];
    let option = given.into_iter().find_map(|(name, is_given)| is_given.then_some(name));
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    option.or_else(|| [LOGIN, AUTH_FILE, PASSWORD].into_iter().find(is_set)).map(LoginSetting)
}

/// Whether the command line or the environment names the account, so that the configuration has no say in it.
pub(crate) fn names_account(args: &LoginArgs, variable: &dyn Fn(&str) -> Option<OsString>) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    args.login.is_some() || args.auth_file.is_some() || is_set(LOGIN) || is_set(AUTH_FILE)
}

/// Where the login comes from.
pub(super) enum RequestedLogin<'a> {
    Option(&'a str),
    Variable(String),
    File(Cow<'a, Path>),
}

impl<'a> RequestedLogin<'a> {
    /// `-U`, else `-A`, else the variables.
    pub(super) fn find(args: &'a LoginArgs, environment: &Environment<'_>) -> Result<Option<Self>> {
        if let Some(login) = &args.login {
            debug!("login from --login");
            return Ok(Some(Self::Option(login)));
        }
        if let Some(path) = &args.auth_file {
            debug!("login from --auth-file");
            return Ok(Some(Self::File(path.into())));
        }
        if let Some(login) = environment.text(LOGIN)? {
            debug!("login from {LOGIN}");
            return Ok(Some(Self::Variable(login)));
        }
        if let Some(path) = (environment.variable)(AUTH_FILE).filter(|path| !path.is_empty()) {
            debug!("login from {AUTH_FILE}");
            return Ok(Some(Self::File(PathBuf::from(path).into())));
        }
        Ok(None)
    }

    pub(super) fn identity(
        self,
        args: &LoginArgs,
        by_address: bool,
        environment: &mut Environment<'_>,
    ) -> Result<Identity> {
        if let (Self::Option(_), Some(file)) = (&self, &args.auth_file) {
            (environment.warn)(&format!("warning: {} is not read: --login says who asks", file.display()));
        }
        let (account, password) = match self {
            Self::Option(login) => (account_of_option(login)?, None),
            Self::Variable(login) => (account::parse(&login).context(LOGIN)?, None),
            Self::File(path) => {
                let file = environment.auth_file(&path)?;
                (file.account, file.password)
            }
        };
        match &args.keytab {
            Some(keytab) => Identity::of_keytab(account, keytab, args),
            None => Identity::of_account(account, password, args, by_address, environment),
        }
    }
}

/// Samba's tools take `USER%PASSWORD`: here that is refused, and not repeated.
fn account_of_option(login: &str) -> Result<Account> {
    if login.contains('%') {
        bail!(
            "--login has a % in it: every user of this machine can see a password on the command line: use \
             --password-file, --password-stdin or --auth-file; a user name with % goes into {LOGIN}"
        );
    }
    account::parse(login).context("--login")
}

/// An error if two sources would read stdin.
pub(super) fn check_stdin(
    args: &LoginArgs,
    requested: Option<&RequestedLogin<'_>>,
    environment: &Environment<'_>,
) -> Result<()> {
    let password_reads = args.password_stdin || args.password_file.as_deref().is_some_and(is_stdin);
    let login_reads = args.auth_file.as_deref().is_some_and(is_stdin)
        || matches!(requested, Some(RequestedLogin::File(path)) if is_stdin(path));
    if environment.stdin_has_servers && (password_reads || login_reads) {
        let other = if password_reads { "the password" } else { "the authentication file" };
        bail!("two sources would read stdin: the list of servers and {other}");
    }
    if password_reads && login_reads {
        bail!("two sources would read stdin: the authentication file and the password");
    }
    Ok(())
}
