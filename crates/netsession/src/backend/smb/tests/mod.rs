//! Both drivers against what is no server, or one that does not answer.

mod log_on;
mod refusing_server;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use netsession_testserver::Server;
use netsession_testserver::scenario::{Fault, FaultKind, Step as ServerStep, shipped};

use crate::error::{LocalError, ResolveError, Step};
use crate::logon_guard::Guard;
use crate::resolve::Resolve;
use crate::settings::Settings;
use crate::{Account, Credentials, Error, ErrorKind, Password, blocking};

/// Says nothing for ten minutes, as a resolver does whose name servers are gone.
#[derive(Debug)]
struct Silent;

impl Resolve for Silent {
    fn resolve(&self, _: &str, _: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        thread::sleep(FOREVER);
        Ok(Vec::new())
    }
}

#[derive(Debug)]
struct Fails;

impl Resolve for Fails {
    fn resolve(&self, _: &str, _: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        Err(ResolveError::NotFound("name or service not known".into()))
    }
}

/// What waited for a peer that waits so long would take as long.
const FOREVER: Duration = Duration::from_secs(600);
/// For peers that answer, on a machine that is busy with other work.
const PATIENT: Duration = Duration::from_secs(120);
/// For peers that do not.
const SHORT: Duration = Duration::from_secs(1);
/// For an end at a deadline of a second, on a machine that is busy with other work.
const LATE: Duration = Duration::from_secs(30);

/// What comes of a connect with these settings, and how long it took, in the given manner.
type Connect = fn(&str, fn(&mut Settings)) -> (Error, Duration);

fn connect_blocking(server: &str, change: fn(&mut Settings)) -> (Error, Duration) {
    let begun = Instant::now();
    let client = blocking::Client::builder(server)
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("secret")))
        .timeout(PATIENT)
        .with_settings(|settings| settings.guard = Arc::<Guard>::default())
        .with_settings(change)
        .connect();
    (client.unwrap_err(), begun.elapsed())
}

#[cfg(feature = "tokio")]
fn connect_async(server: &str, change: fn(&mut Settings)) -> (Error, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let begun = Instant::now();
    let client = crate::Client::builder(server)
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("secret")))
        .timeout(PATIENT)
        .with_settings(|settings| settings.guard = Arc::<Guard>::default())
        .with_settings(change)
        .connect();
    let error = runtime.block_on(client).unwrap_err();
    // The end of the runtime belongs to it: nothing may be left that it would wait for.
    drop(runtime);
    (error, begun.elapsed())
}

const MANNERS: &[Connect] = &[
    connect_blocking,
    #[cfg(feature = "tokio")]
    connect_async,
];

/// A listener that treats each connection in this way, in threads of its own.
fn server(treat: fn(std::net::TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || treat(stream));
        }
    });
    address
}

#[test]
fn a_silent_resolver_does_not_hold_up_the_deadline() {
    for connect in MANNERS {
        let (error, took) = connect("fs1", |settings| {
            settings.resolver = Arc::new(Silent);
            settings.timeout = SHORT;
        });
        assert_eq!((error.kind(), error.step()), (ErrorKind::TimedOut, Some(Step::Resolve)));
        assert_eq!(error.to_string(), "fs1: resolve: timed out");
        assert!(took < LATE, "{took:?}");
    }
}

#[test]
fn a_name_that_does_not_resolve() {
    for connect in MANNERS {
        let (error, _) = connect("fs1:4455", |settings| settings.resolver = Arc::new(Fails));
        assert_eq!((error.kind(), error.server()), (ErrorKind::Resolve, Some("fs1:4455")));
        assert_eq!(error.to_string(), "fs1:4455: resolve: name or service not known");
        assert!(!error.is_retryable());
    }
}

#[derive(Debug)]
struct NoNameServer;

impl Resolve for NoNameServer {
    fn resolve(&self, _: &str, _: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        // The words of musl, which are others than those of glibc.
        Err(ResolveError::Temporary("try again".into()))
    }
}

