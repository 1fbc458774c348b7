//! ERROR_MORE_DATA: page after page, and pages that lead nowhere.

use netsession_proto::client::{Cause, Limit, Refusal};
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{Fault, FaultKind, ResumeOnSuccess, Step, shipped};

use crate::talk::{expected, talk};

fn paged(page_size: usize) -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.session_enum.page_size = Some(page_size);
    scenario
}

#[test]
fn pages_are_asked_for_until_the_last_one() {
    for (page_size, pages) in [(1, 4), (2, 2), (3, 2), (4, 1), (5, 1)] {
        for resume in [ResumeOnSuccess::Zero, ResumeOnSuccess::Index] {
            let mut scenario = paged(page_size);
            scenario.session_enum.resume_on_success = resume;
            let transcript = talk(&scenario).run();
            assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{page_size} {resume:?}");
            assert_eq!(transcript.answer().pages(), pages);
            assert_eq!(transcript.traffic.round_trips, 4 + pages);
        }
    }
}

#[test]
fn pages_of_many_fragments() {
    let mut scenario = paged(300);
    let one = scenario.sessions()[0].clone();
    scenario = scenario.with_sessions(vec![one; 1000]);
    let transcript = talk(&scenario).run();
    assert_eq!((transcript.rows().len(), transcript.answer().pages()), (1000, 4));
}

#[test]
fn a_page_that_does_not_move_on_is_an_error() {
    for kind in [FaultKind::PageWithoutProgress, FaultKind::PageWithoutEntry] {
        let scenario = paged(2).with_fault(Fault::new(Step::Enumerate, kind.clone()));
        let transcript = talk(&scenario).run();
        assert!(matches!(transcript.cause(), Cause::Misbehaved(_)), "{kind:?}");
        assert_eq!(transcript.traffic.round_trips, 5);
    }
}

#[test]
fn a_second_page_that_does_not_move_on_is_an_error_too() {
    for kind in [FaultKind::PageWithoutProgress, FaultKind::PageWithoutEntry] {
        let scenario = paged(2).with_fault(Fault::new(Step::Enumerate, kind).after(1));
        let transcript = talk(&scenario).run();
        assert!(matches!(transcript.failed.unwrap().cause, Cause::Misbehaved(_)));
        assert!(transcript.listings.is_empty(), "no end to the listing");
        assert_eq!(transcript.loose_rows.len(), 2, "the first page was good");
    }
}

#[test]
fn pages_without_end_stop_at_a_limit() {
    let scenario = paged(2).with_fault(Fault::new(Step::Enumerate, FaultKind::PagesWithoutEnd));
    let transcript = talk(&scenario).configured(|config| config.limits.pages = 7).run();
    assert_eq!(transcript.failed.unwrap().cause, Cause::Limit(Limit::Pages(7)));
    assert_eq!(transcript.traffic.round_trips, 4 + 7);
    let transcript = talk(&scenario).configured(|config| config.limits.entries = 10).run();
    assert_eq!(transcript.failed.unwrap().cause, Cause::Limit(Limit::Entries(10)));
    assert_eq!(transcript.loose_rows.len(), 8);
    let transcript = talk(&scenario).configured(|config| config.limits.answer_bytes = 2000).run();
    assert!(matches!(transcript.failed.unwrap().cause, Cause::Limit(Limit::AnswerBytes(_))));
}

#[test]
fn a_level_refused_in_the_middle_of_a_listing_ends_it() {
    let scenario = paged(2).with_fault(Fault::new(Step::Enumerate, FaultKind::RpcFault(5)).after(1));
    let transcript = talk(&scenario).run();
    let (rows, answer) = &transcript.listings[0];
    assert_eq!(rows.len(), 2, "the first page was good");
    assert_eq!(
        answer.as_ref().unwrap_err().cause,
        Cause::Refused(Refusal::Fault(FaultStatus::ACCESS_DENIED))
    );
    assert_eq!(transcript.traffic.round_trips, 6, "no other level is asked for");
}
