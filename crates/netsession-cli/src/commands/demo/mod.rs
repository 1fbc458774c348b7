//! `netsession demo`: the program against a built-in server.

mod history;
mod live;
mod text;

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use netsession::{Account, Client, Credentials, Encryption, Error, Level, Negotiated, Password};
use netsession_testserver::scenario::User;
use netsession_testserver::{Scenario, Server};
use tokio::runtime;

use super::list::{ListArgs, SessionRow};
use super::top::check_terminal;
use crate::output::{self, ErrorTexts, Selection, ServerRows, Sink, error_line};
use crate::process::{Exit, Interrupt, Terminal, say};
use crate::shell::{ServerCommand as _, rejected};

const EXAMPLES: &str = "\
Examples:
  netsession demo            a server on a free port of loopback, listed once
  netsession demo --serve    the same server, to ask from another terminal
  netsession demo --history  a recorded month, made up, and what to ask it
  netsession demo --top      servers whose people come and go, live";

/// Try it on a built-in server, on loopback
///
/// Starts a file server inside this program on a free port of 127.0.0.1, logs on, and lists its sessions over
/// an encrypted connection. Its users and sessions are made up. No other server is asked.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DemoArgs {
    /// Keep the server running until Ctrl-C, and print address, login and password
    #[arg(long)]
    serve: bool,

    /// Record a made-up month, and show four questions with their answers
    ///
    /// The store is in a folder of its own, which is removed at the end.
    #[arg(long, conflicts_with = "serve")]
    history: bool,

    /// Show three servers whose users come and go live, as `netsession top` does
    #[arg(long, conflicts_with_all = ["serve", "history"])]
    top: bool,
}

const SCENARIO: &str = include_str!("scenario.toml");

/// Much more than loopback needs.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Starts the server and lists it, or keeps it running.
pub(crate) fn run(args: &DemoArgs, out: &mut Sink<'_>, err: &mut dyn Write, terminal: Terminal) -> Exit {
    if args.top
        && let Err(error) = check_terminal()
    {
        return rejected(&error, err);
    }
    let shown = if args.history {
        history::run(out, err, terminal)
    } else if args.top {
        live::run(err, terminal)
    } else {
        demonstrate(args, out, terminal)
    };
    match shown {
        Ok(exit) => exit,
        Err(error) => {
            let text = match error.downcast_ref::<Error>() {
                Some(error) => ErrorTexts::default().text(error.server().unwrap_or_default(), error),
                None => error_line(&format!("{error:#}")),
            };
            say(err, &text);
            Exit::Failure
        }
    }
}

fn demonstrate(args: &DemoArgs, out: &mut Sink<'_>, terminal: Terminal) -> Result<Exit> {
    let scenario: Scenario = SCENARIO.parse().context("the demo's scenario")?;
    let admin = scenario.users().iter().find(|user| user.administrator).cloned();
    let admin = admin.context("the demo's scenario has no administrator")?;
    let domain = scenario.server.domain.clone();
    let login = format!(r"{domain}\{}", admin.name);
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(async {
        // Before the first output: a Ctrl-C in answer to it is not lost.
        let mut interrupt = Interrupt::listen().context("cannot listen to Ctrl-C")?;
        let (address, _server) = Server::start(scenario).context("cannot listen on loopback")?;
        let shown = if args.serve {
            write(out, &text::serving(address, &login, &admin.password))
        } else {
            tokio::select! {
                shown = list(address, &domain, &admin, out, terminal) => shown,
                signal = interrupt.wait() => return Ok(Exit::Signal(signal)),
            }
        };
        shown?;
        if args.serve {
            return Ok(Exit::Signal(interrupt.wait().await));
        }
        Ok(Exit::Success)
    })
}

async fn list(
    address: SocketAddr,
    domain: &str,
    user: &User,
    out: &mut Sink<'_>,
    terminal: Terminal,
) -> Result<()> {
    let (negotiated, rows) = ask(address, domain, user).await?;
    // Only Windows' own call has none, and it is not used here.
    if let Some(negotiated) = negotiated {
        write(out, &text::listed(address, negotiated))?;
    }
    write(out, &output::tables(&[rows], &Selection::default(), terminal))?;
    write(out, &text::next())
}

/// Over the network like any other server.
async fn ask(
    address: SocketAddr,
    domain: &str,
    user: &User,
) -> Result<(Option<Negotiated>, ServerRows<SessionRow>), Error> {
    let client = Client::builder(address.to_string())
        .credentials(Credentials::ntlm(
            Account::new(user.name.as_str()).in_domain(domain),
            Password::new(user.password.as_str()),
        ))
        .timeout(TIMEOUT)
        .encryption(Encryption::Required)
        .connect()
        .await?;
    let listing = client.sessions().level(Level::L502).list().await?;
    let mut rows = ListArgs::rows(client.server(), listing);
    rows.sort();
    Ok((client.negotiated(), ServerRows { server: client.server().into(), result: Ok(rows) }))
}

fn write(out: &mut Sink<'_>, bytes: &[u8]) -> Result<()> {
    out.write(bytes).context("cannot write the output")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_has_an_example_of_everything() {
        let scenario: Scenario = SCENARIO.parse().unwrap();
        let sessions = scenario.sessions();
        let clients: Vec<_> = sessions.iter().map(|session| session.client.as_str()).collect();
        assert!(clients.iter().any(|client| client.contains("[2001:db8:")));
        assert!(clients.iter().any(|client| client.starts_with(r"\\10.")));
        assert!(sessions.iter().any(|session| session.flags == Some(1)));
        assert!(sessions.iter().any(|session| session.idle_time > Some(86_400)));
        assert!(sessions.iter().all(|session| session.idle_time <= session.time));
        assert!(scenario.faults().is_empty());
    }
}
