//! Inputs to begin with: real conversations, taken apart as the targets take them.

mod conversation;
mod seeds;

use std::sync::Arc;
use std::time::Instant;

use netsession_proto::srvs::Level;

use self::conversation::{Conversation, Head};
use crate::input::Input;
use crate::queries::Question;
use crate::structured::{Direction, Recorder, Setting, converse};

pub use self::conversation::Seed;

/// Conversations with the double, one for each kind of server, dialect and protection.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = conversations().iter().flat_map(seeds::of_conversation).collect();
    seeds.extend(answers());
    seeds.extend(pipes());
    seeds.sort();
    seeds.dedup_by(|a, b| a.target == b.target && a.bytes == b.bytes);
    seeds
}

/// Honest servers for `answer`, some of which say more than the client takes.
fn answers() -> impl Iterator<Item = Seed> {
    // How many sessions; pages; pieces; size of fragments; hints; whether READs are answered in any order.
    const KINDS: [[u8; 6]; 9] = [
        [0, 0, 0, 0, 0, 0],
        [3, 0, 0, 2, 0, 0],
        [60, 0, 0, 0, 0, 1],
        [60, 1, 0, 0, 2, 0],
        [60, 2, 0, 1, 3, 1],
        [60, 0, 4, 0, 0, 0],
        [200, 0, 0, 2, 0, 0],
        [255, 0, 0, 0, 0, 1],
        [255, 2, 0, 2, 1, 1],
    ];
    let first = (0..5).chain(first_bytes_of_other_queries());
    let all = first.flat_map(|first| KINDS.map(|kind| (first, kind)));
    all.enumerate().map(|(number, (first, kind))| Seed {
        target: "answer",
        name: format!("honest-{number}"),
        bytes: [&[first][..], &kind, &[0]].concat(),
    })
}

/// The first byte of a question, for each query but that for sessions, which has conversations enough.
fn first_bytes_of_other_queries() -> impl Iterator<Item = u8> {
    (1..Question::KINDS).filter_map(|query| u8::try_from(query << 4).ok())
}

/// Servers for `rpc_pipe`: honest ones, and such that lie now and then.
fn pipes() -> impl Iterator<Item = Seed> {
    // How many calls follow the first; credits; pieces; size of fragments; hints; whether READs are answered in any
    // order, where pieces are fragments.
    const KINDS: [&[u8]; 8] = [
        &[0, 0, 0, 0, 0, 0],
        &[0, 1, 0, 2, 0, 0],
        &[2, 0, 0, 0, 0, 1],
        &[1, 1, 0, 0, 2, 0],
        &[2, 1, 0, 1, 3, 1],
        &[0, 0, 3, 0, 0],
        &[0, 1, 4, 0, 0],
        &[3, 0, 0, 2, 1, 1],
    ];
    // The opnum; the lengths of the request and of its answer, with the limit and the kind of answer between them.
    const CALLS: [[u8; 8]; 4] = [
        [12, 0, 40, 0, 0, 0, 0x10, 0],
        [28, 0, 0, 0x30, 0, 0, 0, 0x28],
        [0xff, 0xff, 0, 0, 2, 0, 0, 0x60],
        [21, 0, 0, 0x10, 0, 1, 5, 0],
    ];
    // Steps: interim replies with credits that are not signed.
    // The step that is repeated: none; an interim reply that grants credits and is not signed; an answer that grants
    // none; one whose next fragment is left out, or comes too late.
    const STEPS: [&[u8]; 5] = [&[], &[0, 0, 2, 0], &[0, 15, 0, 15, 5], &[0, 15, 0, 7, 0], &[0, 15, 0, 8, 0]];
    const HONEST: u8 = 0;
    const LIAR: u8 = 2;
    let all = KINDS.into_iter().flat_map(|kind| CALLS.map(|call| (kind, call)));
    let all = all.flat_map(|(kind, call)| {
        STEPS.map(|step| (kind, if step.len() < 5 { HONEST } else { LIAR }, call, step.repeat(12)))
    });
    all.enumerate().map(|(number, (kind, honesty, call, steps))| Seed {
        target: "rpc_pipe",
        name: format!("{}-{number}", if honesty == HONEST { "honest" } else { "liar" }),
        // The check of the negotiation is answered first, and grants nothing to a liar's client.
        bytes: [kind, &[honesty], &call, &[0, 15, 5], &steps].concat(),
    })
}

/// A conversation with a real server that was signed and not encrypted.
#[derive(Debug)]
pub struct Recorded {
    /// A name for it.
    pub name: String,
    /// The level that was asked for; `None` is `auto`.
    pub level: Option<u32>,
    /// Its frames, without their length, each with whether it went to the client.
    pub frames: Vec<(bool, Vec<u8>)>,
}

