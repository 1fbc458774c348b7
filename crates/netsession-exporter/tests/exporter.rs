//! The exporter over real sockets, with the double as the servers that it probes.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use netsession::{ConnectionSettings, Credentials, Dialect, Encryption, Kerberos};
use netsession_exporter::{Exporter, Rule, Settings, Target, serve};
use netsession_testserver::scenario::{self, Fault, FaultKind, Step};
use netsession_testserver::{Scenario, Server, ServerHandle};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running exporter, and the sender that stops it.
struct Running {
    address: SocketAddr,
    exporter: Exporter,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

async fn start(settings: Settings) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let exporter = Exporter::new(settings);
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, exporter.clone(), async {
        let _ = stopped.await;
    }));
    Running { address, exporter, stop, serving }
}

/// Status line and headers, then the body.
struct Response {
    head: String,
    body: String,
}

impl Response {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    /// The value of a sample, as text.
    fn value(&self, sample: &str) -> Option<&str> {
        self.body.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '))
    }
}

impl Running {
    async fn get(&self, path: &str) -> Response {
        self.get_with(path, "").await
    }

    async fn get_with(&self, path: &str, headers: &str) -> Response {
        get(self.address, path, headers).await
    }

    /// Returns once this many probes are running or waiting.
    async fn until_in_flight(&self, probes: usize) {
        let sample = "netsession_exporter_probes_in_flight";
        while self.get("/metrics").await.value(sample) != Some(&probes.to_string()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn get(address: SocketAddr, path: &str, headers: &str) -> Response {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Response { head: head.to_owned(), body: body.to_owned() }
}

fn credentials(password: &str) -> Credentials {
    Credentials::ntlm(r"LAB\admin".parse().unwrap(), netsession::Password::new(password))
}

fn target(name: &str, address: &str, credentials: Credentials) -> Target {
    Target::new(name.parse().unwrap(), credentials).address(address.parse().unwrap())
}

fn double(name: &str) -> (String, ServerHandle) {
    double_of(scenario::shipped(name).unwrap())
}

fn double_of(scenario: Scenario) -> (String, ServerHandle) {
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

fn with(mut settings: Settings, change: impl FnOnce(&mut Settings)) -> Settings {
    change(&mut settings);
    settings
}

fn of_targets(targets: Vec<Target>) -> Settings {
    with(Settings::default(), |settings| settings.targets = targets)
}

/// One target, `fs1`, with the credentials of an administrator.
fn one_target(address: &str, password: &str) -> Settings {
    // After half of it a silent kept connection is given up, and a thread of a busy machine can be held up for seconds.
    let timeout = Duration::from_secs(60);
    with(Settings::default(), |settings| {
        settings.targets = vec![target("fs1", address, credentials(password))];
        settings.timeout = timeout;
    })
}

/// The server has neither encryption nor a dialect above 3.0, and no name that a ticket could be for.
#[tokio::test]
async fn target_must_have_what_is_required() {
    let (address, _server) = double("nas-level-1");
    let connection = ConnectionSettings::default;
    for (required, kind) in [
        (connection().encryption(Encryption::Required), "encryption"),
        (connection().min_dialect(Dialect::Smb302), "unsupported"),
        (connection().kerberos(Kerberos::Required), "invalid_request"),
    ] {
        let mut settings = one_target(&address, "Passw0rd!");
        settings.targets[0].connection = required;
        let response = start(settings).await.get("/probe?target=fs1").await;
        let sample = format!("netsession_error{{kind=\"{kind}\"}}");
        assert_eq!(response.value(&sample), Some("1"), "{}", response.body);
    }
}

#[tokio::test]
async fn probe_has_sessions_of_the_server() {
    let (address, _server) = double("windows");
    let running = start(one_target(&address, "Passw0rd!")).await;
    let response = running.get("/probe?target=FS1").await;
    assert_eq!(response.status(), "200");
    assert!(
        response.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"),
        "{}",
        response.head
    );
    // The scenario has four sessions. The fifth is the exporter's own.
    for (sample, value) in [
        ("netsession_up", "1"),
        ("netsession_level", "502"),
        ("netsession_sessions", "5"),
        ("netsession_guest_sessions", "1"),
        ("netsession_idle_sessions{longer_than_seconds=\"3600\"}", "2"),
    ] {
        assert_eq!(response.value(sample), Some(value), "{sample}: {}", response.body);
    }
    for phase in ["resolve", "connect", "negotiate", "authenticate", "bind", "enumerate"] {
        assert!(response.value(&format!("netsession_probe_duration_seconds{{phase=\"{phase}\"}}")).is_some());
    }
    let accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5\r\n";
    let open_metrics = running.get_with("/probe?target=fs1", accept).await;
    assert!(open_metrics.head.contains("content-type: application/openmetrics-text; version=1.0.0"));
    assert!(open_metrics.body.ends_with("# EOF\n") && !response.body.contains("# EOF"));

    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_probes_total{result=\"success\"}"), Some("2"));
    assert_eq!(own.value("netsession_exporter_probes_in_flight"), Some("0"));
    assert_eq!(running.get("/-/healthy").await.status(), "200");
    let page = running.get("/").await;
    assert!(page.body.contains("<td class=\"number\" data-name=\"Sessions\">5</td>"), "{}", page.body);
    assert!(
        page.head.contains("content-security-policy: default-src 'none'; style-src 'sha256-"),
        "{}",
        page.head
    );
}

/// Samba after its clock was set back by 90 s.
#[tokio::test]
async fn negative_idle_times_are_no_idle_sessions() {
    let scenario = scenario::shipped("windows").unwrap();
    let mut sessions = scenario.sessions().to_vec();
    for session in &mut sessions {
        (session.time, session.idle_time) = (Some(4_294_967_211), Some(4_294_967_211));
    }
    let (address, _server) = double_of(scenario.with_sessions(sessions));
    let running = start(one_target(&address, "Passw0rd!")).await;
    let response = running.get("/probe?target=fs1").await;
    assert_eq!(response.value("netsession_sessions"), Some("5"), "{}", response.body);
    let idle = response.value("netsession_idle_sessions{longer_than_seconds=\"3600\"}");
    assert_eq!(idle, Some("0"), "{}", response.body);
}

#[tokio::test]
async fn forbidden_and_invalid_targets_are_refused() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let rule = Rule::new("fs*.example.com".parse().unwrap(), credentials("Passw0rd!"));
    let running =
        start(with(one_target("fs1", "Passw0rd!"), |settings| settings.patterns = vec![rule])).await;
    for (path, status) in [
        (format!("/probe?target={address}"), "403"),
        ("/probe?target=10.0.0.5".into(), "403"),
        ("/probe?target=fs1.evil.example.com".into(), "403"),
        ("/probe?target=fs1.example.com:8445".into(), "403"),
        ("/probe".into(), "400"),
        ("/probe?target=".into(), "400"),
        ("/probe?target=fs1&target=fs1".into(), "400"),
        ("/probe?target=fs1&module=x".into(), "400"),
        ("/probe?target=fs1%2fshare".into(), "400"),
        ("/probe?target=%ff".into(), "400"),
        ("/other".into(), "404"),
    ] {
        assert_eq!(running.get(&path).await.status(), status, "{path}");
    }
    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_queries_total"), Some("0"));
    assert!(silent.accept().is_err(), "the exporter connected to a target that is not allowed");
    assert_eq!(own.value("netsession_exporter_refused_total{reason=\"not_allowed\"}"), Some("4"));
    assert_eq!(own.value("netsession_exporter_refused_total{reason=\"bad_request\"}"), Some("6"));
}

/// A relay that counts the log-ons that it forwards, by their NTLM AUTHENTICATE messages.
async fn log_on_counter(server: &str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (count, server) = (Arc::<AtomicUsize>::default(), server.to_owned());
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let (counted, server) = (Arc::clone(&counted), server.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await.unwrap();
                let (mut from, mut to) = client.split();
                let (mut back, mut forth) = server.split();
                let up = async {
                    let (mut bytes, mut seen) = (vec![0; 65536], Vec::new());
                    loop {
                        let length = from.read(&mut bytes).await.unwrap_or(0);
                        if length == 0 {
                            return;
                        }
                        let sent = &bytes.get(..length).unwrap_or_default();
                        seen.extend_from_slice(sent);
                        // A server refuses a log-on, and counts it against the account, at the AUTHENTICATE message.
                        let found = seen.windows(12).filter(|bytes| *bytes == b"NTLMSSP\0\x03\0\0\0").count();
                        if found > 0 {
                            counted.fetch_add(found, Ordering::Relaxed);
                            seen.clear();
                        }
                        if forth.write_all(sent).await.is_err() {
                            return;
                        }
                    }
                };
                let down = tokio::io::copy(&mut back, &mut to);
                tokio::select! { () = up => {}, _ = down => {} }
            });
        }
    });
    (address, count)
}

