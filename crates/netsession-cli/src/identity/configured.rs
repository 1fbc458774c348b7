//! Credentials with a name, from the configuration.

use anyhow::{Context as _, Result, bail};
use netsession::Password;
use tracing::debug;
use zeroize::Zeroizing;

use super::environment::Environment;
use super::identified::Identity;
use super::password::not_empty;
use super::password_command;
use crate::args::LoginArgs;
use crate::model::{LoginSource, NamedCredentials, PasswordSource};

/// The identity that these credentials stand for. A password option of the command line counts more than the
/// password of the configuration, as with every other login.
pub(super) fn identity(
    named: &NamedCredentials,
    args: &LoginArgs,
    by_address: bool,
    environment: &mut Environment<'_>,
) -> Result<Identity> {
    debug!("login from the configuration, credentials {}", named.name);
    let args = &LoginArgs { kerberos: args.kerberos_or(named.requirements.kerberos), ..args.clone() };
    let what = || format!("credentials {} of the configuration", named.name);
    let account = match &named.login {
        LoginSource::AuthFile(path) => {
            let file = environment.auth_file(path).with_context(what)?;
            return Identity::of_account(file.account, file.password, args, by_address, environment);
        }
        LoginSource::Account(account) => account.clone(),
    };
    if let PasswordSource::Keytab(keytab) = &named.password {
        return Identity::of_keytab(account, keytab, args).with_context(what);
    }
    let overridden = args.password_stdin || args.password_file.is_some();
    let password =
        if overridden { None } else { password(&named.password, environment).with_context(what)? };
    Identity::of_account(account, password, args, by_address, environment)
}

fn password(source: &PasswordSource, environment: &mut Environment<'_>) -> Result<Option<Password>> {
    match source {
        PasswordSource::None | PasswordSource::Keytab(_) => Ok(None),
        PasswordSource::File(path) => {
            let text = environment.secret_file(path)?;
            not_empty(&text, &path.display().to_string()).map(Some)
        }
        PasswordSource::Variable(name) => match environment.text(name)?.map(Zeroizing::new) {
            Some(password) => not_empty(&password, name).map(Some),
            None => bail!("the environment variable {name} is not set"),
        },
        PasswordSource::Command(words) => password_command::password_of(words).map(Some),
    }
}
