//! One file for each command, or for those that belong together.

mod ioctl;
mod negotiate;
mod pipe_io;
mod session_setup;
mod tree;

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::Command;

use super::operation::{Completion, Operation};
use super::reply::bare_body;
use super::state::State;

pub(super) use negotiate::smb1_negotiate;
pub(super) use pipe_io::{cancel, wake};

/// Carries out an operation that has been verified. `None`: it completes later.
pub(super) fn dispatch(
    state: &mut State,
    operation: &mut Operation<'_>,
) -> Result<Option<Completion>, NtStatus> {
    let body = match operation.command() {
        Command::NEGOTIATE => negotiate::negotiate(state, operation)?,
        Command::SESSION_SETUP => return session_setup::session_setup(state, operation).map(Some),
        Command::LOGOFF => session_setup::log_off(state, operation),
        Command::TREE_CONNECT => tree::tree_connect(state, operation)?,
        Command::TREE_DISCONNECT => tree::tree_disconnect(state, operation),
        Command::CREATE => pipe_io::create(state, operation)?,
        Command::CLOSE => pipe_io::close(state, operation)?,
        Command::READ => return pipe_io::read(state, operation),
        Command::WRITE => pipe_io::write(state, operation)?,
        Command::IOCTL => return ioctl::ioctl(state, operation).map(Some),
        Command::ECHO => bare_body(),
        _ => return Err(NtStatus::NOT_SUPPORTED),
    };
    Ok(Some(Completion::success(body)))
}