/// Inputs made of a conversation with a real server.
#[must_use]
pub fn seeds_of_recorded(recorded: Recorded) -> Vec<Seed> {
    const ENCRYPTION_OFF: u8 = 1;
    let level = recorded.level.and_then(Level::from_number);
    let index = Level::ALL.iter().position(|one| Some(*one) == level).map_or(0, |index| index + 1);
    let level = u8::try_from(index).unwrap_or_default();
    let head = Head {
        config: [0, 4, ENCRYPTION_OFF, 0],
        // That of Samba.
        scenario: [2, 0, 1, 0, 3, 0, 0, 0, 0],
        questions: [level, 0, 0, 0, 0, 0, 0],
    };
    let directed =
        |(to_client, frame)| (if to_client { Direction::ToClient } else { Direction::ToServer }, frame);
    let frames = recorded.frames.into_iter().map(directed).collect();
    seeds::of_conversation(&Conversation { name: recorded.name, head, frames })
}

fn conversations() -> Vec<Conversation> {
    let mut all = Vec::new();
    // Kind of server; dialect; ciphers and signing; replies to compounds; pages; many sessions; first byte of the
    // question, which is the level.
    let sessions = [
        (0, 1, 0, 0, 0, 0, 0),
        (0, 2, 1, 1, 0, 4, 2),
        (0, 3, 0, 2, 1, 0, 3),
        (0, 4, 13, 3, 2, 3, 1),
        (0, 5, 0, 0, 0, 0, 5),
        (0, 5, 16, 1, 3, 4, 4),
        (0, 5, 31, 2, 0, 5, 0),
        (1, 5, 38, 0, 2, 3, 0),
        (1, 5, 44, 0, 0, 0, 2),
        (2, 0, 1, 3, 0, 0, 0),
        (2, 5, 0, 3, 0, 5, 2),
        (2, 3, 1, 3, 0, 4, 4),
        (3, 0, 1, 0, 0, 0, 0),
        (3, 1, 1, 0, 0, 4, 5),
        (4, 2, 1, 0, 0, 0, 4),
        (4, 5, 4, 1, 0, 0, 0),
    ];
    let others = first_bytes_of_other_queries().flat_map(|question| {
        // Signed by 2.1, encrypted by 3.1.1, and Samba.
        [(0, 2, 1, 0, 0, 0, question), (0, 5, 0, 1, 0, 0, question), (2, 5, 0, 3, 0, 0, question)]
    });
    for (kind, dialect, protection, compound, page, many, question) in sessions.into_iter().chain(others) {
        let encryption = u8::from(protection % 3 == 1);
        let head = Head {
            config: [0, 4, encryption, 0],
            scenario: [kind, dialect, 1, protection, compound, kind & 1, page, many, many & 1],
            questions: [question, 0, 0, u8::from(question == 1), 0, 0, 0],
        };
        let name = format!("double-{kind}-{dialect}-{protection}-{question}");
        let now = Instant::now();
        let setting = Setting::new(&mut Input::new(&head.bytes()), now);
        let mut recorder = Recorder::new(setting.offers_encryption());
        let scenario = Arc::new(setting.scenario.clone());
        let outcome = converse(
            &scenario,
            setting.config.clone(),
            &setting.questions,
            setting.two_pipes,
            recorder.between(),
            now,
        );
        assert_eq!(outcome.failed, None, "{name}");
        // Samba lets no user end sessions, and makes connections up: what is no answer is a bad beginning.
        if outcome.listings.first().is_some_and(|(_, end)| end.is_err()) {
            continue;
        }
        all.push(Conversation { name, head, frames: recorder.into_frames() });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{raw, server, structured};

    #[test]
    fn every_query_has_conversations() {
        let all = conversations();
        for query in first_bytes_of_other_queries() {
            let recorded = all.iter().filter(|conversation| conversation.head.questions[0] == query).count();
            assert!(recorded >= 2, "{recorded} of query {query:#x}");
        }
    }

    /// Else they would be a bad beginning.
    #[test]
    fn recordings_are_whole_conversations() {
        for Seed { target, name, bytes } in seeds() {
            match target {
                "client_raw" => {
                    let outcome = raw::run(&bytes);
                    assert!(
                        matches!(outcome.listings.as_slice(), [(rows, Ok(_)), ..] if !rows.is_empty()),
                        "{name}"
                    );
                }
                "client_structured" if name.ends_with("-00") => {
                    let outcome = structured::run(&bytes);
                    assert!(
                        matches!(outcome.listings.as_slice(), [(rows, Ok(_)), ..] if !rows.is_empty()),
                        "{name}"
                    );
                }
                "server" => assert!(server::run(&bytes), "{name}"),
                _ => {}
            }
        }
    }
}
