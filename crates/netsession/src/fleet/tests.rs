mod stuck_resolver;

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use netsession_testserver::scenario::shipped;
use netsession_testserver::{Scenario, Server, ServerHandle};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::*;
use crate::logon_guard::Guard;
use crate::{Backend, Client, ClientBuilder, Credentials, ErrorKind, Level, ServerMemory, Sessions};

const TIMEOUT: Duration = Duration::from_secs(20);

/// `count` servers, each on its own loopback address, all on one port.
fn servers(
    scenario: &str,
    count: u8,
    change: impl FnOnce(Scenario) -> Scenario,
) -> (Vec<String>, ServerHandle) {
    let scenario = change(shipped(scenario).unwrap());
    let (first, _handle) = Server::start(scenario.clone()).unwrap();
    let addresses: Vec<SocketAddr> =
        (1..=count).map(|last| (Ipv4Addr::new(127, 77, 0, last), first.port()).into()).collect();
    let (bound, handle) = Server::start_on(scenario, &addresses).unwrap();
    (bound.iter().map(ToString::to_string).collect(), handle)
}

/// As the administrator of the scenarios, with a log-on guard of the test's own.
fn builders(servers: &[String], password: &str) -> Vec<ClientBuilder> {
    let (who, guard) = (
        Credentials::ntlm(r"LAB\admin".parse().unwrap(), crate::Password::new(password)),
        Arc::<Guard>::default(),
    );
    let builder = |server: &String| {
        let builder = Client::builder(server).credentials(who.clone()).timeout(TIMEOUT);
        builder.with_settings(|settings| settings.guard = Arc::clone(&guard))
    };
    servers.iter().map(builder).collect()
}

async fn all(mut answers: FleetAnswers) -> Vec<FleetAnswer> {
    let mut all = Vec::new();
    while let Some(answer) = answers.next().await {
        all.push(answer);
    }
    assert!(answers.next().await.is_none(), "the end is the end");
    all
}

#[tokio::test]
async fn every_server_answers_once() {
    let (servers, _handle) = servers("windows", 100, |scenario| scenario);
    let fleet = Fleet::new().at_once(32);
    let answers = all(fleet.ask(Sessions::new().user("alice"), builders(&servers, "Passw0rd!"))).await;
    let places: HashSet<usize> = answers.iter().map(|answer| answer.index).collect();
    assert_eq!((answers.len(), places.len()), (100, 100));
    for answer in answers {
        assert_eq!(answer.server, servers[answer.index]);
        assert_eq!(answer.result.unwrap().len(), 1, "alice alone");
    }
}

#[tokio::test]
async fn no_number_is_too_large_or_too_small() {
    let (servers, _handle) = servers("windows", 3, |scenario| scenario);
    for number in [0, usize::MAX] {
        let fleet = Fleet::new().at_once(number).per_address(number).per_second(NonZeroU32::new(u32::MAX));
        let answers = all(fleet.ask(Sessions::new(), builders(&servers, "Passw0rd!"))).await;
        assert_eq!(answers.iter().filter(|answer| answer.result.is_ok()).count(), 3);
    }
}

#[tokio::test]
async fn one_wrong_password_is_one_log_on() {
    let (servers, _handle) = servers("windows", 250, |scenario| scenario);
    // So much time that the guard does not lapse where a machine is slow.
    let builders = builders(&servers, "wrong").into_iter().map(|builder| builder.timeout(TIMEOUT * 30));
    let answers = all(Fleet::new().at_once(250).ask(Sessions::new(), builders.collect::<Vec<_>>())).await;
    let count = |kind| {
        answers.iter().filter(|answer| matches!(&answer.result, Err(error) if error.kind() == kind)).count()
    };
    assert_eq!((count(ErrorKind::LogOnRefused), count(ErrorKind::LogOnBlocked)), (1, 249));
}

