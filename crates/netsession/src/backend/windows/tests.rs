//! What cannot be seen from outside of a process. They need the `netapi32.dll` of `interop/wine` in place of
//! the real one, which `cargo xtask test` arranges under Wine; whatever else runs them must leave them out.

mod double;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use netsession_proto::srvs::{self, SessionEnumRequest};

use super::netapi::session_enum;
use crate::system_call::SystemCall as _;
use crate::{Backend, Connections, ErrorKind, Level, ServerMemory, blocking};
use double::{Counts, release};

/// Of a question whose call is held until the test has seen that it failed: the call must have begun within it.
const DEADLINE: Duration = Duration::from_secs(5);
/// For an effect of another thread.
const PATIENCE: Duration = Duration::from_secs(60);

fn client(server: &str, timeout: Duration) -> blocking::Client {
    blocking::Client::builder(server).backend(Backend::Windows).timeout(timeout).connect().unwrap()
}

fn request(server: &str, level: srvs::Level) -> SessionEnumRequest {
    SessionEnumRequest { server: Some(format!(r"\\{server}")), ..SessionEnumRequest::new(level) }
}

/// Waits for an effect of a detached thread.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "needs the double"]
fn a_panic_frees_the_buffer() {
    let server = "paged-panic";
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _answer = session_enum(&request(server, srvs::Level::L502)).unwrap();
        assert_eq!(Counts::for_server(server).live, 1);
        panic!("while the buffer is held");
    }));
    assert!(panicked.is_err());
    assert_eq!(Counts::for_server(server), Counts { calls: 1, ..Counts::default() });
}

#[test]
#[ignore = "needs the double"]
fn what_is_read_outlives_the_buffer() {
    let answer = request("table-copies", srvs::Level::L2).call(6).unwrap().unwrap();
    assert_eq!(Counts::for_server("table-copies").live, 0);
    assert_eq!((answer.sessions.len(), answer.sessions[0].user.as_deref()), (6, Some("alice")));
}

#[test]
#[ignore = "needs the double"]
fn the_deadline_ends_the_wait_and_not_the_clean_up() {
    let server = "held-blocking";
    let client = client(server, DEADLINE);
    for asked in 1..=2 {
        let error = client.sessions().list().unwrap_err();
        let Counts { calls, returned, .. } = Counts::for_server(server);
        assert_eq!((calls, returned), (asked, asked - 1), "waited for the call");
        assert_eq!((error.kind(), error.server()), (ErrorKind::TimedOut, Some(server)));
        // What was abandoned comes to its end, and leaves nothing behind.
        release(server);
        eventually("the end of the call", || Counts::for_server(server).returned == asked);
        eventually("an empty heap", || Counts::for_server(server).live == 0);
    }
    assert_eq!(Counts::for_server(server).calls, 2);
}

#[test]
#[ignore = "needs the double"]
fn an_abandoned_question_asks_for_no_further_page() {
    let server = "heldpages-abandoned";
    let listed = thread::scope(|scope| {
        let question = scope.spawn(|| client(server, DEADLINE).sessions().list());
        release(server);
        eventually("the second call", || Counts::for_server(server).calls == 2);
        question.join().unwrap()
    });
    assert_eq!(listed.unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(Counts::for_server(server).returned, 1, "waited for the second page");
    // The third page would follow at once.
    release(server);
    eventually("the end of the thread that asks", || Counts::for_server(server).ended_threads == 1);
    let counts = Counts { calls: 2, returned: 2, ended_threads: 1, ..Counts::default() };
    assert_eq!(Counts::for_server(server), counts);
}

#[test]
#[ignore = "needs the double"]
fn limits_are_those_of_the_builder() {
    let limited = |server: &str, entries, pages| {
        let builder = blocking::Client::builder(server).max_entries(entries).max_pages(pages);
        builder.connect().unwrap().sessions().list().map(|listing| listing.len())
    };
    assert_eq!(limited("paged-fits", 6, 3).unwrap(), 6);
    assert_eq!(limited("paged-entries", 5, 3).unwrap_err().kind(), ErrorKind::Limit);
    assert_eq!(limited("paged-pages", 6, 2).unwrap_err().kind(), ErrorKind::Limit);
    assert_eq!((Counts::for_server("paged-fits").calls, Counts::for_server("paged-pages").calls), (3, 2));
    for server in ["paged-fits", "paged-entries", "paged-pages"] {
        assert_eq!(Counts::for_server(server).live, 0, "{server}");
    }
}

#[test]
#[ignore = "needs the double"]
fn a_client_can_be_asked_again_and_tells_what_it_knows() {
    let client = client("level1-again", Duration::from_secs(10));
    assert_eq!(client.negotiated(), None);
    let error = client.sessions().level(Level::L502).list().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LevelNotSupported);
    let listing = client.sessions().level(Level::L10).user("lab\\BOB").list().unwrap();
    assert_eq!((listing.level(), listing.asked_level(), listing.own()), (Level::L10, Level::L1, None));
    assert_eq!((listing.len(), listing.sessions()[0].user()), (1, Some(r"LAB\bob")));
}

