//! `--client`, `--user` and their like, the same in every command that has them.
//!
//! The Perl module tells by these texts that a name is wrong: `--OPTION is …`, and `… no user behind the domain`. Its
//! `t/refused.t` has all of them from this program.

use anyhow::{Result, bail};
use netsession::{ClientName, Error, UserName};

use crate::text::escaped;

/// What a name is about.
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

    /// Refuses a filter that names nothing: most likely a variable of a script that is not set, as in `LAB\$USER`, and the
    /// script would take everything that is listed for what it wants. `instead` says what to type.
    ///
    /// `\` asks for the empty name on purpose: servers show it for the user of a null session.
    pub(crate) fn check_filter(self, name: &str, instead: &str) -> Result<()> {
        let is_on_purpose = match self {
            Self::User => !name.is_empty() && UserName::new(name).is_empty(),
            Self::Client => name == r"\",
            Self::Share | Self::Path => false,
        };
        if is_on_purpose { Ok(()) } else { self.check_named(name, instead) }
    }

    /// Refuses a name that names nothing, where it stands for what is to be changed.
    pub(crate) fn check_named(self, name: &str, instead: &str) -> Result<()> {
        let option = self.option();
        let is_empty = match self {
            Self::User => UserName::new(name).is_empty(),
            Self::Client => ClientName::new(name).is_empty(),
            Self::Share | Self::Path => name.is_empty(),
        };
        if is_empty {
            bail!("{option} is empty: {instead}");
        }
        if self == Self::User && UserName::new(name).is_domain_alone() {
            bail!("{option} {}: there is no user behind the domain", escaped(name));
        }
        Ok(())
    }
}

/// A filter of a command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter<Q> {
    pub(crate) by: FilterBy,
    pub(crate) set: fn(Q, &str) -> Q,
}

impl<Q> Filter<Q> {
    /// The question with this filter. `check` is whether a server takes it; `what` is what is listed.
    pub(crate) fn apply(
        self,
        question: Q,
        name: Option<&str>,
        check: fn(&Q) -> Result<(), Error>,
        what: &str,
    ) -> Result<Q> {
        let Some(name) = name else { return Ok(question) };
        self.by.check_filter(name, &format!("leave it out to list every {what}"))?;
        let question = (self.set)(question, name);
        // The filters before have passed: an error is about this one.
        if let Err(error) = check(&question) {
            bail!("{} is invalid: {error}", self.by.option());
        }
        Ok(question)
    }
}
