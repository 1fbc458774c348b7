//! `netsession close`: closes open files, and ends sessions.

mod args;
mod attempt;
mod confirm;
mod file;
mod one;
mod session;
mod talk;

use std::io::{self, Write};

use anyhow::Result;

pub(crate) use args::CloseArgs;
use args::{CloseOptions, Closing};
use attempt::{Attempt, Format};
pub(crate) use one::{Chosen, Ending, close_one};
pub(crate) use talk::Confirm;
use talk::Talk;

use crate::args::{ServersArgs, TargetArgs};
use crate::output::{Sink, error_line};
use crate::process::{Exit, log, say};
use crate::shell::{Connection, SingleServer, rejected};

/// Lists, asks, closes, lists again: data to `out`, talk to `err`.
pub(crate) fn run(args: CloseArgs, out: &mut Sink<'_>, err: &mut dyn Write) -> Exit {
    match args.what {
        Closing::File(args) => {
            let wanted = file::Wanted { ids: args.ids, path: args.path, user: args.user };
            if let Err(error) = wanted.check() {
                return rejected(&error, err);
            }
            perform(args.options, out, err, async |connection, talk| {
                file::close(&wanted, connection, talk).await
            })
        }
        Closing::Session(args) => {
            let wanted = session::Wanted { client: args.client, user: args.user };
            if let Err(error) = wanted.check() {
                return rejected(&error, err);
            }
            perform(args.options, out, err, async |connection, talk| {
                session::close(&wanted, connection, talk).await
            })
        }
    }
}

/// What both commands have around their work.
fn perform(
    options: CloseOptions,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
    work: impl AsyncFnOnce(&mut Connection, &mut Talk<'_>) -> Result<Vec<Attempt>, netsession::Error>,
) -> Exit {
    let CloseOptions { server, yes, dry_run, format, verbose, login, connection } = options;
    if verbose {
        log::start();
    }
    let target = TargetArgs { login, connection, servers: ServersArgs::one(server) };
    let mode = match confirm::Mode::new(yes, dry_run) {
        Ok(mode) => mode,
        Err(error) => return rejected(&error, err),
    };
    let mut single = match SingleServer::prepare(&target, &mut |warning| say(err, &error_line(warning))) {
        Ok(single) => single,
        Err(error) => return rejected(&error, err),
    };
    // After -v, which has every step as well.
    log::start_warnings(|line| say(&mut io::stderr(), &error_line(line)));
    let mut talk = Talk::new(err, mode);
    let (server, result) = single.run(async |mut connection| {
        let result = work(&mut connection, &mut talk).await;
        (connection.server(), result)
    });
    attempt::show(&server, result, dry_run, format, out, talk.into_writer())
}