#[test]
fn temporary_failure_of_the_resolver_is_retryable() {
    for connect in MANNERS {
        let (error, _) = connect("fs1", |settings| settings.resolver = Arc::new(NoNameServer));
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Resolve, "fs1: resolve: try again")
        );
        assert!(error.is_retryable());
    }
}

#[derive(Debug)]
struct NoDescriptors;

impl Resolve for NoDescriptors {
    fn resolve(&self, _: &str, _: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        // EMFILE and WSAEMFILE
        let error = std::io::Error::from_raw_os_error(if cfg!(windows) { 10_024 } else { 24 });
        Err(ResolveError::Local(LocalError::from_io(&error).unwrap()))
    }
}

#[test]
fn a_resolver_without_descriptors_says_nothing_of_the_name() {
    for connect in MANNERS {
        let (error, _) = connect("fs1", |settings| settings.resolver = Arc::new(NoDescriptors));
        assert_eq!((error.kind(), error.step()), (ErrorKind::Local, Some(Step::Resolve)), "{error}");
    }
}

#[test]
fn a_port_that_refuses() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for connect in MANNERS {
        let (error, _) = connect(&address, |_| {});
        assert_eq!(error.to_string(), format!("{address}: connect: refused ({address})"));
    }
}

#[test]
fn a_server_that_swallows() {
    let address = server(|stream| {
        thread::sleep(FOREVER);
        drop(stream);
    });
    for connect in MANNERS {
        // On a busy machine the steps before take a part of it.
        let (error, took) = connect(&address, |settings| settings.timeout = SHORT * 10);
        assert_eq!(error.to_string(), format!("{address}: negotiate: timed out"));
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(took < LATE, "{took:?}");
    }
}

#[test]
fn a_server_that_closes_without_a_word() {
    let address = server(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
    });
    for connect in MANNERS {
        let (error, _) = connect(&address, |_| {});
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        let text = format!("{address}: negotiate: the server closed the connection before it answered");
        assert_eq!(error.to_string(), text);
        assert!(error.is_retryable());
    }
}

/// Samba's answer to a host that `hosts deny` names; it closes the connection after it.
#[test]
fn a_server_that_denies_this_host() {
    for (code, words) in [
        (0x80, "does not listen on the NetBIOS name"),
        (0x81, "this machine may not connect to that server (hosts allow, hosts deny)"),
        (0x82, "does not have the NetBIOS name"),
        (0x83, "no resources for another connection"),
        (0x8f, "refused the connection without a reason"),
    ] {
        let scenario = shipped("samba").unwrap();
        let fault = Fault::new(ServerStep::Negotiate, FaultKind::SessionRefused(code));
        let (address, _server) = Server::start(scenario.with_fault(fault)).unwrap();
        for connect in MANNERS {
            let (error, _) = connect(&address.to_string(), |_| {});
            assert_eq!(error.kind(), ErrorKind::HostDenied, "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[test]
fn a_flood_of_keep_alives_costs_the_deadline() {
    for step in [ServerStep::Negotiate, ServerStep::Bind] {
        let scenario = shipped("samba").unwrap();
        let fault = Fault::new(step, FaultKind::KeepAlivesWithoutEnd(0));
        let (address, _server) = Server::start(scenario.with_fault(fault)).unwrap();
        for connect in MANNERS {
            let (error, took) = connect(&address.to_string(), |settings| {
                let account = Account::new("admin").in_domain("LAB");
                settings.credentials = Some(Credentials::ntlm(account, Password::new("Passw0rd!")));
                settings.timeout = SHORT;
            });
            assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
            assert!(took < LATE, "{took:?}");
        }
    }
}

/// As the server's `max smbd processes` does it.
#[test]
fn a_server_that_resets_before_it_answers() {
    let scenario = shipped("samba").unwrap();
    let fault = Fault::new(ServerStep::Negotiate, FaultKind::Reset);
    let (address, _server) = Server::start(scenario.with_fault(fault)).unwrap();
    for connect in MANNERS {
        let (error, _) = connect(&address.to_string(), |_| {});
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        // Under Wine a reset can look like an end.
        let (text, ended) = (error.to_string(), "the server closed the connection before it answered");
        let is_end = cfg!(windows) && text.ends_with(ended);
        assert!(text.ends_with("the connection was reset before the server answered") || is_end, "{text}");
    }
}

#[test]
fn web_server_is_no_smb_server() {
    let address = server(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    for connect in MANNERS {
        let (error, _) = connect(&address, |_| {});
        assert_eq!(error.kind(), ErrorKind::NotSmb, "{error}");
        assert!(error.to_string().contains("HTTP/1.1"), "{error}");
    }
}

/// An abandoned connect leaves no socket open: the server sees the end of the connection.
#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_dropped_future_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (heard, mut hears) = tokio::sync::oneshot::channel();
    let ended = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENT)).unwrap();
        assert!(stream.read(&mut [0; 16]).unwrap() > 0);
        heard.send(()).unwrap();
        stream.read_to_end(&mut Vec::new())
    });
    let connect = crate::Client::builder(address)
        .credentials(Credentials::ntlm(Account::new("admin"), Password::new("")))
        .timeout(FOREVER)
        .connect();
    tokio::select! {
        biased;
        heard = &mut hears => heard.unwrap(),
        ended = connect => panic!("nothing answered: {:?}", ended.err()),
    }
    ended.join().unwrap().unwrap();
}

