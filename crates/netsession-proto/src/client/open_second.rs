use std::collections::VecDeque;
use std::time::Instant;

use super::bind::{
    Opened, StatusOr, bind_accepted, bind_answered, bind_pdu, bind_request, create_request, created,
};
use super::channel::Reply;
use super::connection::Connection;
use super::pipe::Pipe;
use super::rpc_pipe::RpcPipe;
use super::task::{Running, Task, machine_of_running};
use super::{Cause, Failure, Machine, Step};
use crate::smb2::{CloseRequest, Command, FileId, Flags, Header, encode};

/// Credits for the compound: one for each of its requests, both of them before the first answer.
const COMPOUND_CREDITS: u32 = 2;

impl RpcPipe {
    /// Opens a second pipe `srvsvc` over the same connection, or replaces the one that there is.
    ///
    /// In one round trip, as a compound of CREATE and IOCTL(bind), unless the first pipe was opened in single steps or
    /// the server has granted too few credits; then in two. Drive the [`OpenSecond`] until it gives the pipe back or
    /// fails.
    #[must_use]
    pub fn open_second(self, deadline: Instant, now: Instant) -> OpenSecond {
        let Self { mut connection, pipe: first, second } = self;
        if let Some(replaced) = second {
            replaced.close(&mut connection);
        }
        let opening = Opening::start(first, &mut connection);
        OpenSecond { running: Running::start(connection, Ok(opening), deadline, now) }
    }
}

/// The opening of a second pipe: see [`RpcPipe::open_second`].
#[derive(Debug)]
pub struct OpenSecond {
    running: Running<Opening>,
}

/// What a driver of an [`OpenSecond`] is told.
#[derive(Debug)]
pub enum OpenSecondEvent {
    /// The pipe has a second one beside it.
    Opened(Box<RpcPipe>),
    /// The server refused a second pipe. The first one can be used as before.
    Refused(Box<RpcPipe>, Failure),
    /// The connection has failed: close it.
    Failed(Failure),
}

impl From<Failure> for OpenSecondEvent {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The first pipe, which is idle, and what the second one waits for.
#[derive(Debug)]
struct Opening {
    first: Pipe,
    /// The call_id of the bind.
    call_id: u32,
    stage: Stage,
}

/// The requests that are open, each with its MessageId.
#[derive(Debug)]
enum Stage {
    /// CREATE and IOCTL(bind), as one compound, each with its answer once that is there. They may come in any order, and
    /// in one frame or two (\[MS-SMB2\] 3.3.4.1.3).
    Compound { create: (u64, Option<StatusOr<FileId>>), bind: (u64, Option<StatusOr<Vec<u8>>>) },
    /// Single steps: CREATE.
    Create { request: u64 },
    /// IOCTL(bind).
    Bind { request: u64, file_id: FileId },
    /// The end, which leaves the connection as it is.
    Ended(Result<Pipe, Failure>),
}

impl Opening {
    fn start(first: Pipe, connection: &mut Connection) -> Self {
        let call_id = connection.begin_call();
        if connection.negotiated().single_steps || connection.credits() < COMPOUND_CREDITS {
            let stage = Stage::create_alone(connection);
            return Self { first, call_id, stage };
        }
        // As in the first compound: IOCTL is the last one, which Samba wants, and the related request has the real
        // session and the tree, and of the file all ones ([MS-SMB2] 3.2.4.1.4).
        let create = connection.header(Command::CREATE);
        let bind = connection.header(Command::IOCTL);
        let bind = Header { flags: Flags::RELATED, ..bind };
        let pdu = bind_pdu(call_id);
        let bind_body = bind_request(connection.agreement(), FileId::ANY, &pdu);
        connection.submit(vec![encode(&create, &create_request()), encode(&bind, &bind_body)]);
        let stage = Stage::Compound { create: (create.message_id, None), bind: (bind.message_id, None) };
        Self { first, call_id, stage }
    }

