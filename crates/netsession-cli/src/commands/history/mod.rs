//! `netsession history`: who was connected, when.

mod export;
mod forget;
mod gaps;
mod row;
mod show;
mod stats;
mod store;
mod window;

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::output::{Sink, columns_help, error_line};
use crate::process::{Exit, Terminal, say};
use row::{FileIntervalRow, SessionIntervalRow};
pub(crate) use store::{default_path, make_folder};

const EXAMPLES: &str = "\
Examples:
  netsession history --at 'tuesday 15:00'     who was connected then
  netsession history --user alice fs1         when alice was connected to fs1
  netsession history --client 10.0.0.5 --since yesterday
                                              who used this computer
  netsession history --files --path budget --since '2h ago'
                                              who had these files open
  netsession history stats                    users and sessions by day
  netsession history export -f csv > all.csv  everything, for a spreadsheet
  netsession history forget --user alice      erase a user";

const TIMES: &str = "\
Times:
  2026-11-24 15:00, 15:00, yesterday 15:00, tuesday 15:00 (the last one),
  2h ago, 3d ago, now: in the local time zone. 2026-11-24T15:00:00Z: RFC 3339.
  The table shows local times; json, jsonl and csv have UTC. ? after a time in
  the table: it was there then, and it began earlier or ended later
  (from_exact, until_exact). An end that is exact is the first answer without
  it.

Exit codes:
  0    answered, also with no rows
  1    the store could not be read to its end, or the output not be written
  2    the arguments or the store are wrong";

fn long_help() -> String {
    let files = columns_help::<FileIntervalRow>().replacen("Columns:", "Columns of --files:", 1);
    format!("{EXAMPLES}\n\n{}\n\n{files}\n\n{TIMES}", columns_help::<SessionIntervalRow>())
}

/// Show who was connected, and when
///
/// Answers from the store that `netsession record` writes, also while it does. No server is asked. Times in which a
/// server was not asked, or did not answer, are reported on stderr where they touch the answer.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = long_help(), args_conflicts_with_subcommands = true)]
pub(crate) struct HistoryArgs {
    #[command(subcommand)]
    command: Option<HistoryCommand>,
    #[command(flatten)]
    show: show::ShowArgs,
}

/// What else to do with a store.
#[derive(Debug, Subcommand)]
enum HistoryCommand {
    Stats(stats::StatsArgs),
    Forget(forget::ForgetArgs),
    Export(export::ExportArgs),
}

/// Data to `out`, talk to `err`.
pub(crate) fn run(args: HistoryArgs, out: &mut Sink<'_>, err: &mut dyn Write, terminal: Terminal) -> Exit {
    store::explain_panics();
    let result = match args.command {
        None => show::run(&args.show, out, err, terminal),
        Some(HistoryCommand::Stats(args)) => stats::run(&args, out, err, terminal),
        Some(HistoryCommand::Forget(args)) => forget::run(&args, out),
        Some(HistoryCommand::Export(args)) => export::run(&args, out, err),
    };
    finish(result, err)
}

fn finish(result: Result<Exit>, err: &mut dyn Write) -> Exit {
    result.unwrap_or_else(|error| {
        // The text of an error of the store has its cause in it.
        let text = match error.downcast_ref::<netsession_history::Error>() {
            Some(error) => error.to_string(),
            None => format!("{error:#}"),
        };
        say(err, &error_line(&text));
        // A store that cannot be opened is found before anything is shown.
        let is_usage = error.downcast_ref::<store::Wrong>().is_some();
        if is_usage { Exit::Usage } else { Exit::Failure }
    })
}
