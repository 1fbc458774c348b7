//! Servers that do not take the compound, over real sockets: the second way costs one more log-on at most, and is
//! remembered.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use netsession::blocking::{Client, ClientBuilder};
use netsession::logon_guard::LogonGuard;
use netsession::{Credentials, Error, ErrorKind, Level, Password, ServerMemory};
use netsession_proto::smb2::{Command, FrameBuffer, Header};
use netsession_testserver::scenario::{Encryption, Fault, FaultKind, Step, shipped};
use netsession_testserver::{Scenario, Server, ServerHandle};
use tracing::{Event, Level as LogLevel, Metadata, Subscriber, span};

/// The double, and a relay in front of it that counts.
struct Relay {
    address: SocketAddr,
    counts: Arc<Counts>,
    _double: ServerHandle,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    session_setups: AtomicUsize,
}

impl Relay {
    fn start(scenario: Scenario) -> Self {
        let (double, handle) = Server::start(scenario).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::<Counts>::default();
        let counting = Arc::clone(&counts);
        thread::spawn(move || {
            for client in listener.incoming() {
                counting.connections.fetch_add(1, Ordering::SeqCst);
                let (client, server) = (client.unwrap(), TcpStream::connect(double).unwrap());
                let (back, forth) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let counts = Arc::clone(&counting);
                thread::spawn(move || carry(client, forth, Some(&counts)));
                thread::spawn(move || carry(server, back, None));
            }
        });
        Self { address, counts, _double: handle }
    }

    /// Connections, and log-ons of two SESSION_SETUPs each.
    fn seen(&self) -> (usize, usize) {
        let setups = self.counts.session_setups.load(Ordering::SeqCst);
        (self.counts.connections.load(Ordering::SeqCst), setups / 2)
    }

