use anyhow::{Context as _, Result, bail};
use secrecy::SecretString;
use tracing::debug;
use zeroize::Zeroizing;

use super::secret_file::{self, without_newline};
use super::{Options, Outside, PASSWORD, variable};

/// The password, if it is there without asking: option, else what came with the login, else the variable.
pub(super) fn at_hand(
    of_source: Option<SecretString>,
    options: &Options<'_>,
    outside: &mut Outside<'_>,
) -> Result<Option<SecretString>> {
    if let Some(password) = of_option(options, outside)?.or(of_source) {
        return Ok(Some(password));
    }
    let password = variable(outside, PASSWORD)?.map(Zeroizing::new);
    if password.is_some() {
        debug!("password from {PASSWORD}");
    }
    Ok(password.map(|password| SecretString::from(without_newline(&password))))
}

fn of_option(options: &Options<'_>, outside: &mut Outside<'_>) -> Result<Option<SecretString>> {
    let (text, name) = match options.password_file {
        // The command line lets only one of the two through.
        Some(path) => (secret_file::read(path, outside.stdin)?, path.display().to_string()),
        None if options.password_stdin => {
            (secret_file::read_text(outside.stdin).context("cannot read stdin")?, "stdin".into())
        }
        None => return Ok(None),
    };
    not_empty(&text, &name).map(Some)
}

/// The password in a text, without one newline at its end.
pub(super) fn not_empty(text: &str, from: &str) -> Result<SecretString> {
    match without_newline(text) {
        // A failed command in front of the pipe, most likely; a log-on with it would be counted.
        "" => bail!("the password from {from} is empty"),
        password => Ok(SecretString::from(password)),
    }
}
