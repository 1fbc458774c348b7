//! Open files and shares, on the same pipe: NetrFileEnum, NetrFileGetInfo, NetrFileClose, NetrSessionDel, NetrShareEnum,
//! NetrConnectionEnum.

use netsession_proto::client::{Cause, Config, Refusal, Unsupported};
use netsession_proto::erref::Win32Error;
use netsession_proto::query::{EnumQuery, OneCall};
use netsession_proto::srvs::{
    ConnectionEnumRequest, FileCloseRequest, FileEnumRequest, FileGetInfoRequest, FileLevel, RpcCall,
    SessionDelRequest, ShareEnumRequest, ShareLevel,
};
use netsession_testserver::core::answer_call;
use netsession_testserver::scenario::shipped;
use netsession_testserver::{Caller, Host, Scenario};

use crate::talk::{Question, talk_about};

struct Files;

impl Question for Files {
    type Query = EnumQuery<FileEnumRequest>;

    fn query(&self, config: &Config) -> Self::Query {
        EnumQuery::new(FileEnumRequest::new(FileLevel::L3), config.limits)
    }
}

struct Shares;

impl Question for Shares {
    type Query = EnumQuery<ShareEnumRequest>;

    fn query(&self, config: &Config) -> Self::Query {
        EnumQuery::new(ShareEnumRequest::new(ShareLevel::L2), config.limits)
    }
}

struct Connections(&'static str);

impl Question for Connections {
    type Query = EnumQuery<ConnectionEnumRequest>;

    fn query(&self, config: &Config) -> Self::Query {
        EnumQuery::new(ConnectionEnumRequest::new(self.0), config.limits)
    }
}

struct Close(u32);

impl Question for Close {
    type Query = OneCall<FileCloseRequest>;

    fn query(&self, _: &Config) -> Self::Query {
        OneCall(FileCloseRequest { server: None, id: self.0 })
    }
}

#[test]
fn open_files_take_five_round_trips() {
    for (name, files) in [("windows", 4), ("samba", 2)] {
        let scenario = shipped(name).unwrap();
        let transcript = talk_about(&scenario, Files).login("admin", "Passw0rd!").run();
        let rows = transcript.rows();
        assert_eq!(rows.len(), files, "{name}");
        assert_eq!(rows, scenario.open_files(), "{name}");
        assert_eq!(transcript.traffic.round_trips, 5, "{name}");
    }
}

#[test]
fn files_come_in_pages_with_an_opaque_handle() {
    let mut scenario: Scenario = shipped("windows").unwrap();
    scenario.files.page_size = Some(3);
    let transcript = talk_about(&scenario, Files).login("admin", "Passw0rd!").run();
    assert_eq!(transcript.rows(), scenario.open_files());
    assert_eq!(transcript.traffic.round_trips, 6);
}

#[test]
fn server_without_level_3_gives_ids() {
    let mut scenario = shipped("windows").unwrap();
    scenario.files.levels = vec![2];
    let transcript = talk_about(&scenario, Files).login("admin", "Passw0rd!").run();
    let ids: Vec<u32> = transcript.rows().iter().map(|file| file.id).collect();
    assert_eq!(ids, [16, 17, 18, 19]);
    assert!(transcript.rows().iter().all(|file| file.path.is_none()));
}

#[test]
fn ordinary_user_gets_shares_without_paths_and_no_files() {
    let scenario = shipped("windows").unwrap();
    let transcript = talk_about(&scenario, Shares).login("alice", "Wonderland1").run();
    assert_eq!(transcript.rows().len(), 6);
    assert!(transcript.rows().iter().all(|share| share.path.is_none() && share.current_uses.is_none()));
    let transcript = talk_about(&scenario, Files).login("alice", "Wonderland1").run();
    let failure = transcript.listings[0].1.as_ref().unwrap_err();
    assert_eq!(failure.cause, Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)));
    assert_eq!(failure.step.to_string(), "enumeration of open files");
}