/// A relay that counts the connections that its client has closed.
async fn close_counter(server: &str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (count, server) = (Arc::<AtomicUsize>::default(), server.to_owned());
    let closed = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let (closed, server) = (Arc::clone(&closed), server.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await.unwrap();
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                tokio::select! {
                    _ = tokio::io::copy(&mut from_client, &mut to_server) => {
                        closed.fetch_add(1, Ordering::SeqCst);
                    }
                    _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
                }
            });
        }
    });
    (address, count)
}

/// Returns once `count` has come to `expected`.
async fn until(count: &AtomicUsize, expected: usize, what: &str) {
    let begun = Instant::now();
    while count.load(Ordering::SeqCst) != expected {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what}: {count:?} of {expected}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hundred_scrapes_with_wrong_password_send_one_log_on() {
    let (server, _server) = double("windows");
    let (address, log_ons) = log_on_counter(&server).await;
    // Ten targets share an account with a wrong password. One has another account, with the right password.
    let settings = |password: &str| {
        let mut targets: Vec<_> =
            (0..10).map(|number| target(&format!("fs{number}"), &address, credentials(password))).collect();
        targets.push(target(
            "other",
            &server,
            Credentials::ntlm(r"LAB\alice".parse().unwrap(), netsession::Password::new("Wonderland1")),
        ));
        // A second log-on is sent where the first one has no answer after a quarter of it.
        with(Settings::default(), |settings| {
            settings.targets = targets;
            settings.timeout = Duration::from_secs(300);
        })
    };
    let running = start(settings("wrong")).await;
    let scrapes: Vec<_> = (0..100)
        .map(|number| {
            let address = running.address;
            tokio::spawn(async move { get(address, &format!("/probe?target=fs{}", number % 10), "").await })
        })
        .collect();
    for scrape in scrapes {
        let response = scrape.await.unwrap();
        assert_eq!((response.status(), response.value("netsession_up")), ("200", Some("0")));
    }
    assert_eq!(log_ons.load(Ordering::Relaxed), 1);
    let blocked = running.get("/probe?target=fs3").await;
    assert_eq!(blocked.value("netsession_error{kind=\"logon_blocked\"}"), Some("1"), "{}", blocked.body);
    assert_eq!(running.get("/probe?target=other").await.value("netsession_up"), Some("1"));
    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_blocked_accounts"), Some("1"));

    // A reload with another wrong password allows one more log-on, and the account is blocked again.
    running.exporter.reload(settings("wrong, too"));
    for _ in 0..10 {
        running.get("/probe?target=fs1").await;
    }
    assert_eq!(log_ons.load(Ordering::Relaxed), 2);
    running.exporter.reload(settings("Passw0rd!"));
    assert_eq!(running.get("/probe?target=fs1").await.value("netsession_up"), Some("1"));
    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_blocked_accounts"), Some("0"));
}

/// The servers break in the log-on, which may have been counted as a wrong one: two of them hold the account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_with_unanswered_log_ons_is_held_and_not_blocked() {
    let broken = scenario::shipped("windows").unwrap().with_fault(Fault::new(Step::LogOn, FaultKind::Close));
    let ((broken, _one), (well, _two)) = (double_of(broken), double("windows"));
    let targets = [("fs1", &broken), ("fs2", &broken), ("fs3", &well)];
    let targets = targets.map(|(name, address)| target(name, address, credentials("Passw0rd!"))).to_vec();
    let running = start(of_targets(targets)).await;
    let accounts = async || {
        let own = running.get("/metrics").await;
        let [blocked, held] = ["blocked", "held"]
            .map(|state| own.value(&format!("netsession_exporter_{state}_accounts")).unwrap().to_owned());
        (blocked, held)
    };
    assert_eq!(accounts().await, ("0".into(), "0".into()));
    for server in ["fs1", "fs2"] {
        running.get(&format!("/probe?target={server}")).await;
    }
    assert_eq!(accounts().await, ("0".into(), "1".into()));
    let held = running.get("/probe?target=fs3").await;
    assert_eq!(held.value("netsession_error{kind=\"logon_unanswered\"}"), Some("1"), "{}", held.body);
}

