//! One deadline, wherever the server stalls and however it plays for time.

use std::time::Duration;

use netsession_proto::client::{Cause, Step as At};
use netsession_proto::query::{Query as _, SessionQuery};
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{DialectNumber, Fault, FaultKind, Step, shipped};

use crate::talk::talk;

const TIMEOUT: Duration = Duration::from_secs(2);

const STEPS: [(Step, At); 9] = [
    (Step::Negotiate, At::Negotiate),
    (Step::Challenge, At::LogOn),
    (Step::LogOn, At::LogOn),
    (Step::TreeConnect, At::TreeConnect),
    (Step::Create, At::TreeConnect),
    (Step::Bind, At::TreeConnect),
    (Step::Validate, At::Call(SessionQuery::OPERATION)),
    (Step::Enumerate, At::Call(SessionQuery::OPERATION)),
    (Step::Read, At::Call(SessionQuery::OPERATION)),
];

fn server(fault: Fault) -> Scenario {
    let mut scenario = shipped("windows").unwrap().with_fault(fault);
    let one = scenario.sessions()[0].clone();
    scenario = scenario.with_sessions(vec![one; 300]);
    // Has a step VALIDATE, too.
    scenario.smb.dialects = vec![DialectNumber::Smb302];
    scenario
}

#[test]
fn the_deadline_holds_wherever_the_server_stalls() {
    for (step, at) in STEPS {
        let transcript = talk(&server(Fault::new(step, FaultKind::Stall))).timeout(TIMEOUT).run();
        assert_eq!(transcript.cause(), &Cause::TimedOut, "{step:?}");
        assert_eq!(transcript.elapsed, TIMEOUT, "{step:?}");
        assert_eq!(transcript.failed.unwrap().step, at, "{step:?}");
    }
}

#[test]
fn one_byte_a_second_does_not_move_it() {
    for (step, _) in STEPS {
        let transcript = talk(&server(Fault::new(step, FaultKind::ByteByByte(1000)))).timeout(TIMEOUT).run();
        assert_eq!(transcript.cause(), &Cause::TimedOut, "{step:?}");
        assert_eq!(transcript.elapsed, TIMEOUT, "{step:?}");
    }
}

#[test]
fn interim_replies_without_end_do_not_move_it() {
    for (step, _) in STEPS {
        if step == Step::Negotiate {
            continue;
        }
        let fault = Fault::new(step, FaultKind::InterimWithoutEnd(100));
        let transcript = talk(&server(fault)).timeout(TIMEOUT).run();
        assert_eq!(transcript.cause(), &Cause::TimedOut, "{step:?}");
        assert_eq!(transcript.elapsed, TIMEOUT, "{step:?}");
    }
}

#[test]
fn a_slow_server_within_the_deadline_is_waited_for() {
    for (step, _) in STEPS {
        let transcript = talk(&server(Fault::new(step, FaultKind::ByteByByte(0)))).run();
        assert_eq!(transcript.rows().len(), 300, "{step:?}");
    }
    let mut scenario = server(Fault::new(Step::Other, FaultKind::Stall));
    scenario.delay_ms = 300;
    let transcript = talk(&scenario).timeout(TIMEOUT).run();
    assert_eq!(transcript.rows().len(), 300);
    assert_eq!(
        transcript.elapsed,
        Duration::from_millis(300) * u32::try_from(transcript.traffic.round_trips).unwrap()
    );
    scenario.delay_ms = 400;
    assert_eq!(talk(&scenario).timeout(TIMEOUT).run().cause(), &Cause::TimedOut);
}
