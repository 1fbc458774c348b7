use std::io;

use anyhow::{Context, Result, bail};
use netsession::Account;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::text::escaped;

/// The user pressed Ctrl-C at the prompt.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::error::Error for Interrupted {}

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

/// Asks for the password on the terminal itself, whatever stdin and stdout are, without echo.
///
/// The caller listens to SIGINT before: rpassword raises it while the echo is off, and without a handler the
/// process would end with a terminal that shows nothing.
pub(crate) fn ask_on_terminal(account: &Account) -> Result<SecretString> {
    let prompt = format!("Password for {}: ", escaped(&account.to_string()));
    let password = match rpassword::prompt_password(prompt) {
        Ok(password) => Zeroizing::new(password),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(Interrupted.into()),
        Err(error) => {
            return Err(error).with_context(|| {
                format!(
                    "no password for {}, and no terminal to ask for one: use --password-file, --password-stdin, \
                     --auth-file or NETSESSION_PASSWORD",
                    escaped(&account.to_string())
                )
            });
        }
    };
    if password.is_empty() {
        bail!("no password was typed");
    }
    Ok(SecretString::from(password.as_str()))
}
