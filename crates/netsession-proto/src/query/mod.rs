//! One question over as many calls as it takes: levels, pages, filters.
//!
//! A [`Query`] says which call comes next and judges each answer. It does no I/O and knows no carrier: [`Asking`]
//! carries it over a pipe, one [`RpcPipe::call`](crate::client::RpcPipe::call) after the other, and a backend that lets
//! the system make the calls asks the same query.
//!
//! | module | holds |
//! |---|---|
//! | `progress` | the trait [`Query`], and what an answer leads to |
//! | `asking` | a query over a pipe |
//! | `asking_both` | two queries at the same time, over two pipes of one connection |
//! | `steps` | what both of them carry: a query, its request under way, and what is left of the limits |
//! | `one_call` | a question that one call answers |
//! | `paging` | progress, limits and resume handle, for every call that pages |
//! | `enum_query` | open files, shares: what one call lists over levels and pages |
//! | `session_query`, `level_walk`, `session_filter` | who is connected |
//! | `user_name`, `client_name` | users and computers as servers and administrators write them |
//! | `filter_mismatch` | why a filter found no session |

mod asking;
mod asking_both;
mod client_name;
mod enum_query;
mod filter_mismatch;
mod filtering;
mod level_walk;
mod one_call;
mod paging;
mod progress;
mod session_filter;
mod session_query;
mod steps;
mod user_name;

pub use asking::{Asking, AskingEvent};
pub use asking_both::{AskingBoth, AskingBothEvent};
pub use client_name::{ClientName, bare_client};
pub use enum_query::{EnumCall, EnumQuery};
pub use filter_mismatch::FilterMismatch;
pub use level_walk::WantedLevel;
pub use one_call::OneCall;
pub use paging::{Page, Paging};
pub use progress::{Progress, Query};
pub use session_filter::{SessionFilter, sendable_share};
pub use session_query::SessionQuery;
pub use user_name::UserName;

/// A name in one case, for a comparison without regard to it.
fn folded(name: &str) -> String {
    name.to_lowercase()
}
