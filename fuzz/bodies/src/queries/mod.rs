//! The queries that take part in the targets.
//!
//! | module | holds |
//! |---|---|
//! | `table` | the queries, one line each, and what is made of all of them |
//! | `fuzzed_query`, `fuzzed_call` | what a query and its call bring |
//! | `task` | a query or a call under way, as the client carries it |
//! | `session_query` | who is connected |

mod fuzzed_call;
mod fuzzed_query;
mod session_query;
mod table;
mod task;

pub(crate) use table::{CALLS, HonestServer, Item, Question, Task, TaskEvent};
pub(crate) use task::call;
