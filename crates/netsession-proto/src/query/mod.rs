//! One question over as many calls as it takes: levels, pages, filters.
//!
//! A [`Query`] says which call comes next and judges each answer. It does no I/O and knows no carrier: [`Asking`]
//! carries it over a pipe, and a backend that lets the system make the calls asks the same query.
//!
//! | module | holds |
//! |---|---|
//! | `query` | the trait, and what an answer leads to |
//! | `asking` | a query over a pipe |
//! | `one_call` | a question that one call answers |
//! | `paging` | progress, limits and resume handle, for every call that pages |
//! | `enum_query` | open files, shares: what one call lists over levels and pages |
//! | `session_query`, `level_walk`, `session_filter` | who is connected |

mod asking;
mod enum_query;
mod level_walk;
mod one_call;
mod paging;
mod progress;
mod session_filter;
mod session_query;

pub use asking::{Asking, AskingEvent};
pub use enum_query::{EnumCall, EnumQuery};
pub use level_walk::WantedLevel;
pub use one_call::OneCall;
pub use paging::Paging;
pub use progress::{Progress, Query};
pub use session_filter::{SessionFilter, client_address};
pub use session_query::SessionQuery;
