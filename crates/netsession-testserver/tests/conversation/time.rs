//! A call beside NetrSessionEnum: NetrRemoteTOD, on the same pipe.

use netsession_proto::client::{Cause, Config, Refusal};
use netsession_proto::query::OneCall;
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::RemoteTodRequest;
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};

use crate::talk::{FILETIME, Question, talk_about};

/// What time is it?
struct Time;

impl Question for Time {
    type Query = OneCall<RemoteTodRequest>;

    fn query(&self, config: &Config) -> Self::Query {
        OneCall(RemoteTodRequest { server: Some(format!(r"\\{}", config.server)) })
    }
}

#[test]
fn time_takes_five_round_trips_and_is_that_of_the_server() {
    let mut scenario = shipped("windows").unwrap();
    scenario.server.clock_offset_seconds = -100;
    scenario.server.timezone_minutes = 60;
    let transcript = talk_about(&scenario, Time).login("alice", "Wonderland1").run();
    let [response] = transcript.rows() else { panic!("{transcript:?}") };
    let seconds = FILETIME / 10_000_000 - 11_644_473_600 - 100;
    assert_eq!(u64::from(response.time.elapsed), seconds);
    assert_eq!(u64::from(response.time.hundredths), FILETIME / 100_000 % 100);
    assert_eq!(response.time.timezone, -60, "to the west");
    assert_eq!(transcript.traffic.round_trips, 5);
}

#[test]
fn refused_call_leaves_the_connection_good() {
    let fault = Fault::new(Step::Enumerate, FaultKind::RpcFault(0x1c01_0002)).times(1);
    let scenario = shipped("samba").unwrap().with_fault(fault);
    let transcript = talk_about(&scenario, Time).then_asking(Time).run();
    let failure = transcript.listings[0].1.as_ref().unwrap_err();
    assert_eq!(failure.cause, Cause::Refused(Refusal::Fault(FaultStatus::OP_RNG_ERROR)));
    assert_eq!(failure.step.to_string(), "request for the time");
    assert!(transcript.listings[1].1.is_ok());
}
