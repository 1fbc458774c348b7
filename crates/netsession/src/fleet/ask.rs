use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tracing::Instrument as _;

use super::held::Held;
use super::turn::Turn;
use super::{Fleet, FleetAnswer};
use crate::backend::{AsyncDriver, Plan, wire};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::timings::Stopwatch;
use crate::{ClientBuilder, Level, Listing};

/// How long a server that could not be connected to is left alone before it is tried once more.
const PAUSE: Duration = Duration::from_millis(250);

/// Asks one server.
pub(super) async fn ask(index: usize, builder: ClientBuilder, fleet: &Fleet, mut turn: Turn) -> FleetAnswer {
    let begun = Instant::now();
    let mut plan = match builder.plan(begun) {
        Ok(plan) => plan,
        Err(error) => {
            let server = error.server().unwrap_or_default().to_owned();
            return FleetAnswer { index, server, result: Err(error), deadline: begun, took: begun.elapsed() };
        }
    };
    let server = plan.server();
    let mut waited = Duration::ZERO;
    let asking = async {
        let client = connect(&mut plan, &mut turn, &mut waited).await?;
        list(client, fleet, &server).await
    };
    let result = asking.instrument(tracing::debug_span!("ask", server)).await;
    let took = begun.elapsed().saturating_sub(waited);
    FleetAnswer { index, server, result, deadline: plan.deadline(), took }
}

/// Connects and logs on. What the server waits for its address to be free is told apart, and is none of its time.
async fn connect(plan: &mut Plan, turn: &mut Turn, waited: &mut Duration) -> Result<Client, Error> {
    let Some(plan_of_wire) = plan.wire() else {
        let (driver, negotiated) = AsyncDriver::connect(plan).await?;
        return Ok(Client::connected(plan.clone(), driver, negotiated));
    };
    let mut stopwatch = Stopwatch::start(Instant::now());
    let addresses = resolve(plan_of_wire, turn, &mut stopwatch).await?;
    if let Some(first) = addresses.first() {
        let before = Instant::now();
        turn.go_to(first.ip().to_canonical()).await;
        *waited = before.elapsed();
        plan_of_wire.put_off(*waited);
    }
    let stream = match wire::open(plan_of_wire, addresses.clone(), &mut stopwatch).await {
        Err(error) if error.kind() == ErrorKind::Connect => {
            let left = plan_of_wire.deadline.saturating_duration_since(Instant::now());
            if left <= PAUSE {
                return Err(error);
            }
            sleep(PAUSE).await;
            tracing::debug!(server = %plan_of_wire.server, "connecting once more");
            wire::open(plan_of_wire, addresses, &mut stopwatch).await
        }
        result => result,
    }?;
    // From here on nothing is tried again: it would be another log-on.
    let (driver, negotiated) = wire::log_on(plan_of_wire, stream, stopwatch).await?;
    let driver = AsyncDriver::Smb(Box::new(driver));
    Ok(Client::connected(plan.clone(), driver, Some(negotiated)))
}

/// The resolver's thread has the turn, too: it cannot be ended, and goes on when the server's time is up.
async fn resolve(
    plan: &mut wire::Plan,
    turn: &Turn,
    stopwatch: &mut Stopwatch,
) -> Result<Vec<SocketAddr>, Error> {
    let Some(permit) = turn.permit() else { return wire::resolve(plan, stopwatch).await };
    let resolver = Arc::clone(&plan.resolver);
    plan.resolver = Arc::new(Held::new(Arc::clone(&resolver), permit.clone()));
    let resolved = wire::resolve(plan, stopwatch).await;
    plan.resolver = resolver;
    if resolved.is_err() {
        permit.take_away_in_time();
    }
    resolved
}

/// Asks for the level that this server gave before, if any.
async fn list(client: Client, fleet: &Fleet, server: &str) -> Result<Listing, Error> {
    let mut question = fleet.question.clone();
    let auto = question.level == Level::Auto;
    if auto && question.known_level == Level::Auto {
        question.known_level = fleet.levels.of(server);
    }
    let result = client.ask(question).await;
    if let Ok(listing) = &result
        && auto
    {
        fleet.levels.remember(server, listing.level());
    }
    result
}
