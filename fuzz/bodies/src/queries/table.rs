use std::time::Instant;

use netsession_proto::client::RpcPipe;
use netsession_proto::query::{Query, SessionQuery};

use super::close_query::{FileClosing, SessionEnd};
use super::enum_query::{Connections, OpenFiles, Shares};
use super::fuzzed_call::{CallDecoders, FuzzedCall};
use super::fuzzed_query::{FuzzedQuery, Honest};
use super::info_query::InfoQuery;
use super::single_file_query::SingleFile;
use super::task;
use super::time_query::TimeQuery;
use crate::input::Input;

/// Makes of a list of queries what the targets choose from.
macro_rules! queries {
    ($($query:ident),+ $(,)?) => {
        /// What is asked for, with any query.
        #[derive(Debug, Clone)]
        pub(crate) enum Question {
            $($query(<$query as FuzzedQuery>::Wanted)),+
        }

        /// What any query finds.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum Item {
            $($query(<$query as Query>::Item)),+
        }

        impl Item {
            /// Whether both are true answers to the same question, a while apart.
            pub(crate) fn agrees(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$query(one), Self::$query(other)) => <$query as FuzzedQuery>::agree(one, other),)+
                    _ => false,
                }
            }
        }

        impl Question {
            /// Asks over a pipe.
            pub(crate) fn ask(&self, pipe: RpcPipe, deadline: Instant, now: Instant) -> Task {
                match self {
                    $(Self::$query(wanted) => task::ask::<$query, _>(wanted, Item::$query, pipe, deadline, now)),+
                }
            }
        }

        const QUESTIONS: &[fn(&mut Input<'_>) -> Question] =
            &[$(|input| Question::$query($query::wanted(input))),+];

        const HONEST_SERVERS: &[fn(&mut Input<'_>) -> HonestServer] =
            &[$(|input| HonestServer::erase($query::honest(input), Question::$query, Item::$query)),+];

        /// The decoders of the calls that the queries make.
        pub(crate) const CALLS: &[CallDecoders] = &[$(CallDecoders::new::<<$query as Query>::Call>()),+];
    };
}

// Every query, one line each. A new one goes to the end: the number of a query stands in the recorded inputs.
queries! {
    SessionQuery,
    TimeQuery,
    OpenFiles,
    Shares,
    SingleFile,
    FileClosing,
    SessionEnd,
    Connections,
    InfoQuery,
}

/// A query or a call under way.
pub(crate) type Task = task::Task<Item>;
/// What it says.
pub(crate) type TaskEvent = task::TaskEvent<Item>;

/// Bytes of input that a question takes.
const QUESTION_BYTES: usize = 3;

impl Question {
    /// How many queries there are.
    pub(crate) const KINDS: usize = QUESTIONS.len();

    /// Two questions that are asked at the same time, as a watch does: who is connected, and what is open.
    pub(crate) fn two(input: &mut Input<'_>) -> [Self; 2] {
        let sessions = SessionQuery::wanted(&mut Input::new(input.bytes(QUESTION_BYTES)));
        let files = OpenFiles::wanted(&mut Input::new(input.bytes(QUESTION_BYTES)));
        [Self::SessionQuery(sessions), Self::OpenFiles(files)]
    }

    /// Asks [two](Self::two) of them at the same time. The pipe as it was, if they are others, or there is no second pipe.
    pub(crate) fn ask_both(
        questions: &[Self],
        pipe: RpcPipe,
        deadline: Instant,
        now: Instant,
    ) -> Result<Task, RpcPipe> {
        match (questions, pipe.into_pair()) {
            ([Self::SessionQuery(sessions), Self::OpenFiles(files)], Ok(pipes)) => {
                let sessions =
                    task::OneOfTwo::<SessionQuery, _> { wanted: sessions, item: Item::SessionQuery };
                let files = task::OneOfTwo::<OpenFiles, _> { wanted: files, item: Item::OpenFiles };
                Ok(task::ask_both(sessions, files, pipes, deadline, now))
            }
            (_, Ok(pipes)) => Err(pipes.into()),
            (_, Err(pipe)) => Err(*pipe),
        }
    }

    /// The question that the input asks: the same number of bytes for every query.
    pub(crate) fn new(input: &mut Input<'_>) -> Self {
        let mut input = Input::new(input.bytes(QUESTION_BYTES));
        QUESTIONS[chosen(&input)](&mut input)
    }
}

/// The stub of the response to an opnum and a stub.
pub(crate) type AnsweringStub = Box<dyn Fn(u16, &[u8]) -> Vec<u8>>;

/// A server that answers one question truly.
pub(crate) struct HonestServer {
    /// What is asked of it.
    pub(crate) question: Question,
    /// What the answer must be, over all pages.
    pub(crate) items: Vec<Item>,
    /// Whether the answer may have several pages.
    pub(crate) may_page: bool,
    /// The stub of the response to a call, from its opnum and the stub of its request.
    pub(crate) answer: AnsweringStub,
}

impl HonestServer {
    /// The server that the input says, for any query.
    pub(crate) fn new(input: &mut Input<'_>) -> Self {
        HONEST_SERVERS[chosen(input)](input)
    }

    fn erase<W, I, C: FuzzedCall + 'static>(
        honest: Honest<W, I, C>,
        question: fn(W) -> Question,
        item: fn(I) -> Item,
    ) -> Self {
        Self {
            question: question(honest.wanted),
            items: honest.items.into_iter().map(item).collect(),
            may_page: honest.may_page,
            answer: Box::new(move |opnum, stub| {
                assert_eq!(opnum, C::OPNUM, "the client makes another call");
                let request = <C as FuzzedCall>::decode(stub).expect("the client sends requests");
                C::encode_response(&(honest.answer)(&request))
            }),
        }
    }
}

/// The number of the query that the high half of the next byte chooses.
fn chosen(input: &Input<'_>) -> usize {
    usize::from(input.peek() >> 4) % Question::KINDS
}
