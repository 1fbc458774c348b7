use anyhow::{Context, Result};
use netsession::{Account, Password};

use crate::model::account;

/// What Samba's authentication file says: `username = …`, `password = …`, `domain = …`.
#[derive(Debug)]
pub(crate) struct AuthFile {
    pub(crate) account: Account,
    pub(crate) password: Option<Password>,
    /// Numbers of the lines that say something else.
    pub(crate) unknown_lines: Vec<usize>,
}

impl AuthFile {
    /// Reads the lines; `#` and `;` begin a comment. Blanks at the end belong to a password, as in Samba,
    /// and nowhere else.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let (mut username, mut domain, mut password) = (None, "", None);
        let mut unknown_lines = Vec::new();
        for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            match key.trim_end().to_ascii_lowercase().as_str() {
                "username" => username = Some(value.trim()),
                "domain" => domain = value.trim(),
                "password" => password = Some(value.trim_start()).filter(|password| !password.is_empty()),
                // The line itself is not shown: it may be a secret.
                _ => unknown_lines.push(number),
            }
        }
        let username = username.context("no line `username = …`")?;
        let account = account::with_domain(domain, username)?;
        Ok(Self { account, password: password.map(Password::new), unknown_lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, Option<String>) {
        let file = AuthFile::parse(text).unwrap();
        (file.account.to_string(), file.password.map(|password| password.expose().into()))
    }

    #[test]
    fn as_samba_writes_it() {
        let text = "# admin\nusername = admin\npassword = s3 cret=\ndomain = LAB\n";
        assert_eq!(parsed(text), (r"LAB\admin".into(), Some("s3 cret=".into())));
    }

    #[test]
    fn as_people_write_it() {
        let text = "\u{feff}; x\r\n\r\n  UserName=admin@LAB.EXAMPLE  \r\n\tPASSWORD =  secret \r\n";
        assert_eq!(parsed(text), ("admin@LAB.EXAMPLE".into(), Some("secret ".into())));
        let text = "username = LAB/admin\npassword = secret\ndomain =\n";
        assert_eq!(parsed(text), (r"LAB\admin".into(), Some("secret".into())));
    }

    #[test]
    fn a_password_may_be_missing() {
        assert_eq!(parsed("username = admin"), ("admin".into(), None));
        assert_eq!(parsed("username = admin\npassword =\ndomain =\n"), ("admin".into(), None));
    }

    #[test]
    fn a_login_may_not() {
        for text in [
            "",
            "password = secret",
            "username =",
            "username = LAB\\admin\ndomain = LAB",
            "username = LAB/admin\ndomain = LAB",
        ] {
            assert!(AuthFile::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn other_lines_are_counted_and_not_told() {
        let file = AuthFile::parse("username = admin\nhunter2\n\npasswd = hunter2\n").unwrap();
        assert_eq!(file.unknown_lines, [2, 4]);
        assert!(!format!("{file:?}").contains("hunter2"));
    }
}
