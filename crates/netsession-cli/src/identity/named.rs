//! Credentials with a name, from the configuration.

use anyhow::{Context as _, Result, bail};
use secrecy::SecretString;
use tracing::debug;
use zeroize::Zeroizing;

use super::password::not_empty;
use super::{
    Identity, Options, Outside, identify, of_keytab, password_command, read_auth_file, secret_file, variable,
};
use crate::config::{self, Named, Who};

/// The identity that these credentials stand for. A password option of the command line counts more than the
/// password of the configuration, as with every other login.
pub(super) fn identity(
    named: &Named,
    options: &Options<'_>,
    by_address: bool,
    outside: &mut Outside<'_>,
) -> Result<Identity> {
    debug!("login from the configuration, credentials {}", named.name);
    let what = || format!("credentials {} of the configuration", named.name);
    let login = match &named.login {
        Who::AuthFile(path) => {
            let file = read_auth_file(path, outside).with_context(what)?;
            return identify(file.login, file.password, options, by_address, outside);
        }
        Who::Login(login) => login.clone(),
    };
    if let config::Proof::Keytab(keytab) = &named.proof {
        return of_keytab(login, keytab, options).with_context(what);
    }
    let overridden = options.password_stdin || options.password_file.is_some();
    let password = if overridden { None } else { password(&named.proof, outside).with_context(what)? };
    identify(login, password, options, by_address, outside)
}

fn password(proof: &config::Proof, outside: &mut Outside<'_>) -> Result<Option<SecretString>> {
    match proof {
        config::Proof::None | config::Proof::Keytab(_) => Ok(None),
        config::Proof::File(path) => {
            if let Some(warning) = secret_file::warning(path) {
                (outside.warn)(&warning);
            }
            let text = secret_file::read(path, outside.stdin)?;
            not_empty(&text, &path.display().to_string()).map(Some)
        }
        config::Proof::Variable(name) => match variable(outside, name)?.map(Zeroizing::new) {
            Some(password) => not_empty(&password, name).map(Some),
            None => bail!("the environment variable {name} is not set"),
        },
        config::Proof::Command(words) => password_command::password_of(words).map(Some),
    }
}
