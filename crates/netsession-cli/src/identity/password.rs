use anyhow::{Context as _, Result, bail};
use netsession::Password;
use tracing::debug;
use zeroize::Zeroizing;

use super::environment::{Environment, PASSWORD};
use super::secret_file::{self, without_newline};
use crate::args::LoginArgs;

/// The password, if no prompt is needed for it: option, else that of the login's own source (a file with both, or the
/// configuration), else the variable.
pub(super) fn available(
    of_source: Option<Password>,
    args: &LoginArgs,
    environment: &mut Environment<'_>,
) -> Result<Option<Password>> {
    if let Some(password) = of_option(args, environment)?.or(of_source) {
        return Ok(Some(password));
    }
    let password = environment.text(PASSWORD)?.map(Zeroizing::new);
    if password.is_some() {
        debug!("password from {PASSWORD}");
    }
    Ok(password.map(|password| Password::new(without_newline(&password))))
}

fn of_option(args: &LoginArgs, environment: &mut Environment<'_>) -> Result<Option<Password>> {
    let (text, name) = match &args.password_file {
        // The command line lets only one of the two through.
        Some(path) => (environment.secret_file(path)?, path.display().to_string()),
        None if args.password_stdin => {
            (secret_file::read_text(environment.stdin).context("cannot read stdin")?, "stdin".into())
        }
        None => return Ok(None),
    };
    not_empty(&text, &name).map(Some)
}

/// The password in a text, without one newline at its end.
pub(super) fn not_empty(text: &str, from: &str) -> Result<Password> {
    match without_newline(text) {
        // Most likely a failed command in front of the pipe; a log-on with it would count as a wrong password.
        "" => bail!("the password from {from} is empty"),
        password => Ok(Password::new(password)),
    }
}
