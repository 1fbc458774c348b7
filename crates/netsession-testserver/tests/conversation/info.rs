//! What a server says it is: NetrServerGetInfo, on the same pipe as NetrSessionEnum.

use netsession_proto::client::{Cause, Config, Refusal};
use netsession_proto::query::OneCall;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::ServerGetInfoRequest;
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};

use crate::talk::{Question, talk_about};

/// What is it, at this level?
struct Info(u32);

impl Question for Info {
    type Query = OneCall<ServerGetInfoRequest>;

    fn query(&self, config: &Config) -> Self::Query {
        let machine = Some(format!(r"\\{}", config.server));
        OneCall(ServerGetInfoRequest { machine, server: None, level: self.0 })
    }
}

#[test]
fn info_takes_five_round_trips_and_has_the_servers_own_name() {
    let mut scenario = shipped("windows").unwrap();
    scenario.server.name = "REALLY".into();
    let transcript = talk_about(&scenario, Info(101)).login("alice", "Wonderland1").run();
    let [response] = transcript.rows() else { panic!("{transcript:?}") };
    let info = response.info.as_ref().unwrap();
    assert_eq!((info.name.as_str(), info.version), ("REALLY", (10, 0)));
    assert_eq!(info.comment, scenario.description);
    assert_eq!(transcript.traffic.round_trips, 5);
}

#[test]
fn refused_call_leaves_the_connection_good() {
    let fault = Fault::new(Step::Enumerate, FaultKind::RpcFault(5)).times(1);
    let transcript =
        talk_about(&shipped("samba").unwrap().with_fault(fault), Info(101)).then_asking(Info(101)).run();
    let failure = transcript.listings[0].1.as_ref().unwrap_err();
    assert_eq!(failure.cause, Cause::Refused(Refusal::Fault(FaultStatus::ACCESS_DENIED)));
    assert_eq!(failure.step.to_string(), "request for server information");
    assert!(transcript.listings[1].1.is_ok());
}

/// What stands in an answer depends on the level: none is read at another one.
#[test]
fn answer_at_another_level_is_not_read() {
    let transcript = talk_about(&shipped("windows").unwrap(), Info(102)).run();
    assert!(matches!(transcript.cause(), Cause::Malformed(_)), "{:?}", transcript.cause());
}