/// The client that started the query disconnects. The other probes still get its result.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_probes_share_one_query() {
    let (server, _server) = double("windows");
    // The server is silent until all probes wait for it.
    let gate = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gate.local_addr().unwrap().to_string();
    let settings =
        with(one_target(&address, "Passw0rd!"), |settings| settings.timeout = Duration::from_secs(120));
    let running = start(settings).await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    first.write_all(b"GET /probe?target=fs1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let (mut asked, _) = gate.accept().await.unwrap();
    drop(first);
    running.until_in_flight(0).await;
    let probes: Vec<_> = (0..20)
        .map(|_| {
            let address = running.address;
            tokio::spawn(async move { get(address, "/probe?target=fs1", "").await })
        })
        .collect();
    running.until_in_flight(20).await;
    let mut server = TcpStream::connect(server).await.unwrap();
    tokio::spawn(async move { tokio::io::copy_bidirectional(&mut asked, &mut server).await });
    for probe in probes {
        assert_eq!(probe.await.unwrap().value("netsession_up"), Some("1"));
    }
    assert_eq!(running.get("/metrics").await.value("netsession_exporter_queries_total"), Some("1"));
}

#[tokio::test]
async fn min_interval_limits_queries() {
    let (address, _server) = double("windows");
    let min_interval = Duration::from_secs(60);
    let running =
        start(with(one_target(&address, "Passw0rd!"), |settings| settings.min_interval = min_interval)).await;
    for _ in 0..5 {
        assert_eq!(running.get("/probe?target=fs1").await.value("netsession_sessions"), Some("5"));
    }
    assert_eq!(running.get("/metrics").await.value("netsession_exporter_queries_total"), Some("1"));
}

#[tokio::test]
async fn response_arrives_within_scrape_timeout() {
    let stalled = Fault::new(Step::Enumerate, FaultKind::Stall);
    let (address, _server) = double_of(scenario::shipped("windows").unwrap().with_fault(stalled));
    let running = start(with(one_target(&address, "Passw0rd!"), |settings| {
        settings.timeout = Duration::from_secs(600)
    }))
    .await;
    // How much less than the scrape timeout it is, is tested with the request.
    for seconds in ["8", "0.3"] {
        let begun = Instant::now();
        let header = format!("X-Prometheus-Scrape-Timeout-Seconds: {seconds}\r\n");
        let response = running.get_with("/probe?target=fs1", &header).await;
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(120), "{took:?}");
        assert_eq!(response.value("netsession_error{kind=\"timeout\"}"), Some("1"), "{}", response.body);
        if seconds == "8" {
            let phase = |name: &str| {
                response.value(&format!("netsession_probe_duration_seconds{{phase=\"{name}\"}}"))
            };
            assert!(
                phase("bind").is_some() && phase("enumerate").is_some(),
                "the phases until the time-out: {}",
                response.body
            );
        }
    }
}

/// The server has no level 502, so that the first query takes one round trip more. Later ones start with level 1.
#[tokio::test]
async fn level_is_remembered_until_reload() {
    let (address, server) = double("samba");
    // Each probe has a connection of its own.
    let settings = || with(one_target(&address, "Passw0rd!"), |settings| settings.keep_connections = false);
    let running = start(settings()).await;
    let frames = async || {
        let before = server.host().traffic().frames();
        let response = running.get("/probe?target=fs1").await;
        assert_eq!(response.value("netsession_level"), Some("1"));
        server.host().traffic().frames() - before
    };
    let (first, second) = (frames().await, frames().await);
    assert_eq!(first, second + 1);
    running.exporter.reload(settings());
    assert_eq!(frames().await, first, "a reload tries the best level again");
}

