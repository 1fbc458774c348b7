//! Calls, the host that they work on, and the faults of their answers.

use netsession_proto::rpce::{Fault, FaultStatus, Pdu};
use netsession_proto::smb2::Dialect;
use netsession_proto::srvs::{Level, RpcCall as _, SessionEnumRequest, SessionEnumResponse, SessionInfo};
use netsession_testserver::core::answer_call;
use netsession_testserver::scenario::{Fault as Misbehaviour, FaultKind, Step};
use netsession_testserver::{Caller, Host, Server};

use crate::raw::{Raw, bind, call, scenario, sessions};

const BUSY: u32 = 0x1c01_0014;

/// A connection with a bound pipe, and how many sessions a call on it lists.
fn count(raw: &mut Raw) -> usize {
    let pipe = raw.open("srvsvc").unwrap();
    raw.transceive(pipe, &bind());
    sessions(&raw.transceive(pipe, &call(2, SessionEnumRequest::OPNUM)))
}

fn connected(host: &Host) -> Raw {
    let mut raw = Raw::on_host(host.clone(), Dialect::Smb210);
    raw.negotiate();
    raw.log_on();
    raw.connect("IPC$");
    raw
}

fn session(user: &str) -> SessionInfo {
    SessionInfo { client: "10.0.0.99".to_owned(), user: Some(user.to_owned()), ..SessionInfo::default() }
}

#[test]
fn sessions_change_while_a_connection_is_open() {
    let host = Host::from(scenario());
    let (mut first, mut second) = (connected(&host), connected(&host));
    assert_eq!((count(&mut first), count(&mut second)), (3, 3));
    host.sessions().add(session("dave"));
    assert_eq!((count(&mut first), count(&mut second)), (4, 4));
    assert_eq!(host.sessions().remove(|session| session.user.as_deref() == Some("alice")), 1);
    assert_eq!(host.sessions().remove(|session| session.user.as_deref() == Some("alice")), 0);
    assert_eq!(count(&mut first), 3);
    host.sessions().replace(vec![session("erin")]);
    assert_eq!((count(&mut first), count(&mut second)), (1, 1));
    assert_eq!(host.scenario().sessions().len(), 3, "the scenario stays as it is");
}

#[test]
fn sessions_of_a_running_server_change_through_its_handle() {
    let (_, handle) = Server::start(scenario()).unwrap();
    let mut raw = connected(handle.host());
    handle.host().sessions().add(session("dave"));
    assert_eq!(count(&mut raw), 4);
}

#[test]
fn host_answers_calls_without_a_connection() {
    let host = Host::from(scenario());
    let list = |administrator| {
        let caller = Caller { administrator, ..Caller::default() };
        let request = SessionEnumRequest::new(Level::L1);
        let stub = answer_call(&host, &caller, SessionEnumRequest::OPNUM, &request.encode()).unwrap();
        SessionEnumResponse::decode(&stub, Level::L1, 100).unwrap()
    };
    assert_eq!((list(true).sessions.len(), list(false).sessions.len()), (3, 0));
    let unknown = answer_call(&host, &Caller::default(), 99, &[]);
    assert_eq!(unknown, Err(FaultStatus::OP_RNG_ERROR));
}

#[test]
fn rpc_fault_of_the_scenario_answers_any_call() {
    let fault = Misbehaviour::new(Step::Enumerate, FaultKind::RpcFault(BUSY)).times(2);
    let mut raw = Raw::logged_on(scenario().with_fault(fault), Dialect::Smb210);
    raw.connect("IPC$");
    let pipe = raw.open("srvsvc").unwrap();
    raw.transceive(pipe, &bind());
    for opnum in [28, SessionEnumRequest::OPNUM] {
        let answer = Fault::decode(&raw.transceive(pipe, &call(2, opnum))).unwrap();
        assert_eq!(answer.status, FaultStatus(BUSY), "{opnum}");
    }
    assert_eq!(sessions(&raw.transceive(pipe, &call(3, SessionEnumRequest::OPNUM))), 3);
}

#[test]
fn rpc_fault_of_the_scenario_answers_a_bind() {
    let text = "[[fault]]\nstep = \"bind\"\ntimes = 1\nkind = { rpc-fault = 0x1C010014 }";
    let parsed: netsession_testserver::Scenario = text.parse().unwrap();
    let fault = parsed.faults()[0].clone();
    let mut raw = Raw::logged_on(scenario().with_fault(fault), Dialect::Smb210);
    raw.connect("IPC$");
    let pipe = raw.open("srvsvc").unwrap();
    let answer = Fault::decode(&raw.transceive(pipe, &bind())).unwrap();
    assert_eq!((answer.status, answer.call_id), (FaultStatus(BUSY), 1));
    // Nothing is bound, and the next bind is the first.
    let answer = Fault::decode(&raw.transceive(pipe, &call(2, SessionEnumRequest::OPNUM))).unwrap();
    assert_eq!(answer.status, FaultStatus::INVALID_PRES_CONTEXT_ID);
    assert!(matches!(Pdu::decode(&raw.transceive(pipe, &bind())), Ok(Pdu::BindAck(_))));
}