#[tokio::test]
async fn what_a_server_gave_is_remembered_until_it_is_forgotten() {
    let (servers, _handle) = servers("samba", 1, |scenario| scenario);
    let (memory, name) = (ServerMemory::default(), servers[0].parse().unwrap());
    let fleet = Fleet::new().memory(&memory);
    for _ in 0..2 {
        let answers = all(fleet.clone().ask(Sessions::new(), builders(&servers, "Passw0rd!"))).await;
        assert_eq!(answers[0].result.as_ref().unwrap().level(), Level::L1);
        assert_eq!(memory.level(&name), Level::L1);
    }
    fleet.forget();
    assert_eq!(memory.level(&name), Level::Auto);
}

#[tokio::test]
async fn what_cannot_be_asked_is_an_answer_too() {
    let mut wrong = builders(&["fs 1".to_owned(), "fs1".to_owned()], "x");
    // Without an SMB backend.
    wrong[1] = Client::builder("fs1").backend(Backend::Smb);
    let answers = all(Fleet::new().ask(Sessions::new(), wrong)).await;
    let mut kinds: Vec<_> = answers
        .iter()
        .map(|answer| (answer.server.as_str(), answer.result.as_ref().unwrap_err().kind()))
        .collect();
    kinds.sort_by_key(|(server, _)| *server);
    assert_eq!(kinds, [("fs 1", ErrorKind::InvalidRequest), ("fs1", ErrorKind::InvalidRequest)]);
}

/// Starts a server once the first try to connect has failed. That is logged, right before the pause and the next try.
struct StartsAfterRefusal {
    scenario: Scenario,
    address: SocketAddr,
    started: Arc<Mutex<Vec<ServerHandle>>>,
}

