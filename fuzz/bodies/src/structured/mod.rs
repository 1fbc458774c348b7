//! A live conversation between the client and the double, with an attacker in between: without keys, so that
//! nothing false may come of it, or with them, as a malicious server could.

mod conversation;
mod faults;
mod meddler;
mod mutation;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use netsession_proto::client::{Config, Encryption};
use netsession_testserver::Scenario;

use self::meddler::Meddler;
use self::mutation::Mutation;
use crate::client::ConversationReport;
use crate::input::Input;
use crate::queries::{Item, Question};
use crate::raw::config;
use crate::scenarios::scenario;

pub(crate) use self::conversation::{Direction, converse};
pub(crate) use self::meddler::Recorder;

/// How much of the input says who talks to whom; the rest is what happens in between.
const SETTING: usize = 24;
/// Most conversations without changes that are kept.
const REMEMBERED: usize = 256;

thread_local! {
    static UNHARMED: RefCell<HashMap<Vec<u8>, Rc<ConversationReport>>> = RefCell::default();
}

/// Who talks to whom about what.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) scenario: Scenario,
    pub(crate) config: Config,
    pub(crate) questions: Vec<Question>,
    /// Whether they are asked at the same time, over two pipes.
    pub(crate) two_pipes: bool,
}

impl Setting {
    pub(crate) fn new(input: &mut Input<'_>, now: Instant) -> Self {
        let (config, scenario) = (config(input, now), scenario(input));
        let mut questions = vec![Question::new(input)];
        if input.one_in(3) {
            questions.push(Question::new(input));
        }
        // Behind all else, so that recorded inputs mean what they meant.
        let two_pipes = input.one_in(4);
        if two_pipes {
            questions = Question::two(input).into();
        }
        Self { scenario, config, questions, two_pipes }
    }

    pub(crate) fn offers_encryption(&self) -> bool {
        self.config.encryption != Encryption::Off
    }
}

pub(crate) fn run(data: &[u8]) -> ConversationReport {
    let now = Instant::now();
    let mut input = Input::new(data);
    let head = input.bytes(SETTING);
    let mut setting = Setting::new(&mut Input::new(head), now);
    let has_keys = input.one_in(2);
    if has_keys {
        for _ in 0..input.u8() % 3 {
            setting.scenario = setting.scenario.with_fault(faults::fault(&mut input));
        }
    }
    let mutations = Mutation::list(&mut input);
    let mut meddler = Meddler::new(mutations, has_keys.then(|| setting.offers_encryption()));
    let scenario = Arc::new(setting.scenario.clone());
    let outcome =
        converse(&scenario, setting.config.clone(), &setting.questions, setting.two_pipes, &mut meddler, now);
    if !has_keys {
        assert_nothing_false(&outcome, &unharmed(head, &setting, now), validates(&setting.scenario));
    }
    outcome
}

/// The outcome without changes, of one question after the other: two pipes may be refused to a client that was brought to
/// single steps, and say nothing of either question where one of them reaches a limit.
fn unharmed(head: &[u8], setting: &Setting, now: Instant) -> Rc<ConversationReport> {
    UNHARMED.with_borrow_mut(|known| {
        if let Some(outcome) = known.get(head) {
            return Rc::clone(outcome);
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let mut passive = Meddler::new(Vec::new(), None);
        let scenario = Arc::new(setting.scenario.clone());
        let outcome = Rc::new(converse(
            &scenario,
            setting.config.clone(),
            &setting.questions,
            false,
            &mut passive,
            now,
        ));
        known.insert(head.to_vec(), Rc::clone(&outcome));
        outcome
    })
}

/// Whether a change of the negotiation cannot go unseen.
fn validates(scenario: &Scenario) -> bool {
    scenario.smb.validates_negotiation
}

fn are_true(items: &[Item], true_items: &[Item]) -> bool {
    items.iter().zip(true_items).all(|(item, true_item)| item.agrees(true_item))
}

/// Without keys one can prevent an answer, but not change it.
fn assert_nothing_false(outcome: &ConversationReport, truth: &ConversationReport, validates: bool) {
    for (index, (items, end)) in outcome.listings.iter().enumerate() {
        let Some((true_items, true_end)) = truth.listings.get(index) else {
            panic!("an end of what has none: {items:?} {end:?}");
        };
        let agree = items.len() == true_items.len() && are_true(items, true_items);
        assert!(agree, "another answer: {items:?} instead of {true_items:?}");
        match (end, true_end) {
            (Ok(query), Ok(true_query)) => assert_eq!(query, true_query),
            (Err(failure), Err(true_failure)) => assert_eq!(failure, true_failure),
            _ => panic!("{end:?} instead of {true_end:?}"),
        }
    }
    if !outcome.loose_items.is_empty() {
        let true_items = match truth.listings.get(outcome.listings.len()) {
            Some((items, _)) => items,
            None => &truth.loose_items,
        };
        let is_part = outcome.loose_items.len() <= true_items.len();
        assert!(
            is_part && are_true(&outcome.loose_items, true_items),
            "other items: {:?} instead of {true_items:?}",
            outcome.loose_items
        );
    }
    if validates && !(outcome.listings.is_empty() && outcome.loose_items.is_empty()) {
        // A cut connection leads to single steps, which are no weaker.
        let agreed = |outcome: &ConversationReport| {
            outcome.negotiated.map(|agreed| (agreed.dialect, agreed.encrypted))
        };
        assert_eq!(agreed(outcome), agreed(truth), "a downgrade");
    }
}
