//! The queries that take part in the targets.
//!
//! | module | holds |
//! |---|---|
//! | `table` | the queries, one line each, and what is made of all of them |
//! | `fuzzed_query`, `fuzzed_call` | what a query and its call bring |
//! | `task` | a query or a call under way, as the client carries it |
//! | `session_query`, `time_query`, `info_query` | who is connected; what time it is; what the server is |
//! | `enum_query`, `single_file_query` | open files, shares and connections; one open file |
//! | `close_query` | a file is closed, sessions end |

mod close_query;
mod enum_query;
mod fuzzed_call;
mod fuzzed_query;
mod info_query;
mod session_query;
mod single_file_query;
mod table;
mod task;
mod time_query;

pub(crate) use table::{CALLS, HonestServer, Item, Question, Task, TaskEvent};
pub(crate) use task::{call, open_second};