impl tracing::Subscriber for StartsAfterRefusal {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        if event.metadata().target().ends_with("smb::connector") {
            let (_, handle) = Server::start_on(self.scenario.clone(), &[self.address]).unwrap();
            self.started.lock().unwrap().push(handle);
        }
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn a_server_that_comes_up_is_connected_to_at_the_second_try() {
    let scenario = shipped("windows").unwrap();
    let (address, handle) = Server::start(scenario.clone()).unwrap();
    drop(handle);
    let started = Arc::<Mutex<Vec<ServerHandle>>>::default();
    let starts = StartsAfterRefusal { scenario, address, started: Arc::clone(&started) };
    let _guard = tracing::subscriber::set_default(starts);
    let answers = all(Fleet::new().ask(Sessions::new(), builders(&[address.to_string()], "Passw0rd!"))).await;
    assert_eq!(answers[0].result.as_ref().unwrap().len(), 5);
    assert_eq!(started.lock().unwrap().len(), 1, "it was up before the first try");
}

/// What listens and says nothing: it counts who is there.
#[derive(Debug, Default)]
struct Count {
    now: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

/// Every address closes a connection after `stay`, or never.
async fn counting(count: u8, stay: Option<Duration>) -> (Vec<String>, Arc<Count>) {
    let counted = Arc::<Count>::default();
    let mut servers = Vec::new();
    let mut port = 0;
    for last in 1..=count {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 78, 0, last), port)).await.unwrap();
        port = listener.local_addr().unwrap().port();
        servers.push(listener.local_addr().unwrap().to_string());
        let counted = Arc::clone(&counted);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let counted = Arc::clone(&counted);
                tokio::spawn(async move {
                    let now = counted.now.fetch_add(1, Ordering::SeqCst) + 1;
                    counted.most.fetch_max(now, Ordering::SeqCst);
                    counted.all.fetch_add(1, Ordering::SeqCst);
                    match stay {
                        Some(stay) => tokio::time::sleep(stay).await,
                        None => {
                            let mut buffer = [0; 512];
                            while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
                        }
                    }
                    counted.now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
    }
    (servers, counted)
}

const STAY: Option<Duration> = Some(Duration::from_millis(20));

#[tokio::test]
async fn no_more_servers_at_once_than_the_limit() {
    let (servers, counted) = counting(40, STAY).await;
    let answers = all(Fleet::new().at_once(8).ask(Sessions::new(), builders(&servers, "x"))).await;
    assert!(answers.iter().all(|answer| answer.result.is_err()));
    // A connection that has just been closed by the client may still be counted.
    let most = counted.most.load(Ordering::SeqCst);
    assert!((2..=9).contains(&most), "{most} at once");
    assert_eq!(counted.all.load(Ordering::SeqCst), 40, "and a connection that was cut is not made again");
}

#[tokio::test]
async fn address_at_its_limit_does_not_delay_the_others() {
    let (mut servers, counted) = counting(1, STAY).await;
    let (others, other) = counting(1, STAY).await;
    // Different names of one server, and last one of another.
    let same = servers[0].replace("127.78.0.1", "[::ffff:127.78.0.1]");
    servers = std::iter::repeat_n(servers[0].clone(), 10).chain([same]).chain(others).collect();
    let fleet = Fleet::new().at_once(4).per_address(1);
    let mut answers = fleet.ask(Sessions::new(), builders(&servers, "x"));
    let mut order = Vec::new();
    while let Some(answer) = answers.next().await {
        order.push(answer.index);
    }
    assert_eq!(order.len(), 12);
    let most = counted.most.load(Ordering::SeqCst);
    assert!(most <= 2, "{most} at once, one of them just being closed");
    assert_eq!(other.all.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn waiting_for_an_address_is_none_of_a_servers_time() {
    let delayed = |mut scenario: Scenario| {
        scenario.delay_ms = 80;
        scenario
    };
    let (servers, _handle) = servers("windows", 1, delayed);
    // Each waits for five answers at least: all in turn take longer than one of them has.
    let (count, timeout) = (15, Duration::from_secs(5));
    let several: Vec<_> = std::iter::repeat_n(servers[0].clone(), count).collect();
    let fleet = Fleet::new().at_once(count).per_address(1);
    let builders = builders(&several, "Passw0rd!").into_iter().map(move |builder| builder.timeout(timeout));
    let begun = Instant::now();
    let answers = all(fleet.ask(Sessions::new(), builders.collect::<Vec<_>>())).await;
    assert!(begun.elapsed() > timeout, "in turn: {:?}", begun.elapsed());
    assert_eq!(answers.len(), count);
    for answer in answers {
        answer.result.unwrap();
    }
}

#[tokio::test]
async fn dropping_the_answers_closes_every_connection() {
    let (servers, counted) = counting(50, None).await;
    let answers = Fleet::new().at_once(50).ask(Sessions::new(), builders(&servers, "x"));
    wait_for(|| counted.now.load(Ordering::SeqCst) == 50).await;
    drop(answers);
    wait_for(|| counted.now.load(Ordering::SeqCst) == 0).await;
    assert_eq!(counted.all.load(Ordering::SeqCst), 50);
}

async fn wait_for(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < TIMEOUT, "it never comes");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn slow_consumer_delays_the_schedule() {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let endless = std::iter::repeat_with(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        Client::builder("not a name")
    });
    let mut answers = Fleet::new().at_once(4).ask(Sessions::new(), endless);
    for round in 1..50 {
        answers.next().await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
        // In the channel, in tasks, in the hand of the schedule, and looked at ahead.
        let most = round + 4 + 8 + 1 + 1;
        assert!(taken.load(Ordering::SeqCst) <= most, "{taken:?} after {round}");
    }
}

#[tokio::test]
async fn rate_limit_is_kept() {
    let begun = Instant::now();
    let fleet = Fleet::new().per_second(NonZeroU32::new(100));
    let answers =
        all(fleet.ask(Sessions::new(), std::iter::repeat_n(Client::builder("not a name"), 31))).await;
    assert_eq!(answers.len(), 31);
    assert!(begun.elapsed() >= Duration::from_millis(280), "{:?}", begun.elapsed());
}

#[tokio::test]
#[should_panic(expected = "no more servers")]
async fn a_panic_of_the_list_of_servers_is_not_taken_for_its_end() {
    let servers = (0..4).map(|number| match number {
        3 => panic!("no more servers"),
        _ => Client::builder("not a name"),
    });
    all(Fleet::new().ask(Sessions::new(), servers)).await;
}
