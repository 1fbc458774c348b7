//! `netsession history forget`: erases a user.

use anyhow::{Context as _, Result};
use clap::Args;
use netsession::UserName;
use std::time::Duration;

use super::store::{StoreArgs, Wrong, wrong};
use crate::args::FilterBy;
use crate::output::Sink;
use crate::process::Exit;
use crate::text::{count, duration, escaped};

/// Erase everything that is stored of a user
///
/// While `netsession record` runs, it is asked to do so after its round; otherwise this command does it. The file is
/// written again without the user: no byte of the name stays in it. A user who is still connected is recorded again
/// from the next round on. Copies of the store and exports are yours to erase.
#[derive(Debug, Args)]
pub(super) struct ForgetArgs {
    #[command(flatten)]
    store: StoreArgs,

    /// User to erase, USER or DOMAIN\USER
    ///
    /// Without a domain, of every domain. With one, only names that `netsession history` shows with that domain, in any
    /// case and with any separator: not those that it shows without one, and the DNS name of a domain and its short name
    /// are not taken for the same.
    #[arg(long, value_name = "NAME")]
    user: String,

    /// How long to wait for the process that records
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = duration::parse)]
    timeout: Duration,
}

pub(super) fn run(args: &ForgetArgs, out: &mut Sink<'_>) -> Result<Exit> {
    let checked = FilterBy::User.check_named(&args.user, "name the user to erase");
    checked.map_err(|error| Wrong(error.to_string()))?;
    let user = UserName::new(&args.user);
    let path = args.store.path()?;
    let erased = netsession_history::forget(&path, &args.user, |name| user.is_shown_as(name), args.timeout);
    let erased = erased.map_err(wrong)?;
    let text = match erased {
        0 => format!(
            "nothing is stored of {}: name the user as netsession history shows it\n",
            escaped(&args.user)
        ),
        erased => format!("erased {} of {}\n", count(erased, "interval"), escaped(&args.user)),
    };
    out.write(text.as_bytes()).context("cannot write the output")?;
    Ok(Exit::Success)
}
