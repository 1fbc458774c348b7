//! What a server says it is: NetrServerGetInfo, on the same pipe as NetrSessionEnum.

use netsession_proto::client::{Cause, Config, Refusal};
use netsession_proto::erref::Win32Error;
use netsession_proto::query::OneCall;
use netsession_proto::srvs::ServerGetInfoRequest;
use netsession_testserver::scenario::shipped;

use crate::talk::{Question, talk_about};

/// What is it, at this level?
struct Info(u32);

impl Question for Info {
    type Query = OneCall<ServerGetInfoRequest>;

    fn query(&self, config: &Config) -> Self::Query {
        let server = Some(format!(r"\\{}", config.server));
        OneCall(ServerGetInfoRequest { server, level: self.0 })
    }
}

#[test]
fn info_takes_five_round_trips_and_has_the_servers_own_name() {
    let mut scenario = shipped("windows").unwrap();
    scenario.server.name = "REALLY".into();
    let outcome = talk_about(&scenario, Info(101)).login("alice", "Wonderland1").run();
    let [response] = outcome.rows() else { panic!("{outcome:?}") };
    let info = response.info.as_ref().unwrap();
    assert_eq!((info.name.as_str(), info.version), ("REALLY", (10, 0)));
    assert_eq!(info.comment, scenario.description);
    assert_eq!(outcome.traffic.round_trips, 5);
}

#[test]
fn a_level_that_is_refused_leaves_the_connection_good() {
    let outcome = talk_about(&shipped("samba").unwrap(), Info(599)).then_asking(Info(101)).run();
    let failure = outcome.listings[0].1.as_ref().unwrap_err();
    assert_eq!(failure.cause, Cause::Refused(Refusal::Code(Win32Error::INVALID_LEVEL)));
    assert!(outcome.listings[1].1.is_ok());
}