#[tokio::test]
async fn large_and_unknown_requests_are_refused() {
    let running = start(Settings::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(64 << 10));
    // The exporter may close the connection before everything is written.
    let _ = stream.write_all(long.as_bytes()).await;
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response).await;
    let response = String::from_utf8_lossy(&response).into_owned();
    assert!(response.is_empty() || response.starts_with("HTTP/1.1 431"), "{response}");
    assert_eq!(running.get("/-/healthy").await.status(), "200");

    let posted = {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream
            .write_all(b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    };
    assert!(posted.starts_with("HTTP/1.1 405"), "{posted}");
    assert!(posted.to_lowercase().contains("\r\nallow: get,head\r\n"), "{posted}");
    // Somebody who types it into a browser sees what is wrong, with the headers of every response.
    let missing = running.get("/nowhere").await;
    let reload = running.get("/-/reload").await;
    for (response, status, words) in [(missing, "404", "no such page"), (reload, "405", "take POST")] {
        assert_eq!(response.status(), status);
        assert!(response.body.contains(words), "{}", response.body);
        assert!(
            response.head.to_lowercase().contains("\r\nx-content-type-options: nosniff\r\n"),
            "{}",
            response.head
        );
    }
}

/// A connection without a request, one with half a request, and one with a finished request are all closed.
#[tokio::test]
async fn idle_connections_are_closed() {
    let running = start(Settings::default()).await;
    let begun = Instant::now();
    let mut streams = Vec::new();
    for sent in ["", "GET / HTTP/1.1\r\nHo", "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    for mut stream in streams {
        let mut rest = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "still open after {:?}: {}", begun.elapsed(), String::from_utf8_lossy(&rest));
    }
}

