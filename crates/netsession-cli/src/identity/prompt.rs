use std::io;

use anyhow::{Context, Result, bail};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::Login;
use crate::output::escape::escaped;

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
/// Where SIGINT has a handler: else Ctrl-C ends the process before the terminal's echo is back.
pub(crate) fn ask_on_terminal(login: &Login) -> Result<SecretString> {
    let prompt = format!("Password for {}: ", escaped(&login.to_string()));
    let password = match rpassword::prompt_password(prompt) {
        Ok(password) => Zeroizing::new(password),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(Interrupted.into()),
        Err(error) => {
            return Err(error).with_context(|| {
                format!(
                    "no password for {}, and no terminal to ask for one: use --password-file, --password-stdin, \
                     --auth-file or NETSESSION_PASSWORD",
                    escaped(&login.to_string())
                )
            });
        }
    };
    if password.is_empty() {
        bail!("no password was typed");
    }
    Ok(SecretString::from(password.as_str()))
}
