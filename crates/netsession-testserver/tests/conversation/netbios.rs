//! The NetBIOS session service that frames pass through (RFC 1002 4.3).

use std::time::Duration;

use netsession_proto::client::{Cause, Misbehaviour, SessionRefusal};
use netsession_proto::srvs::Level;
use netsession_testserver::scenario::{Encryption, Fault, FaultKind, Step, shipped};

use crate::talk::{Passed, Side, expected, talk};

const STEPS: [Step; 7] = [
    Step::Negotiate,
    Step::Challenge,
    Step::LogOn,
    Step::TreeConnect,
    Step::Create,
    Step::Bind,
    Step::Enumerate,
];

const TIMEOUT: Duration = Duration::from_secs(2);

#[test]
fn keep_alives_are_skipped_before_and_behind_each_frame() {
    for encryption in [Encryption::Off, Encryption::Required] {
        let mut scenario = shipped("samba").unwrap();
        for step in STEPS.into_iter().chain([Step::Validate, Step::Read]) {
            scenario = scenario.with_fault(Fault::new(step, FaultKind::KeepAlive));
        }
        scenario.smb.encryption = encryption;
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{encryption:?}");
        assert_eq!((transcript.traffic.round_trips, transcript.traffic.reconnects), (5, 0), "{encryption:?}");
    }
}

#[test]
fn keep_alives_do_not_extend_the_deadline() {
    for step in STEPS {
        for pause in [0, 100] {
            let scenario = shipped("windows").unwrap();
            let scenario = scenario.with_fault(Fault::new(step, FaultKind::KeepAlivesWithoutEnd(pause)));
            let transcript = talk(&scenario).timeout(TIMEOUT).run();
            assert_eq!(transcript.cause(), &Cause::TimedOut, "{step:?} {pause}");
            assert_eq!(transcript.elapsed, TIMEOUT, "{step:?} {pause}");
        }
    }
}

#[test]
fn refused_host_is_told_apart() {
    for code in [0x80, 0x81, 0x82, 0x83, 0x8f, 0x42] {
        let fault = Fault::new(Step::Negotiate, FaultKind::SessionRefused(code));
        let transcript = talk(&shipped("windows").unwrap().with_fault(fault)).run();
        assert_eq!(transcript.cause(), &Cause::HostDenied(SessionRefusal(code)));
        assert_eq!(transcript.traffic.round_trips, 1, "no log-on");
    }
}

/// It is neither signed nor encrypted, so that anything on the way can forge it.
#[test]
fn refusal_after_the_negotiation_is_not_believed() {
    for frame in 1..5 {
        let mut frames = 0;
        let transcript = talk(&shipped("windows").unwrap())
            .between(move |side, bytes| {
                if side == Side::Client {
                    return Passed::On(bytes);
                }
                frames += 1;
                Passed::On(if frames == frame + 1 { vec![0x83, 0, 0, 1, 0x81] } else { bytes })
            })
            .run();
        if transcript.traffic.reconnects == 0 {
            let forged = Cause::Misbehaved(Misbehaviour::SessionRefusedAfterNegotiation);
            assert_eq!(transcript.cause(), &forged, "{frame}");
        } else {
            transcript.rows();
        }
    }
}
