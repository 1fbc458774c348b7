use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, CloseRequest, CloseResponse, CreateRequest, CreateResponse, FileId, ReadRequest, ReadResponse,
    ShareType, TreeConnectRequest, TreeConnectResponse, WriteRequest, WriteResponse,
};
use netsession_proto::srvs;
use netsession_proto::wire::to_u32;

use super::connection::ServerConnection;
use super::pipe::{Host, Pipe, Waiting};
use super::receive::{Answer, Call};
use super::reply::{Reply, bare_body, body_of, error_body};
use super::session::Caller;

/// FILE_ALL_ACCESS.
const ALL_ACCESS: u32 = 0x001f_01ff;

impl ServerConnection {
    /// Connects to `IPC$`, the only share.
    pub(super) fn tree_connect(&mut self, call: &mut Call<'_>) -> Result<Vec<u8>, NtStatus> {
        let request = TreeConnectRequest::decode(call.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        let share = request.path.rsplit('\\').next().unwrap_or_default();
        if !share.eq_ignore_ascii_case("IPC$") {
            return Err(NtStatus::BAD_NETWORK_NAME);
        }
        call.tree_id = self.fresh_id();
        self.trees.insert(call.tree_id, call.session_id);
        Ok(body_of(&TreeConnectResponse {
            share_type: ShareType::PIPE,
            share_flags: 0,
            capabilities: 0,
            maximal_access: ALL_ACCESS,
        }))
    }

    /// Disconnects from it, closing its pipes.
    pub(super) fn tree_disconnect(&mut self, call: &Call<'_>) -> Result<Vec<u8>, NtStatus> {
        self.check_tree(call)?;
        self.trees.remove(&call.tree_id);
        self.pipes.retain(|_, pipe| pipe.tree_id != call.tree_id);
        Ok(bare_body())
    }

    /// Opens `srvsvc`, the only pipe.
    pub(super) fn create(&mut self, call: &mut Call<'_>) -> Result<Vec<u8>, NtStatus> {
        self.check_tree(call)?;
        let request = CreateRequest::decode(call.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        if !request.name.trim_start_matches('\\').eq_ignore_ascii_case(srvs::PIPE) {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        }
        let number = u64::from(self.fresh_id());
        let file_id = FileId { persistent: number, volatile: number };
        self.pipes.insert(number, Pipe::new(call.session_id, call.tree_id));
        call.file_id = Some(file_id);
        Ok(body_of(&CreateResponse { file_id }))
    }

    /// Closes a pipe.
    pub(super) fn close(&mut self, call: &mut Call<'_>) -> Result<Vec<u8>, NtStatus> {
        let request = CloseRequest::decode(call.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        let (number, _) = self.find_pipe(call, request.file_id)?;
        self.pipes.remove(&number);
        Ok(body_of(&CloseResponse))
    }

    /// Writes to a pipe.
    pub(super) fn write(&mut self, call: &mut Call<'_>) -> Result<Vec<u8>, NtStatus> {
        let request = WriteRequest::decode(call.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        self.write_to_pipe(call, request.file_id, request.data)?;
        Ok(body_of(&WriteResponse { count: to_u32(request.data.len()) }))
    }

    /// Reads from a pipe; where there is nothing, the answer comes with the next that is written.
    pub(super) fn read(&mut self, call: &mut Call<'_>) -> Result<Option<Answer>, NtStatus> {
        let request = ReadRequest::decode(call.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        let overflows = self.scenario.rpc.overflow_between_fragments;
        let (_, pipe) = self.find_pipe(call, request.file_id)?;
        match pipe.read(request.length, overflows) {
            Some(piece) => {
                Ok(Some(Answer { status: piece.status, body: body_of(&ReadResponse { data: &piece.data }) }))
            }
            None => {
                pipe.waiting.push_back(Waiting::new(call, request.length));
                Ok(None)
            }
        }
    }

    /// Answers READs that have been waiting, after whatever has just been written.
    pub(super) fn wake(&mut self, call: &Call<'_>) -> Vec<Reply> {
        let overflows = self.scenario.rpc.overflow_between_fragments;
        let mut replies = Vec::new();
        let Some(number) = call.file_id.map(|file_id| file_id.volatile) else { return replies };
        while let Some((waiting, piece)) =
            self.pipes.get_mut(&number).and_then(|pipe| pipe.next_answered(overflows))
        {
            let answer = Answer { status: piece.status, body: body_of(&ReadResponse { data: &piece.data }) };
            let reply = self.reply(&waiting.call(), answer);
            replies.push(reply);
        }
        replies
    }

    /// CANCEL has no answer of its own; the READ that it cancels has.
    pub(super) fn cancel(&mut self, message_id: u64) -> Option<Reply> {
        let waiting = self.pipes.values_mut().find_map(|pipe| pipe.give_up(message_id))?;
        Some(self.reply(&waiting.call(), Answer { status: NtStatus::CANCELLED, body: error_body() }))
    }

    /// Hands bytes to a pipe, and tells the call which step of the conversation this is.
    pub(super) fn write_to_pipe(
        &mut self,
        call: &mut Call<'_>,
        file_id: FileId,
        data: &[u8],
    ) -> Result<&mut Pipe, NtStatus> {
        let (number, _) = self.find_pipe(call, file_id)?;
        let caller = self.sessions.get(&call.session_id).map_or_else(Caller::default, |s| s.caller.clone());
        let mut host = Host {
            scenario: &self.scenario,
            caller: &caller,
            peer: self.start.peer,
            faults: &mut self.faults,
            in_compound: call.in_compound,
        };
        let pipe = self.pipes.get_mut(&number).ok_or(NtStatus::FILE_CLOSED)?;
        call.file_id = Some(FileId { persistent: number, volatile: number });
        call.step = pipe.write(data, &mut host);
        Ok(pipe)
    }

    pub(super) fn find_pipe(
        &mut self,
        call: &mut Call<'_>,
        file_id: FileId,
    ) -> Result<(u64, &mut Pipe), NtStatus> {
        self.check_tree(call)?;
        let file_id = if file_id == FileId::ANY { call.file_id } else { Some(file_id) };
        let file_id = file_id.ok_or(NtStatus::FILE_CLOSED)?;
        let pipe = self
            .pipes
            .get_mut(&file_id.volatile)
            .filter(|pipe| pipe.session_id == call.session_id && pipe.tree_id == call.tree_id)
            .ok_or(NtStatus::FILE_CLOSED)?;
        Ok((file_id.volatile, pipe))
    }

    pub(super) fn check_tree(&self, call: &Call<'_>) -> Result<(), NtStatus> {
        match self.trees.get(&call.tree_id) {
            Some(session_id) if *session_id == call.session_id => Ok(()),
            _ => Err(NtStatus::NETWORK_NAME_DELETED),
        }
    }
}
