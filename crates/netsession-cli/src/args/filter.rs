//! `--client`, `--user` and their like, the same in every command that has them.

use anyhow::{Result, bail};
use netsession::UserName;

use crate::text::escaped;

/// Refuses a domain without a user: most likely a variable of a script that is not set, as in `LAB\$USER`.
pub(crate) fn check_user(name: &str) -> Result<()> {
    if UserName::new(name).name().is_empty() {
        bail!("--user {}: there is no user behind the domain", escaped(name));
    }
    Ok(())
}

/// The same of a filter, which can be for the empty name of a null session: `\`.
pub(crate) fn check_user_filter(name: &str) -> Result<()> {
    if name.trim_matches(['\\', ' ']).is_empty() { Ok(()) } else { check_user(name) }
}

/// What a filter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilterBy {
    User,
    Client,
    Share,
    Path,
}

impl FilterBy {
    const fn option(self) -> &'static str {
        match self {
            Self::User => "--user",
            Self::Client => "--client",
            Self::Share => "--share",
            Self::Path => "--path",
        }
    }
}

/// A filter of a command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter<Q> {
    pub(crate) by: FilterBy,
    pub(crate) set: fn(Q, &str) -> Q,
}

impl<Q> Filter<Q> {
    /// The question with this filter. `is_valid` is whether a server takes it; `what` is what is listed.
    pub(crate) fn apply(
        self,
        question: Q,
        name: Option<&str>,
        is_valid: fn(&Q) -> bool,
        what: &str,
    ) -> Result<Q> {
        let (Some(name), option) = (name, self.by.option()) else { return Ok(question) };
        // To the library an empty name is no filter. Here it is most likely a variable of a script that is not set, and
        // the script would take everything that is listed for what it wants.
        if matches!((self.by, name), (_, "") | (FilterBy::Client, r"\\" | "[]" | r"\\[]")) {
            bail!("{option} is empty: leave it out to list every {what}");
        }
        if self.by == FilterBy::User {
            check_user_filter(name)?;
        }
        let question = (self.set)(question, name);
        // Its one error, and the filters before have passed.
        if !is_valid(&question) {
            bail!("{option} is longer than the 1023 characters that a server takes");
        }
        Ok(question)
    }
}