#[tokio::test]
async fn shutdown_waits_for_running_probes_but_not_forever() {
    let (slow, slow_server) = double("windows");
    let stall = Fault::new(Step::Enumerate, FaultKind::Stall);
    let (stalled, _stalled) = double_of(scenario::shipped("windows").unwrap().with_fault(stall));
    let targets = vec![
        target("slow", &slow, credentials("Passw0rd!")),
        target("stalled", &stalled, credentials("Passw0rd!")),
    ];
    let Running { address, stop, serving, .. } = start(with(Settings::default(), |settings| {
        settings.targets = targets;
        settings.timeout = Duration::from_secs(600);
    }))
    .await;
    // The list of the slow one is locked while it is changed: it answers once `release` is dropped.
    let sessions = slow_server.host().sessions().clone();
    let (lock, locked) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        sessions.remove(|_| {
            let _ = lock.send(());
            let _ = released.recv();
            false
        })
    });
    locked.recv().unwrap();
    let probe = tokio::spawn(async move { get(address, "/probe?target=slow", "").await });
    let mut hanging = TcpStream::connect(address).await.unwrap();
    hanging.write_all(b"GET /probe?target=stalled HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    // Both have begun, and neither can have ended.
    while get(address, "/metrics", "").await.value("netsession_exporter_queries_total") != Some("2")
        || slow_server.host().traffic().log_ons() == 0
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let begun = Instant::now();
    stop.send(()).unwrap();
    drop(release);
    assert_eq!(probe.await.unwrap().value("netsession_up"), Some("1"));
    assert!(TcpStream::connect(address).await.is_err(), "the port is closed");
    serving.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

/// A client that sends requests and reads no response is disconnected.
#[tokio::test]
async fn client_that_does_not_read_is_disconnected() {
    const REQUESTS: usize = 20_000;
    let running = start(Settings::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let requests = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(REQUESTS);
    let of_one = running.get("/metrics").await.body.len();
    // Ends when the exporter closes the connection, which reads no requests while it cannot write.
    let write = async { while stream.write_all(requests.as_bytes()).await.is_ok() {} };
    let closed = tokio::time::timeout(Duration::from_secs(300), write).await;
    assert!(closed.is_ok(), "the exporter waits for the client without end");
    let (mut total, mut bytes) = (0, vec![0; 1 << 20]);
    while let Ok(length @ 1..) = stream.read(&mut bytes).await {
        total += length;
    }
    // What the buffers of the system had room for.
    assert!(total > 0 && total < of_one * REQUESTS / 2, "{total} bytes of {}", of_one * REQUESTS);
}

/// A page of another site, whose name leads here or which knows the address, neither reads nor triggers anything.
#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let (address, _server) = double("windows");
    let settings = with(one_target(&address, "Passw0rd!"), |settings| {
        settings.allowed_hosts = vec!["proxy.example".into()]
    });
    let running = start(settings).await;
    let mut statuses = Vec::new();
    for (host, headers) in [
        ("evil.example", ""),
        ("localhost", "Origin: http://evil.example\r\n"),
        ("localhost", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"),
        ("proxy.example", ""),
    ] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let request =
            format!("GET /probe?target=fs1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        statuses.push(text.split(' ').nth(1).unwrap().to_owned());
    }
    assert_eq!(statuses, ["403", "403", "403", "200"]);
    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_queries_total"), Some("1"));
    assert_eq!(own.value("netsession_exporter_refused_total{reason=\"not_allowed\"}"), Some("3"));
    assert!(own.head.contains("cross-origin-resource-policy: same-origin"), "{}", own.head);
}

/// A target with more sessions than allowed, or an answer for which there is no memory left, has the kind `limit`; others
/// go on.
#[tokio::test]
async fn sessions_and_memory_are_limited() {
    let many: Scenario = r#"
        description = "many"
        [session-enum.levels]
        502 = "anyone"
        [[user]]
        name = "admin"
        password = "Passw0rd!"
        administrator = true
        [[session]]
        client = "10.0.{n}"
        user = "user{n}"
        repeat = 3000
    "#
    .parse()
    .unwrap();
    let ((many, _one), (few, _other)) = (double_of(many), double("windows"));
    let targets = || {
        vec![target("many", &many, credentials("Passw0rd!")), target("few", &few, credentials("Passw0rd!"))]
    };
    for (settings, is_limited) in [
        (with(Settings::default(), |settings| settings.max_sessions = 2_999), true),
        (with(Settings::default(), |settings| settings.max_memory = 64 << 10), true),
        (Settings::default(), false),
    ] {
        let running = start(with(settings, |settings| settings.targets = targets())).await;
        let (many, few) = tokio::join!(running.get("/probe?target=many"), running.get("/probe?target=few"));
        assert_eq!(many.value("netsession_error{kind=\"limit\"}").is_some(), is_limited, "{}", many.body);
        assert_eq!(few.value("netsession_up"), Some("1"), "{}", few.body);
        // What failed and what was answered has given its memory back.
        let again = running.get("/probe?target=few").await;
        assert_eq!(again.value("netsession_up"), Some("1"), "{}", again.body);
    }
}

/// A server with neither files nor shares.
const FILE_SERVER: &str = r#"
description = "a file server"

[session-enum.levels]
502 = "administrators"

[[user]]
name = "admin"
password = "Passw0rd!"
administrator = true
"#;

fn with_files(address: &str, shares: &[&str]) -> Settings {
    let shares = shares.iter().map(|share| (*share).to_owned()).collect();
    with(one_target(address, "Passw0rd!"), |settings| {
        settings.files = true;
        settings.shares = shares;
    })
}

#[tokio::test]
async fn open_files_are_counted_by_the_shares_that_are_named() {
    let (address, _server) = double("windows");
    let response = start(with_files(&address, &["alpha", "projects"])).await.get("/probe?target=fs1").await;
    for (sample, value) in [
        ("netsession_up", "1"),
        ("netsession_file_locks", "1"),
        ("netsession_share_open_files{share=\"alpha\"}", "2"),
        ("netsession_share_open_files{share=\"projects\"}", "0"),
        // That of the share home, and a pipe.
        ("netsession_share_open_files{share=\"other\"}", "2"),
    ] {
        assert_eq!(response.value(sample), Some(value), "{sample}: {}", response.body);
    }
    for name in ["alice", "carol", "report", "srvsvc", "home", "10.0.0"] {
        assert!(!response.body.contains(name), "{name}: {}", response.body);
    }
    let response = start(with_files(&address, &[])).await.get("/probe?target=fs1").await;
    assert_eq!(response.value("netsession_file_locks"), Some("1"), "{}", response.body);
    assert!(!response.body.contains("netsession_share_"), "{}", response.body);
}

/// Shares that a server makes up are no labels.
#[tokio::test]
async fn server_adds_no_labels() {
    let mut scenario = FILE_SERVER.to_owned();
    for number in 0..1_000 {
        let share = format!("[[share]]\nname = 'share{number}'\npath = 'E:\\share{number}'\n");
        let file = format!("[[file]]\nuser = 'alice'\npath = 'E:\\share{number}\\x'\n");
        scenario.push_str(&(share + &file));
    }
    let (address, _server) = double_of(scenario.parse().unwrap());
    let response = start(with_files(&address, &["share7"])).await.get("/probe?target=fs1").await;
    let samples = response.body.lines().filter(|line| line.starts_with("netsession_share_open_files{"));
    assert_eq!(
        samples.collect::<Vec<_>>(),
        [
            "netsession_share_open_files{share=\"share7\"} 1",
            "netsession_share_open_files{share=\"other\"} 999"
        ]
    );
}

/// What the server does not list has no sample instead of a 0, and the sessions are there.
#[tokio::test]
async fn files_and_shares_that_are_not_listed_are_left_out() {
    let open = "[[share]]\nname = 'alpha'\npath = 'D:\\alpha'\n[[file]]\nuser = 'alice'\npath = 'D:\\alpha\\x'\nlocks = 3\n";
    let second_call_fails =
        |scenario: Scenario| scenario.with_fault(Fault::new(Step::Enumerate, FaultKind::Close).after(1));
    let as_it_is = |scenario: Scenario| scenario;
    type Change = fn(Scenario) -> Scenario;
    let cases: [(&str, Change, Option<&str>, Option<&str>); 5] = [
        ("", as_it_is, Some("3"), Some("1")),
        // Ids alone.
        ("[files]\nlevels = [2]\n", as_it_is, None, None),
        ("[files]\nlevels = []\n", as_it_is, None, None),
        // Names of shares alone.
        ("[shares.levels]\n1 = 'anyone'\n", as_it_is, Some("3"), None),
        ("", second_call_fails, None, None),
    ];
    for (refusal, change, locks, alpha) in cases {
        let (address, _server) = double_of(change(format!("{FILE_SERVER}{refusal}{open}").parse().unwrap()));
        let response = start(with_files(&address, &["alpha"])).await.get("/probe?target=fs1").await;
        assert_eq!(response.value("netsession_up"), Some("1"), "{refusal}: {}", response.body);
        assert!(response.value("netsession_sessions").is_some(), "{refusal}: {}", response.body);
        assert_eq!(response.value("netsession_file_locks"), locks, "{refusal}: {}", response.body);
        let sample = "netsession_share_open_files{share=\"alpha\"}";
        assert_eq!(response.value(sample), alpha, "{refusal}: {}", response.body);
    }
    // No file is open: each share has none, and shares need not be requested.
    let (address, _server) = double_of(FILE_SERVER.parse().unwrap());
    let response = start(with_files(&address, &["alpha"])).await.get("/probe?target=fs1").await;
    assert_eq!(
        response.value("netsession_share_open_files{share=\"alpha\"}"),
        Some("0"),
        "{}",
        response.body
    );
}

/// The requests of one probe, counted between exporter and server.
async fn requests(settings: impl FnOnce(&str) -> Settings) -> usize {
    let (address, _server) = double("windows");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = listener.local_addr().unwrap().to_string();
    let counted = tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = TcpStream::connect(address).await.unwrap().into_split();
        let replies = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        let mut count = 0;
        // Four bytes of length in front of each message.
        while let Ok(length) = from_client.read_u32().await {
            let mut message = vec![0; length.try_into().unwrap()];
            from_client.read_exact(&mut message).await.unwrap();
            to_server.write_u32(length).await.unwrap();
            to_server.write_all(&message).await.unwrap();
            count += 1;
        }
        replies.abort();
        count
    });
    let response = start(settings(&relay)).await.get("/probe?target=fs1").await;
    assert_eq!(response.value("netsession_up"), Some("1"), "{}", response.body);
    counted.await.unwrap()
}