#[test]
#[ignore = "needs the double"]
fn the_level_is_remembered_until_the_server_refuses_it() {
    let memory = ServerMemory::default();
    // As each run of a `Fleet` and each probe of the exporter: a client of its own.
    let list = |server: &str| {
        let client = blocking::Client::builder(server).backend(Backend::Windows).memory(&memory);
        let before = Counts::for_server(server).calls;
        let listed = client.connect().unwrap().sessions().list();
        (listed.map(|listing| listing.asked_level()), Counts::for_server(server).calls - before)
    };
    for (server, level) in [("level1-memory", Level::L1), ("opentoall-memory", Level::L10)] {
        let name = server.parse().unwrap();
        let (first, calls) = list(server);
        assert_eq!((first.unwrap(), memory.level(&name)), (level, level), "{server}");
        assert!(calls > 1, "{server}: begins with the most");
        let (second, calls) = list(server);
        assert_eq!((second.unwrap(), calls), (level, 1), "{server}");
    }
    // Access denied is an answer of the server, and a path that is not found is none.
    for (server, kind, kept) in [
        ("code-5-memory", ErrorKind::AccessDenied, Level::Auto),
        ("code-53-memory", ErrorKind::Connect, Level::L1),
    ] {
        let name = server.parse().unwrap();
        memory.remember_level(&name, Level::L1);
        let (refused, _) = list(server);
        assert_eq!((refused.unwrap_err().kind(), memory.level(&name)), (kind, kept), "{server}");
    }
}

/// No command lists connections.
#[test]
#[ignore = "needs the double"]
fn connections_are_copied_page_by_page() {
    let server = "paged-connections";
    let client = client(server, Duration::from_secs(20));
    let listing = client.ask(&Connections::Share("files".into())).unwrap();
    let rows: Vec<_> =
        listing.iter().map(|row| (&*row.user, &*row.name, row.opens, row.connected.as_secs())).collect();
    // Above 2^31 seconds a time is none.
    assert_eq!(rows, [("alice", "10.0.0.5", 3, 3600), ("", "田", 0, 0)]);
    assert_eq!(Counts::for_server(server), Counts { calls: 2, ..Counts::default() });
    let error = client.ask(&Connections::Share("nothing".into())).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Status, Some(2310)));
    assert_eq!(Counts::for_server(server).live, 0);
}

#[test]
#[ignore = "needs the double"]
fn a_name_with_a_nul_is_not_cut() {
    let client = client("table-nul", Duration::from_secs(10));
    let error = client.sessions().user("alice\0x").list().unwrap_err();
    assert_eq!((error.kind(), Counts::for_server("table-nul").calls), (ErrorKind::InvalidRequest, 0));
}

#[cfg(feature = "tokio")]
mod on_tokio {
    use super::*;
    use crate::Client;

    async fn connected(server: &str, timeout: Duration) -> Client {
        Client::builder(server).timeout(timeout).connect().await.unwrap()
    }

    /// Waits until a call has begun.
    async fn called(server: &str) {
        let begin = Instant::now();
        while Counts::for_server(server).calls == 0 {
            assert!(begin.elapsed() < PATIENCE, "no call");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    #[ignore = "needs the double"]
    fn the_runtime_goes_on_during_the_call_and_ends_without_it() {
        let server = "held-async";
        let runtime = runtime();
        runtime.block_on(async {
            let client = connected(server, DEADLINE).await;
            let ticks = async {
                called(server).await;
                tokio::time::sleep(Duration::from_millis(10)).await;
                assert_eq!(Counts::for_server(server).returned, 0, "the call held up the runtime");
            };
            let (listed, ()) = tokio::join!(client.sessions().list(), ticks);
            assert_eq!(listed.unwrap_err().kind(), ErrorKind::TimedOut);
        });
        drop(runtime);
        assert_eq!(Counts::for_server(server).returned, 0, "the end waited for the call");
        release(server);
        eventually("the end of the call", || Counts::for_server(server).returned == 1);
        eventually("an empty heap", || Counts::for_server(server).live == 0);
    }

    #[test]
    #[ignore = "needs the double"]
    fn a_dropped_question_asks_for_no_further_page() {
        let server = "heldpages-dropped";
        runtime().block_on(async {
            let client = connected(server, Duration::from_secs(60)).await;
            tokio::select! {
                listed = client.sessions().list() => panic!("{listed:?}, while the first page is held"),
                () = called(server) => {}
            }
        });
        release(server);
        eventually("the end of the thread that asks", || Counts::for_server(server).ended_threads == 1);
        let counts = Counts { calls: 1, returned: 1, ended_threads: 1, ..Counts::default() };
        assert_eq!(Counts::for_server(server), counts);
    }

    #[test]
    #[ignore = "needs the double"]
    fn both_apis_list_the_same() {
        runtime().block_on(async {
            let client = connected("paged-both", Duration::from_secs(10)).await;
            let listing = client.sessions().list().await.unwrap();
            assert_eq!(
                listing,
                super::client("paged-both", Duration::from_secs(10)).sessions().list().unwrap()
            );
            assert_eq!((listing.len(), listing.pages()), (6, 3));
        });
    }
}
