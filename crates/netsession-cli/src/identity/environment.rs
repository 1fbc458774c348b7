use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use netsession::{Account, Password};
use zeroize::Zeroizing;

use super::auth_file::AuthFile;
use super::secret_file;

pub(crate) const LOGIN: &str = "NETSESSION_LOGIN";
pub(crate) const AUTH_FILE: &str = "NETSESSION_AUTH_FILE";
pub(crate) const PASSWORD: &str = "NETSESSION_PASSWORD";

/// Everything outside of the arguments and the configuration that can say who asks.
pub(crate) struct Environment<'a> {
    pub(crate) variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub(crate) stdin: &'a mut dyn Read,
    /// Stdin has the list of servers, so that no password can be read from it.
    pub(crate) stdin_has_servers: bool,
    /// Asks for the password of an account.
    pub(crate) prompt: &'a mut dyn FnMut(&Account) -> Result<Password>,
    /// The account of the user's Kerberos ticket, or this account if there is a valid ticket of it; else why not.
    pub(crate) ticket: &'a dyn Fn(Option<&Account>) -> Result<Account, String>,
    pub(crate) warn: &'a mut dyn FnMut(&str),
    /// How long a pipe that has a secret is waited for.
    pub(crate) patience: Duration,
}

impl Environment<'_> {
    /// A variable that is set and not empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        match (self.variable)(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(_)) => bail!("{name} is not UTF-8"),
            None => Ok(None),
        }
    }

    /// The text of a file that has a secret in it.
    pub(super) fn secret_file(&mut self, path: &Path) -> Result<Zeroizing<String>> {
        secret_file::read(path, self.stdin, self.patience, self.warn)
    }

    /// Samba's file with a login.
    pub(super) fn auth_file(&mut self, path: &Path) -> Result<AuthFile> {
        let text = self.secret_file(path)?;
        let file = AuthFile::parse(&text).map_err(|error| error.context(path.display().to_string()))?;
        for line in &file.unknown_lines {
            let path = path.display();
            (self.warn)(&format!(
                "warning: {path}: line {line} is not username, password or domain, and is ignored"
            ));
        }
        Ok(file)
    }
}
