use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use netsession::{Account, Credentials, Kerberos, Password};
use tracing::debug;

use super::environment::Environment;
use super::prompt::Interrupted;
use super::{password, secret_file};
use crate::args::LoginArgs;
use crate::text::escaped;

/// An account, and what proves it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) account: Account,
    pub(crate) proof: Proof,
}

/// What proves an account.
#[derive(Debug)]
pub(crate) enum Proof {
    Password(Password),
    Ticket,
    Keytab(PathBuf),
}

impl Identity {
    /// As the library takes it.
    pub(crate) fn into_credentials(self, kerberos: Kerberos) -> Credentials {
        let account = self.account;
        match self.proof {
            Proof::Password(password) if kerberos == Kerberos::Off => Credentials::ntlm(account, password),
            Proof::Password(password) => Credentials::password(account, password),
            Proof::Ticket => Credentials::ticket_of(account),
            Proof::Keytab(path) => Credentials::keytab(account, path),
        }
    }

    /// Of a login that is known. Its password is the option's, else that of the login's own source, else the
    /// variable's, else the prompt's; with a ticket of the account it has none.
    pub(super) fn of_account(
        account: Account,
        password_of_source: Option<Password>,
        args: &LoginArgs,
        by_address: bool,
        environment: &mut Environment<'_>,
    ) -> Result<Self> {
        if let Some(password) = password::available(password_of_source, args, environment)? {
            check_realm(&account, args, environment)?;
            return Ok(Self { account, proof: Proof::Password(password) });
        }
        let mut no_ticket = None;
        if args.kerberos != Kerberos::Off {
            match (environment.ticket)(Some(&account)) {
                Ok(principal) if by_address => {
                    let why = format!(
                        "the ticket of {} cannot be used for a server that is named by its address: name it by its DNS \
                         name, or its service with --spn NAME or with spn in the configuration",
                        escaped(&principal.to_string())
                    );
                    (environment.warn)(&format!("warning: {why}"));
                    no_ticket = Some(why);
                }
                Ok(principal) => {
                    debug!("no password is needed: there is a Kerberos ticket of {principal}");
                    return Ok(Self { account, proof: Proof::Ticket });
                }
                // Without its realm a password gets no ticket: the server's error will say what is missing.
                Err(_) if args.kerberos == Kerberos::Required && !account.has_realm() && !by_address => {
                    return Ok(Self { account, proof: Proof::Ticket });
                }
                Err(why) => {
                    debug!("no Kerberos ticket of {account}: {why}");
                    no_ticket = Some(why);
                }
            }
        }
        let password = (environment.prompt)(&account).map_err(|error| match no_ticket {
            Some(why) if !error.is::<Interrupted>() => {
                anyhow!("{error:#}; and there is no usable Kerberos ticket: {why}")
            }
            _ => error,
        })?;
        Ok(Self { account, proof: Proof::Password(password) })
    }

    /// Of a principal with its key in a file.
    pub(super) fn of_keytab(account: Account, keytab: &Path, args: &LoginArgs) -> Result<Self> {
        if args.kerberos == Kerberos::Off {
            bail!("--keytab is for Kerberos, and --kerberos off is given");
        }
        if !account.has_realm() {
            bail!(
                "--keytab: the login must be a principal, USER@REALM, not {}",
                escaped(&account.to_string())
            );
        }
        let file = secret_file::open_at_once(keytab).and_then(|file| file.metadata());
        let file = file.with_context(|| format!("cannot read {}", keytab.display()))?;
        // The library would wait for the writer of a pipe, at each log-on.
        if !file.is_file() {
            bail!("cannot read {}: it is not a regular file", keytab.display());
        }
        Ok(Self { account, proof: Proof::Keytab(keytab.to_owned()) })
    }
}

/// With `--kerberos required` a password alone gets no ticket for an account without its realm: an error that says so,
/// unless there is a ticket of the account.
fn check_realm(account: &Account, args: &LoginArgs, environment: &Environment<'_>) -> Result<()> {
    if args.kerberos != Kerberos::Required || account.has_realm() {
        return Ok(());
    }
    (environment.ticket)(Some(account)).map(|_| ()).map_err(|why| {
        anyhow!(
            "--kerberos required: a password gets a ticket for a login with its realm alone: name the login USER@REALM \
             (the DNS name of its domain in upper case), not {}; and there is no usable Kerberos ticket of it: {why}",
            escaped(&account.to_string())
        )
    })
}
