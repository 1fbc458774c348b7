//! `netsession demo`: the whole thing against a server that is built in.

mod text;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use netsession::{Account, Client, Credentials, Encryption, Error, Level, Negotiated, Password};
use netsession_testserver::scenario::User;
use netsession_testserver::{Scenario, Server};
use tokio::runtime;

use crate::cli::DemoArgs;
use crate::errors::{self, Errors};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::outcome::{Answer, Outcome};
use crate::output::{self, Look, Sink};

const SCENARIO: &str = include_str!("demo/scenario.toml");

/// Much more than loopback needs, and little enough to wait for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Starts the server and lists it, or keeps it running.
pub(crate) fn run(args: &DemoArgs, out: &mut Sink<'_>, err: &mut dyn Write, look: Look) -> Exit {
    match demonstrate(args, out, look) {
        Ok(exit) => exit,
        Err(error) => {
            let text = match error.downcast_ref::<Error>() {
                Some(error) => Errors::default().text(error.server().unwrap_or_default(), error),
                None => errors::line(&format!("{error:#}")),
            };
            // Nobody is left to be told.
            let _: io::Result<()> = err.write_all(text.as_bytes());
            Exit::Failed
        }
    }
}

fn demonstrate(args: &DemoArgs, out: &mut Sink<'_>, look: Look) -> Result<Exit> {
    let scenario: Scenario = SCENARIO.parse().context("the demo's scenario")?;
    let admin = scenario.users().iter().find(|user| user.administrator).cloned();
    let admin = admin.context("the demo's scenario has no administrator")?;
    let domain = scenario.server.domain.clone();
    let login = format!(r"{domain}\{}", admin.name);
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(async {
        // Before the first word: a Ctrl-C in answer to it is not lost.
        let mut interrupt = Interrupt::listen().context("cannot listen to Ctrl-C")?;
        let (address, _server) = Server::start(scenario).context("cannot listen on loopback")?;
        let shown = if args.serve {
            write(out, &text::serving(address, &login, &admin.password))
        } else {
            tokio::select! {
                shown = list(address, &domain, &admin, out, look) => shown,
                () = interrupt.wait() => return Ok(Exit::Interrupted),
            }
        };
        shown?;
        if args.serve {
            interrupt.wait().await;
            return Ok(Exit::Interrupted);
        }
        Ok(Exit::Answered)
    })
}

async fn list(address: SocketAddr, domain: &str, user: &User, out: &mut Sink<'_>, look: Look) -> Result<()> {
    let (negotiated, outcome) = ask(address, domain, user).await?;
    // Windows' own call would tell nothing of it, and is not what is asked here.
    if let Some(negotiated) = negotiated {
        write(out, &text::listed(address, negotiated))?;
    }
    write(out, &output::tables(&[outcome], look))?;
    write(out, &text::next())
}

/// Over the network like any other server, though it is not far.
async fn ask(address: SocketAddr, domain: &str, user: &User) -> Result<(Option<Negotiated>, Outcome), Error> {
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
    let outcome = Outcome { server: client.server().into(), result: Ok(Answer { listing, names: None }) };
    Ok((client.negotiated(), outcome))
}

fn write(out: &mut Sink<'_>, bytes: &[u8]) -> Result<()> {
    out.write(bytes).context("cannot write the output")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_shows_what_there_is_to_show() {
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