#[test]
fn connections_of_a_share_and_of_a_computer() {
    let windows = shipped("windows").unwrap();
    let ask = |qualifier| talk_about(&windows, Connections(qualifier)).login("admin", "Passw0rd!").run();
    let names = |qualifier| -> Vec<(String, String)> {
        ask(qualifier).rows().iter().map(|row| (row.user.clone(), row.name.clone())).collect()
    };
    let expected = |user: &str, name: &str| (user.to_owned(), name.to_owned());
    assert!(names("PROJECTS").contains(&expected("alice", "10.0.0.5")), "{:?}", names("PROJECTS"));
    assert!(names(r"\\10.0.0.5").contains(&expected("alice", "projects")), "{:?}", names(r"\\10.0.0.5"));
    assert_eq!(ask("projects").traffic.round_trips, 5);
    let refused =
        |transcript: crate::talk::Transcript<_>| transcript.listings[0].1.as_ref().unwrap_err().cause.clone();
    let no_share = Cause::Refused(Refusal::Code(Win32Error::NERR_NET_NAME_NOT_FOUND));
    assert_eq!(refused(ask("nothing")), no_share);
    let by_alice = talk_about(&windows, Connections("projects")).login("alice", "Wonderland1").run();
    assert_eq!(refused(by_alice), Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)));
    // Samba's answer is not shown.
    let samba = shipped("samba").unwrap();
    let made_up = talk_about(&samba, Connections("files")).login("admin", "Passw0rd!").run();
    assert_eq!(refused(made_up), Cause::Unsupported(Unsupported::MadeUpConnections));
}

#[test]
fn closed_file_is_gone_and_a_second_close_says_so() {
    for (name, gone) in [("windows", 2314), ("samba", 2)] {
        let scenario = shipped(name).unwrap();
        let transcript =
            talk_about(&scenario, Close(16)).login("admin", "Passw0rd!").then_asking(Close(16)).run();
        assert!(transcript.listings[0].1.is_ok(), "{name}");
        let failure = transcript.listings[1].1.as_ref().unwrap_err();
        assert_eq!(failure.cause, Cause::Refused(Refusal::Code(Win32Error(gone))), "{name}");
    }
}

/// The answer of a host to a call, without a connection.
fn call<C: RpcCall>(host: &Host, request: &C) -> C::Response {
    let caller = Caller { administrator: true, ..Caller::default() };
    let stub = answer_call(host, &caller, C::OPNUM, &request.encode()).unwrap();
    request.decode_response(&stub, 100).unwrap()
}

#[test]
fn one_file_by_its_id() {
    let host = Host::from(shipped("windows").unwrap());
    let get = |id| call(&host, &FileGetInfoRequest { server: None, id, level: 3 });
    assert_eq!(get(16).info.unwrap().path.as_deref(), Some(r"D:\projects\alpha\report.xlsx"));
    assert_eq!((get(99).info, get(99).code), (None, Win32Error(2314)));
}

#[test]
fn session_ends_with_its_files_where_client_and_user_match() {
    let host = Host::from(shipped("windows").unwrap());
    let delete = |client: &str, user: &str| {
        call(&host, &SessionDelRequest { server: None, client: client.into(), user: user.into() }).0
    };
    let (sessions, files) = (host.sessions().snapshot().len(), host.files().snapshot().len());
    for (client, user) in [(r"\\10.0.0.5", "bob"), ("10.0.0.5", "alice"), ("", "")] {
        assert_eq!(delete(client, user), Win32Error::NERR_CLIENT_NAME_NOT_FOUND, "{client} {user}");
    }
    assert_eq!(host.sessions().snapshot().len(), sessions);
    assert_eq!(delete(r"\\10.0.0.5", "alice"), Win32Error::SUCCESS);
    assert_eq!(host.sessions().snapshot().len(), sessions - 1);
    assert_eq!(host.files().snapshot().len(), files - 2, "the two of alice");
}