#[test]
fn what_is_wrong_before_the_first_packet() {
    type Case = (&'static str, fn(&mut Settings), &'static str);
    let cases: [Case; 6] = [
        ("", |_| {}, ": the name of the server is empty"),
        (r"\\fs1\share", |_| {}, r"\\fs1\share: a server is wanted, not the path of a share"),
        (
            "fs1",
            |settings| {
                settings.backend = crate::Backend::Smb;
                settings.credentials = None;
            },
            "fs1: no credentials",
        ),
        (
            "fs1",
            |settings| {
                settings.credentials =
                    Some(Credentials::ntlm(Account::new("").in_domain("LAB"), Password::new("")))
            },
            "fs1: the user name is empty",
        ),
        ("fs1", |settings| settings.timeout = Duration::ZERO, "fs1: a timeout of zero"),
        (
            "fs1",
            |settings| {
                settings.connection.min_dialect = Some(crate::Dialect::Smb311);
                settings.connection.max_dialect = Some(crate::Dialect::Smb302);
            },
            "fs1: the lowest dialect is above the highest",
        ),
    ];
    for connect in MANNERS {
        for (server, change, text) in cases {
            let (error, _) = connect(server, change);
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidRequest, text));
            assert_eq!(error.step(), None);
        }
    }
}

#[test]
fn this_machine_cannot_be_asked_over_the_wire() {
    let smb = crate::Backend::Smb;
    let errors = [
        blocking::Client::this_machine().backend(smb).connect().unwrap_err(),
        #[cfg(feature = "tokio")]
        crate::Client::this_machine().backend(smb).plan(Instant::now()).unwrap_err(),
    ];
    for error in errors {
        let text = "localhost: only Windows can be asked about this machine without a name: name the server";
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidRequest, text));
    }
}

#[test]
fn a_blocked_account_is_told_before_the_first_packet() {
    use crate::logon_guard::{LogOnResult, Peer, Reason, Standing};
    for connect in MANNERS {
        let (error, _) = connect("fs2", |settings| {
            let account = settings.credentials.as_ref().unwrap().account();
            let secret = settings.credentials.as_ref().unwrap().secret();
            let fs1 = Peer::Server("fs1".parse().unwrap());
            let mut permit = settings.guard.queue(account, &secret, fs1, Duration::from_secs(1)).unwrap();
            assert_eq!(permit.poll(std::task::Waker::noop(), Instant::now()), Standing::Go);
            let reason = Reason::Status(netsession_proto::erref::NtStatus::LOGON_FAILURE);
            permit.end(LogOnResult::Refused(reason));
        });
        assert_eq!((error.kind(), error.code()), (ErrorKind::LogOnBlocked, Some(0xC000_006D)));
        assert_eq!(
            error.to_string(),
            r"fs2: log-on as LAB\admin: not tried, because fs1 refused this account (STATUS_LOGON_FAILURE 0xC000006D)"
        );
    }
}