    /// Decides, with each answer to the compound, whether it succeeded or was refused, as a compound or at all.
    fn weigh_compound(&mut self, connection: &mut Connection) -> Result<(), Cause> {
        let Stage::Compound { create: (_, create), bind: (_, bind) } = &self.stage else {
            return Ok(());
        };
        // No round trip for this: its answer is ignored.
        let close = |open: Option<FileId>, connection: &mut Connection| {
            open.map(|file_id| connection.send(&CloseRequest { file_id }));
        };
        self.stage = match Opened::judge(create.as_ref(), bind.as_ref()) {
            Opened::Waiting => return Ok(()),
            // Keeps the tree and sends a new CREATE, as with the first pipe.
            Opened::CompoundRefused(open) => {
                close(open, connection);
                Stage::create_alone(connection)
            }
            Opened::Refused(step, status, open) => {
                close(open, connection);
                Stage::refused(step, Cause::Status(status))
            }
            Opened::Answered(file_id, pdu) => Stage::bound(pdu, self.call_id, file_id, connection)?,
        };
        Ok(())
    }
}

impl Stage {
    fn create_alone(connection: &mut Connection) -> Self {
        Self::Create { request: connection.send(&create_request()) }
    }

    fn refused(step: Step, cause: Cause) -> Self {
        Self::Ended(Err(Failure { step, cause }))
    }

    /// From the answer to the bind: bound, or refused by the server of the pipe.
    fn bound(pdu: &[u8], call_id: u32, file_id: FileId, connection: &mut Connection) -> Result<Self, Cause> {
        match bind_accepted(pdu, call_id, file_id) {
            Ok(pipe) => Ok(Self::Ended(Ok(pipe))),
            Err(cause @ (Cause::BindRefused(_) | Cause::Refused(_))) => {
                connection.send(&CloseRequest { file_id });
                Ok(Self::refused(Step::Bind, cause))
            }
            Err(cause) => Err(cause),
        }
    }
}

impl Task for Opening {
    type Event = OpenSecondEvent;

    fn step(&self) -> Step {
        match &self.stage {
            Stage::Compound { create: (_, None), .. } | Stage::Create { .. } => Step::OpenPipe,
            Stage::Compound { .. } | Stage::Bind { .. } | Stage::Ended(_) => Step::Bind,
        }
    }

    fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure> {
        let id = reply.message_id();
        let step = self.step();
        let taken = match &mut self.stage {
            Stage::Compound { create: (request, answer), .. } if *request == id => {
                created(reply).map(|created| *answer = Some(created))
            }
            Stage::Compound { bind: (request, answer), .. } if *request == id => {
                bind_answered(reply).map(|bound| *answer = Some(bound))
            }
            Stage::Create { request } if *request == id => created(reply).map(|created| {
                self.stage = match created {
                    Ok(file_id) => {
                        let pdu = bind_pdu(self.call_id);
                        let body = bind_request(connection.agreement(), file_id, &pdu);
                        Stage::Bind { request: connection.send(&body), file_id }
                    }
                    Err(status) => Stage::refused(Step::OpenPipe, Cause::Status(status)),
                };
            }),
            Stage::Bind { request, file_id } if *request == id => {
                let file_id = *file_id;
                bind_answered(reply).and_then(|answer| {
                    self.stage = match answer {
                        Ok(pdu) => Stage::bound(&pdu, self.call_id, file_id, connection)?,
                        Err(status) => {
                            connection.send(&CloseRequest { file_id });
                            Stage::refused(Step::Bind, Cause::Status(status))
                        }
                    };
                    Ok(())
                })
            }
            _ => Ok(()),
        };
        taken.and_then(|()| self.weigh_compound(connection)).map_err(Failure::at_step(step))
    }

    fn go_on(
        self,
        connection: Box<Connection>,
        events: &mut VecDeque<OpenSecondEvent>,
    ) -> Option<(Box<Connection>, Self)> {
        let Self { first, call_id, stage } = self;
        let result = match stage {
            Stage::Ended(result) => result,
            stage => return Some((connection, Self { first, call_id, stage })),
        };
        let pipe = |second| Box::new(RpcPipe { connection, pipe: first, second });
        events.push_back(match result {
            Ok(second) => OpenSecondEvent::Opened(pipe(Some(second))),
            Err(failure) => OpenSecondEvent::Refused(pipe(None), failure),
        });
        None
    }
}

impl Machine for OpenSecond {
    type Event = OpenSecondEvent;

    machine_of_running!();
}
