use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::Command;

use super::connection::ServerConnection;
use super::receive::{Answer, Call};
use super::reply::bare_body;

impl ServerConnection {
    /// Carries a request out. `None`: it is answered later.
    pub(super) fn dispatch(&mut self, call: &mut Call<'_>) -> Result<Option<Answer>, NtStatus> {
        let body = match call.header.command {
            Command::NEGOTIATE => self.negotiate(call)?,
            Command::SESSION_SETUP => return self.session_setup(call).map(Some),
            Command::LOGOFF => self.log_off(call),
            Command::TREE_CONNECT => self.tree_connect(call)?,
            Command::TREE_DISCONNECT => self.tree_disconnect(call)?,
            Command::CREATE => self.create(call)?,
            Command::CLOSE => self.close(call)?,
            Command::READ => return self.read(call),
            Command::WRITE => self.write(call)?,
            Command::IOCTL => return self.ioctl(call),
            Command::ECHO => bare_body(),
            _ => return Err(NtStatus::NOT_SUPPORTED),
        };
        Ok(Some(Answer { status: NtStatus::SUCCESS, body }))
    }
}