    fn client(&self) -> ClientBuilder {
        Client::builder(self.address.to_string()).credentials(admin()).timeout(Duration::from_secs(30))
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, counts: Option<&Counts>) {
    let mut frames = FrameBuffer::new(1 << 24);
    let mut buffer = [0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if let Some(counts) = counts {
            frames.push(&buffer[..length]);
            while let Ok(Some(frame)) = frames.next_frame() {
                if Header::decode(&frame).is_ok_and(|header| header.command == Command::SESSION_SETUP) {
                    counts.session_setups.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn admin() -> Credentials {
    Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!"))
}

/// Signs only, as servers do that do not take the compound.
fn server(faults: Vec<Fault>) -> Scenario {
    let mut scenario = shipped("samba").unwrap();
    scenario.smb.encryption = Encryption::Off;
    faults.into_iter().fold(scenario, Scenario::with_fault)
}

/// ksmbd of Linux 7.2.
fn unsigned_error() -> Vec<Fault> {
    unsigned(Step::Create, 0xC000_000D)
}

fn unsigned(step: Step, status: u32) -> Vec<Fault> {
    [FaultKind::Status(status), FaultKind::Unprotected]
        .map(|kind| Fault::new(step, kind).in_compounds())
        .into()
}

/// The servers, each with the connections and log-ons that the first question takes.
fn servers() -> Vec<(&'static str, Vec<Fault>, usize)> {
    let one = |step, kind| vec![Fault::new(step, kind).in_compounds()];
    vec![
        ("impacket", one(Step::Create, FaultKind::Status(0x0005_0002)), 1),
        ("ksmbd 6.1", one(Step::TreeConnect, FaultKind::NextCommandPastEnd), 2),
        ("ksmbd 7.2", unsigned_error(), 2),
        ("NETWORK_NAME_DELETED", one(Step::Create, FaultKind::Status(0xC000_00C9)), 1),
        ("USER_SESSION_DELETED", one(Step::Bind, FaultKind::Status(0xC000_0203)), 1),
        // As real servers send it: one that has ended the session has no key to sign with.
        ("USER_SESSION_DELETED, unsigned, to CREATE", unsigned(Step::Create, 0xC000_0203), 2),
        ("USER_SESSION_DELETED, unsigned, to the bind", unsigned(Step::Bind, 0xC000_0203), 2),
        ("closes", one(Step::Bind, FaultKind::Close), 2),
        ("resets", one(Step::TreeConnect, FaultKind::Reset), 2),
    ]
}

#[test]
fn second_way_is_one_log_on_more_at_most_and_remembered() {
    for (name, faults, connections) in servers() {
        let relay = Relay::start(server(faults));
        let (guard, memory) = (LogonGuard::default(), ServerMemory::default());
        let list = || {
            let client = relay.client().logon_guard(&guard).memory(&memory).connect().unwrap();
            assert!(client.sessions().level(Level::L1).list().unwrap().len() > 1, "{name}");
        };
        list();
        assert_eq!(relay.seen(), (connections, connections), "{name}");
        list();
        assert_eq!(relay.seen(), (connections + 1, connections + 1), "{name}: it is remembered");
    }
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn async_client_has_the_same_second_way() {
    for (name, faults, connections) in servers() {
        let relay = Relay::start(server(faults));
        let (guard, memory) = (LogonGuard::default(), ServerMemory::default());
        for more in 0..2 {
            let client = netsession::Client::builder(relay.address.to_string())
                .credentials(admin())
                .timeout(Duration::from_secs(30))
                .logon_guard(&guard)
                .memory(&memory)
                .connect()
                .await
                .unwrap();
            assert!(client.sessions().level(Level::L1).list().await.unwrap().len() > 1, "{name}");
            assert_eq!(relay.seen(), (connections + more, connections + more), "{name}");
        }
    }
}

#[test]
fn second_failure_is_the_error() {
    for (kind, expected) in
        [(FaultKind::Unprotected, ErrorKind::Integrity), (FaultKind::Close, ErrorKind::Closed)]
    {
        let relay = Relay::start(server(vec![Fault::new(Step::Create, kind)]));
        let guard = LogonGuard::default();
        let error: Error = relay.client().logon_guard(&guard).connect().unwrap_err();
        assert_eq!(error.kind(), expected, "{error}");
        assert_eq!(relay.seen(), (2, 2));
        assert!(!guard.is_blocked(&admin().account()));
    }
}

#[test]
fn error_of_the_pipe_itself_costs_nothing_more() {
    for status in [0xC000_0022, 0xC000_0034, 0xC000_00AC] {
        let relay = Relay::start(server(vec![Fault::new(Step::Create, FaultKind::Status(status))]));
        let error = relay.client().without_logon_guard().connect().unwrap_err();
        assert_eq!((error.code(), relay.seen()), (Some(status), (1, 1)), "{error}");
    }
}

/// Keeps the warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Warnings {
    /// Of all tests: a subscriber of one thread misses events while the other threads have none (tracing caches the
    /// interest in an event for the process).
    fn of_this_process() -> &'static Self {
        static WARNINGS: LazyLock<Warnings> = LazyLock::new(|| {
            let warnings = Warnings::default();
            tracing::subscriber::set_global_default(warnings.clone()).unwrap();
            warnings
        });
        &WARNINGS
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == LogLevel::WARN
    }

    fn event(&self, event: &Event<'_>) {
        struct Words(String);
        impl tracing::field::Visit for Words {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        let mut words = Words(String::new());
        event.record(&mut words);
        self.0.lock().unwrap().push(words.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn warning_is_logged_after_an_integrity_failure_alone() {
    for (faults, warns) in [
        (unsigned_error(), true),
        (vec![Fault::new(Step::TreeConnect, FaultKind::NextCommandPastEnd).in_compounds()], false),
    ] {
        let relay = Relay::start(server(faults));
        let all = Warnings::of_this_process();
        // The port may have been that of another test, which has ended.
        let before = all.0.lock().unwrap().len();
        relay.client().without_logon_guard().connect().unwrap();
        let address = relay.address.to_string();
        let warnings: Vec<String> = all
            .0
            .lock()
            .unwrap()
            .iter()
            .skip(before)
            .filter(|text| text.contains(&address))
            .cloned()
            .collect();
        assert_eq!(warnings.len(), usize::from(warns), "{warnings:?}");
        assert!(warnings.iter().all(|text| text.contains("signature")), "{warnings:?}");
    }
}
