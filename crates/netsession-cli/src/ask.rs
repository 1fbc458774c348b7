//! Asks several servers at the same time.

use std::sync::Arc;
use std::time::Duration;

use netsession::{Backend, Client, Credentials, Encryption, Error, Kerberos, Level};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, debug_span};

use crate::outcome::{Answer, Outcome};
use crate::resolve::Resolver;
use crate::target::Target;

/// What every server is asked.
#[derive(Debug)]
pub(crate) struct Question {
    /// No server is named: Windows is then asked about itself, and not over the network.
    pub(crate) this_machine: bool,
    pub(crate) level: Level,
    pub(crate) client: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) encryption: Encryption,
    /// For the whole of one server.
    pub(crate) timeout: Duration,
    pub(crate) resolve: bool,
    pub(crate) kerberos: Kerberos,
    /// One refusal does not end the log-ons of its account.
    pub(crate) keep_going: bool,
}

/// A server to ask.
#[derive(Debug)]
pub(crate) struct Asked {
    /// As it is shown.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) address: Target,
    /// Windows itself, or the wire.
    pub(crate) backend: Backend,
    /// Who asks over the wire.
    pub(crate) credentials: Option<Credentials>,
}

/// Asks `targets`, at most `jobs` at a time, and tells each outcome with its place in `targets` as soon as
/// it is there.
pub(crate) async fn ask_all(
    question: Question,
    targets: Vec<Asked>,
    jobs: usize,
    mut tell: impl FnMut(usize, Outcome),
) {
    let question = Arc::new(question);
    let resolver = Arc::new(Resolver::new());
    let mut waiting = targets.into_iter().enumerate();
    let mut running = JoinSet::new();
    loop {
        for (index, target) in waiting.by_ref().take(jobs.saturating_sub(running.len())) {
            let (question, resolver) = (Arc::clone(&question), Arc::clone(&resolver));
            let server = target.name.clone();
            let span = debug_span!("ask", server);
            let asking = async move {
                let result = ask(&question, &target, &resolver).await;
                (index, Outcome { server, result })
            };
            running.spawn(asking.instrument(span));
        }
        match running.join_next().await {
            Some(Ok((index, outcome))) => tell(index, outcome),
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => debug!(%error, "a task ended early"),
            },
            None => return,
        }
    }
}

async fn ask(question: &Question, target: &Asked, resolver: &Resolver) -> Result<Answer, Error> {
    let deadline = Instant::now() + question.timeout;
    let server = match target.backend {
        Backend::Windows if question.this_machine => String::new(),
        _ => target.address.to_string(),
    };
    let mut builder = Client::builder(server)
        .backend(target.backend)
        .kerberos(question.kerberos)
        .timeout(question.timeout)
        .encryption(question.encryption);
    if let Some(credentials) = &target.credentials {
        builder = builder.credentials(credentials.clone());
    }
    if question.keep_going {
        builder = builder.without_logon_guard();
    }
    let client = builder.connect().await?;
    let mut request = client.sessions().level(question.level);
    if let Some(name) = &question.client {
        request = request.client(name);
    }
    if let Some(name) = &question.user {
        request = request.user(name);
    }
    let listing = request.list().await?;
    // The connection is of no more use, and looking up names can take a while.
    drop(client);
    if listing.asked_level() != listing.level() {
        debug!("level {} was asked, and is shown as {}", listing.asked_level(), listing.level());
    }
    let names = if question.resolve { Some(resolver.names(&listing, deadline).await) } else { None };
    Ok(Answer { listing, names })
}
