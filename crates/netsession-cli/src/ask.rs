//! Asks several servers at the same time.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use netsession::{
    Backend, Client, ClientBuilder, Credentials, Encryption, Fleet, FleetAnswer, Kerberos, Level,
};
use tokio::sync::mpsc::Sender;
use tokio::task::{JoinError, JoinSet};
use tracing::debug;

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
    /// How many servers at the same time.
    pub(crate) jobs: usize,
    /// How many servers in a second.
    pub(crate) rate: Option<NonZeroU32>,
}

/// A server to ask.
#[derive(Debug)]
pub(crate) struct Asked {
    /// As it is shown.
    pub(crate) target: Target,
    /// Where it is, if not there.
    pub(crate) address: Option<Target>,
    /// Windows itself, or the wire.
    pub(crate) backend: Backend,
    /// Who asks over the wire.
    pub(crate) credentials: Option<Arc<Credentials>>,
}

/// Asks `targets`, and tells each outcome with its place in `targets` as soon as it is there. Whoever listens
/// slowly is waited for.
pub(crate) async fn ask_all(question: Question, targets: Vec<Asked>, tell: &Sender<(usize, Outcome)>) {
    let (question, targets) = (Arc::new(question), Arc::new(targets));
    let mut answers = fleet(&question).ask(builders(Arc::clone(&question), Arc::clone(&targets)));
    let resolver = Arc::new(Resolver::new());
    // Answers whose clients are being looked up.
    let mut named = JoinSet::new();
    let mut is_over = false;
    while !(is_over && named.is_empty()) {
        let (index, outcome) = tokio::select! {
            Some(outcome) = named.join_next() => unwound(outcome),
            answer = answers.next(), if !is_over && named.len() < question.jobs => {
                let Some(answer) = answer else { is_over = true; continue };
                let Some(target) = targets.get(answer.index) else { continue };
                let naming = outcome(answer, target.target.to_string(), question.resolve, Arc::clone(&resolver));
                if question.resolve {
                    named.spawn(naming);
                    continue;
                }
                naming.await
            }
        };
        // Whoever does not listen any more is at the end of the program.
        let _ = tell.send((index, outcome)).await;
    }
}

fn fleet(question: &Question) -> Fleet {
    let mut fleet = Fleet::new().at_once(question.jobs).per_second(question.rate).level(question.level);
    if let Some(name) = &question.client {
        fleet = fleet.client(name);
    }
    if let Some(name) = &question.user {
        fleet = fleet.user(name);
    }
    fleet
}

/// A builder for each target, made when it is its turn.
fn builders(
    question: Arc<Question>,
    targets: Arc<Vec<Asked>>,
) -> impl Iterator<Item = ClientBuilder> + Send + 'static {
    (0..targets.len()).filter_map(move |index| Some(builder(&question, targets.get(index)?)))
}

fn builder(question: &Question, target: &Asked) -> ClientBuilder {
    let server = match target.backend {
        Backend::Windows if question.this_machine => String::new(),
        _ => target.address.as_ref().unwrap_or(&target.target).to_string(),
    };
    let mut builder = Client::builder(server)
        .backend(target.backend)
        .kerberos(question.kerberos)
        .timeout(question.timeout)
        .encryption(question.encryption);
    if let Some(credentials) = &target.credentials {
        builder = builder.credentials(Credentials::clone(credentials));
    }
    if question.keep_going {
        builder = builder.without_logon_guard();
    }
    builder
}

/// The answer as it is shown, with the names of the clients where they are wanted.
async fn outcome(
    answer: FleetAnswer,
    server: String,
    resolve: bool,
    resolver: Arc<Resolver>,
) -> (usize, Outcome) {
    let FleetAnswer { index, result, deadline, .. } = answer;
    let listing = match result {
        Ok(listing) => listing,
        Err(error) => return (index, Outcome { server, result: Err(error) }),
    };
    if listing.asked_level() != listing.level() {
        let (asked, shown) = (listing.asked_level(), listing.level());
        debug!(server, "level {asked} was asked, and is shown as {shown}");
    }
    let names = if resolve { Some(resolver.names(&listing, deadline.into()).await) } else { None };
    (index, Outcome { server, result: Ok(Answer { listing, names }) })
}

fn unwound<T>(result: Result<T, JoinError>) -> T {
    result.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        // Nobody ends these tasks.
        Err(error) => std::panic::resume_unwind(Box::new(error)),
    })
}