#[tokio::test]
async fn files_and_shares_are_one_round_trip_each_and_none_by_default() {
    let sessions = requests(|address| one_target(address, "Passw0rd!")).await;
    assert_eq!(requests(|address| with_files(address, &[])).await, sessions + 1);
    assert_eq!(requests(|address| with_files(address, &["alpha"])).await, sessions + 2);
}

/// The list that Prometheus reads, and the settings in force. Neither has a secret.
#[tokio::test]
async fn targets_and_configuration_are_shown() {
    let rule = Rule::new("nas*".parse().unwrap(), credentials("hunter2"));
    let targets =
        ["FS1", "fs2:4455", "fe80::1%eth0"].map(|name| target(name, "10.0.0.5", credentials("hunter2")));
    let settings = with(Settings::default(), |settings| {
        settings.targets = targets.to_vec();
        settings.patterns = vec![rule];
    });
    let running = start(settings).await;
    let listed = running.get("/targets").await;
    assert!(listed.head.contains("content-type: application/json\r\n"), "{}", listed.head);
    assert_eq!(listed.body, r#"[{"labels":{},"targets":["fe80::1%eth0","fs1","fs2:4455"]}]"#);
    let config = running.get("/config").await;
    assert!(config.body.contains(r#""match": "nas*""#), "{}", config.body);
    assert!(
        config.body.contains(r#""login": "LAB\\admin""#) && !config.body.contains("hunter2"),
        "{}",
        config.body
    );
}

/// The start page knows since when a target is up, or fails, across a reload; a name that leads to another server begins
/// again.
#[tokio::test]
async fn reload_keeps_since_when_targets_are_in_their_state() {
    let ((address, _server), (other, _other)) = (double("windows"), double("windows"));
    let settings = |moved: &str| {
        of_targets(vec![
            target("fs1", &address, credentials("Passw0rd!")),
            target("fs2", "127.0.0.1:1", credentials("Passw0rd!")),
            target("fs3", moved, credentials("Passw0rd!")),
        ])
    };
    let running = start(settings(&address)).await;
    let probe_all = async || {
        for target in ["fs1", "fs2", "fs3"] {
            running.get(&format!("/probe?target={target}")).await;
        }
    };
    // The class of a target's row, and for how many seconds the target is in its state.
    let states = async || {
        let page = running.get("/").await.body;
        ["fs1", "fs2", "fs3"].map(|target| {
            let before = page.split(&format!("<td data-value=\"{target}\">")).next().unwrap();
            let class = before.rsplit("<tr class=\"").next().unwrap().split('"').next().unwrap();
            let row = page.split(&format!("<td data-value=\"{target}\">")).nth(1).unwrap();
            let since = row.split("data-name=\"Since\" data-value=\"").nth(1).unwrap();
            (class.to_owned(), since.split('"').next().unwrap().parse::<u64>().ok())
        })
    };
    probe_all().await;
    let mut before = states().await;
    while !before.iter().all(|(_, seconds)| seconds.is_some_and(|seconds| seconds >= 2)) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        before = states().await;
    }
    assert_eq!(before.clone().map(|(class, _)| class), ["up", "failing", "up"]);
    for reload in [Exporter::reload, Exporter::reload_keeping_blocks] {
        let queries = async || {
            let own = running.get("/metrics").await;
            own.value("netsession_exporter_queries_total").unwrap().parse::<u32>().unwrap()
        };
        let asked = queries().await;
        reload(
            &running.exporter,
            with(settings(&other), |settings| settings.min_interval = Duration::from_secs(600)),
        );
        // What is known is shown until the next probe, which is no copy of a result of before.
        let shown = states().await;
        assert_eq!(shown[..2].iter().map(|(class, _)| &**class).collect::<Vec<_>>(), ["up", "failing"]);
        probe_all().await;
        assert_eq!(queries().await, asked + 3);
        let after = states().await;
        for (before, after) in before.iter().zip(&after).take(2) {
            assert!(after.0 == before.0 && after.1 >= before.1, "{before:?} {after:?}");
        }
    }
    running.exporter.reload(settings(&address));
    let page = running.get("/").await.body;
    assert!(page.contains("<tr class=\"pending\"><td data-value=\"fs3\">"), "{page}");
}

/// The log of a probe, what to do about its error, and its metrics. No log of another probe is in it.
#[tokio::test]
async fn debug_probe_has_its_log_and_its_metrics() {
    let ((address, _one), (other, _other)) = (double("windows"), double("samba"));
    let settings = of_targets(vec![
        target("fs1", &address, credentials("Passw0rd!")),
        target("fs2", &other, credentials("Passw0rd!")),
        target("down", "127.0.0.1:1", credentials("Passw0rd!")),
    ]);
    let running = start(settings).await;
    let (response, _) =
        tokio::join!(running.get("/probe?target=fs1&debug=true"), running.get("/probe?target=fs2"));
    assert!(response.head.contains("content-type: text/plain; charset=utf-8"), "{}", response.head);
    for words in ["Log of the probe of fs1:\n", "debug: ready server=", "phase=Authenticate", "\nMetrics:\n"]
    {
        assert!(response.body.contains(words), "{words}: {}", response.body);
    }
    assert_eq!(response.value("netsession_sessions"), Some("5"), "{}", response.body);
    assert!(!response.body.contains("Passw0rd!") && !response.body.contains(&other), "{}", response.body);

    let response = running.get("/probe?target=down&debug=true").await;
    assert_eq!(response.value("netsession_up"), Some("0"), "{}", response.body);
    assert!(
        response.body.contains("\ndown: ") || response.body.contains("\n127.0.0.1:1: "),
        "{}",
        response.body
    );
    assert_eq!(running.get("/probe?target=other&debug=true").await.status(), "403");
    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_queries_total"), Some("3"));
}

/// A debug probe shares no result and no connection. Without a limit, a client of the exporter could cause any number of
/// log-ons to a server.
#[tokio::test]
async fn debug_probes_are_one_at_a_time() {
    let mut scenario = scenario::shipped("windows").unwrap();
    scenario.delay_ms = 700;
    let (address, server) = double_of(scenario);
    let running = start(one_target(&address, "Passw0rd!")).await;
    let path = "/probe?target=fs1&debug=true";
    let probes = tokio::join!(running.get(path), running.get(path), running.get(path));
    let probes = [probes.0, probes.1, probes.2];
    let busy = probes.iter().filter(|response| response.status() == "503").count();
    assert_eq!((busy, server.host().traffic().log_ons()), (2, 1));
    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_refused_total{reason=\"busy\"}"), Some("2"));
    assert_eq!(running.get(path).await.status(), "200", "the next one has its turn");
}

/// What is refused at once is refused for the debug log as well: it tries no blocked account.
#[tokio::test]
async fn debug_probe_keeps_to_the_guard() {
    let (address, _server) = double("windows");
    let running = start(one_target(&address, "hunter2")).await;
    assert_eq!(
        running.get("/probe?target=fs1").await.value("netsession_error{kind=\"logon_refused\"}"),
        Some("1")
    );
    let response = running.get("/probe?target=fs1&debug=true").await;
    assert_eq!(response.value("netsession_error{kind=\"logon_blocked\"}"), Some("1"), "{}", response.body);
    assert!(
        response.body.contains("0xc000006d") || response.body.contains("LOGON_FAILURE"),
        "{}",
        response.body
    );
    // Advice for an exporter, which goes on, and not for the library or a command that is started again.
    let page = running.get("/").await;
    for text in [&response.body, &page.body] {
        assert!(text.contains("reload the exporter by SIGHUP") || cfg!(windows), "{text}");
        assert!(!text.contains("start again") && !text.contains("allow_again"), "{text}");
    }
}

/// Probes of a target go over one connection: each is one round trip, without a log-on.
#[tokio::test]
async fn kept_connection_is_one_round_trip_without_a_log_on() {
    let (double, server) = double("windows");
    let (address, closed) = close_counter(&double).await;
    let traffic = || server.host().traffic();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_address = silent.local_addr().unwrap().to_string();
    let settings = || {
        let targets = [("fs1", &address), ("silent", &silent_address)];
        let targets = targets.map(|(name, address)| target(name, address, credentials("Passw0rd!")));
        with(Settings::default(), |settings| {
            settings.targets = targets.into();
            settings.timeout = Duration::from_secs(600);
        })
    };
    let running = start(settings()).await;
    let first = running.get("/probe?target=fs1").await;
    assert_eq!(first.value("netsession_own_sessions"), Some("1"), "{}", first.body);
    assert!(first.value("netsession_probe_duration_seconds{phase=\"authenticate\"}").is_some());
    let frames = traffic().frames();
    for number in 1..=5 {
        let response = running.get("/probe?target=fs1").await;
        assert_eq!(response.value("netsession_sessions"), Some("5"), "{}", response.body);
        assert_eq!(response.value("netsession_own_sessions"), Some("1"), "{}", response.body);
        assert_eq!(traffic().frames(), frames + number, "one round trip each");
        let phase =
            |phase| response.value(&format!("netsession_probe_duration_seconds{{phase=\"{phase}\"}}"));
        assert!(phase("enumerate").is_some() && phase("authenticate").is_none(), "{}", response.body);
    }
    assert_eq!((traffic().connections(), traffic().log_ons()), (1, 1));
    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_kept_connections"), Some("1"));
    // The log of a probe is that of a connection of its own.
    running.get("/probe?target=fs1&debug=true").await;
    assert_eq!((traffic().connections(), traffic().log_ons()), (2, 2));
    running.get("/probe?target=fs1").await;
    assert_eq!(traffic().log_ons(), 2);

    // A reload closes it: the new configuration may have other credentials. A probe that is still running does not hold it.
    until(&closed, 1, "that of the probe for its log").await;
    let mut hanging = TcpStream::connect(running.address).await.unwrap();
    hanging.write_all(b"GET /probe?target=silent HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let _asked = silent.accept().await.unwrap();
    running.exporter.reload(settings());
    until(&closed, 2, "the server sees the end of the kept connection, without a further probe").await;
    let own = running.get("/metrics").await;
    assert_eq!(own.value("netsession_exporter_kept_connections"), Some("0"));
    running.get("/probe?target=fs1").await;
    assert_eq!((traffic().log_ons(), closed.load(Ordering::SeqCst)), (3, 2));
}

#[tokio::test]
async fn connections_are_not_kept_where_that_is_off_or_there_are_too_many() {
    let ((one, first), (other, second)) = (double("windows"), double("windows"));
    let targets = || {
        vec![target("fs1", &one, credentials("Passw0rd!")), target("fs2", &other, credentials("Passw0rd!"))]
    };
    let probe_twice = async |settings: Settings| {
        let before = [first.host().traffic().log_ons(), second.host().traffic().log_ons()];
        let timeout = Duration::from_secs(60);
        let running = start(with(settings, |settings| {
            settings.targets = targets();
            settings.timeout = timeout;
        }))
        .await;
        for target in ["fs1", "fs2", "fs1", "fs2"] {
            let response = running.get(&format!("/probe?target={target}")).await;
            assert_eq!(response.value("netsession_up"), Some("1"), "{}", response.body);
        }
        let after = [first.host().traffic().log_ons(), second.host().traffic().log_ons()];
        (after[0] - before[0], after[1] - before[1])
    };
    assert_eq!(
        probe_twice(with(Settings::default(), |settings| settings.keep_connections = false)).await,
        (2, 2)
    );
    assert_eq!(probe_twice(with(Settings::default(), |settings| settings.max_connections = 1)).await, (1, 2));
    assert_eq!(probe_twice(Settings::default()).await, (1, 1));
}

/// The server has closed the connection, its session has expired, or it is silent: the same probe connects again.
#[tokio::test]
async fn connection_that_is_gone_is_made_again_within_the_probe() {
    const NETWORK_SESSION_EXPIRED: u32 = 0xC000_035C;
    const USER_SESSION_DELETED: u32 = 0xC000_0203;
    for kind in [
        FaultKind::Close,
        FaultKind::Stall,
        FaultKind::Status(NETWORK_SESSION_EXPIRED),
        FaultKind::Status(USER_SESSION_DELETED),
    ] {
        let fault = Fault::new(Step::Enumerate, kind.clone()).after(1).times(1);
        let (address, server) = double_of(scenario::shipped("windows").unwrap().with_fault(fault));
        // A silent connection takes half of it.
        let settings =
            with(one_target(&address, "Passw0rd!"), |settings| settings.timeout = Duration::from_secs(30));
        let running = start(settings).await;
        // The fault is at the second question of each connection.
        for number in 0..2 {
            let response = running.get("/probe?target=fs1").await;
            assert_eq!(response.value("netsession_up"), Some("1"), "{kind:?} {number}: {}", response.body);
        }
        let traffic = server.host().traffic();
        assert_eq!((traffic.connections(), traffic.log_ons()), (2, 2), "{kind:?}");
    }
}

/// With Kerberos a server ends a session when its ticket does: every few probes one log-on, and no probe fails. With open
/// files it can be between the two questions of a probe.
#[tokio::test]
async fn expired_session_is_one_log_on_and_no_failed_probe() {
    const NETWORK_SESSION_EXPIRED: u32 = 0xC000_035C;
    for (is_with_files, log_ons_after_each_probe) in
        [(false, [1, 1, 1, 2, 2, 2, 3, 3, 3]), (true, [1, 2, 2, 3, 4, 4, 5, 6, 6])]
    {
        // Every connection answers three questions.
        let expires = Fault::new(Step::Enumerate, FaultKind::Status(NETWORK_SESSION_EXPIRED)).after(3);
        let (address, server) = double_of(scenario::shipped("windows").unwrap().with_fault(expires));
        let settings = one_target(&address, "Passw0rd!");
        let running = start(with(settings, |settings| settings.files = is_with_files)).await;
        for (number, log_ons) in log_ons_after_each_probe.into_iter().enumerate() {
            let response = running.get("/probe?target=fs1").await;
            assert_eq!(response.value("netsession_sessions"), Some("5"), "{number}: {}", response.body);
            let locks = response.value("netsession_file_locks");
            assert_eq!(locks.is_some(), is_with_files, "{number}: {}", response.body);
            assert_eq!(server.host().traffic().log_ons(), log_ons, "{is_with_files} {number}");
        }
        let own = running.get("/metrics").await;
        assert_eq!(own.value("netsession_exporter_blocked_accounts"), Some("0"));
        assert_eq!(own.value("netsession_exporter_kept_connections"), Some("1"));
    }
}

/// The sessions that are refused are refused over the same connection again.
#[tokio::test]
async fn refusal_keeps_the_connection() {
    let (address, server) =
        double_of(FILE_SERVER.replace("administrator = true", "administrator = false").parse().unwrap());
    let running = start(one_target(&address, "Passw0rd!")).await;
    for _ in 0..3 {
        let response = running.get("/probe?target=fs1").await;
        assert_eq!(
            response.value("netsession_error{kind=\"access_denied\"}"),
            Some("1"),
            "{}",
            response.body
        );
    }
    assert_eq!(server.host().traffic().log_ons(), 1);
}
