use super::bind::{
    Opened, StatusOr, bind_accepted, bind_answered, bind_pdu, bind_request, create_request, created,
};
use super::channel::{Channel, Reply};
use super::connection::BIND_CALL_ID;
use super::log_on::{Session, demands_encryption};
use super::rpc_pipe::Bound;
use super::{Cause, Config, Encryption, Failure, Step};
use crate::erref::NtStatus;
use crate::smb2::{
    CloseRequest, Command, FileId, Flags, Header, TreeConnectRequest, TreeConnectResponse, encode,
};

/// The tree of the request before it, in a related compound (\[MS-SMB2\] 3.2.4.1.4).
const SAME_TREE: u32 = u32::MAX;

/// Credits for the compound: one for each of its requests, all of them before the first answer (\[MS-SMB2\] 3.2.4.1.2).
const COMPOUND_CREDITS: u32 = 3;

/// Connects to `IPC$`, opens the pipe and binds it.
pub(super) struct OpenPipe {
    session: Session,
    single_steps: bool,
    stage: Stage,
    /// The requests of a refused compound that are not answered yet.
    abandoned: Vec<u64>,
}

/// The requests that are open, each with its MessageId.
enum Stage {
    /// TREE_CONNECT, CREATE and IOCTL(bind), as one compound. The answers come in one frame or in several
    /// (\[MS-SMB2\] 3.3.4.1.3): Samba answers a signed compound in two.
    Compound(Compound),
    /// Single steps: TREE_CONNECT.
    Tree { request: u64 },
    /// CREATE.
    Create { request: u64, tree_id: u32 },
    /// IOCTL(bind).
    Bind { request: u64, tree_id: u32, file_id: FileId },
}

/// The three requests of the compound, each with its answer once that is there.
struct Compound {
    tree: (u64, Option<u32>),
    create: (u64, Option<StatusOr<FileId>>),
    bind: (u64, Option<StatusOr<Vec<u8>>>),
}

/// What follows an answer.
pub(super) enum AfterReply {
    Waiting(OpenPipe),
    Bound(Bound),
}

impl OpenPipe {
    /// Opens `IPC$` and the pipe and binds it: in one compound, unless single steps are configured or the server has
    /// granted too few credits.
    pub(super) fn start(session: Session, config: &Config, channel: &mut Channel) -> Self {
        let tree_connect = TreeConnectRequest { path: format!(r"\\{}\IPC$", config.server) };
        // A compound without enough credits would wait in the backlog for a grant that no open request can bring.
        if config.single_steps || channel.credits() < COMPOUND_CREDITS {
            let request = channel.send(0, &tree_connect);
            return Self::new(session, true, Stage::Tree { request });
        }
        // The IOCTL is the last one: Samba answers an IOCTL or WRITE that is not with STATUS_INTERNAL_ERROR. A related
        // request takes tree and session from the one before it ([MS-SMB2] 3.2.4.1.4, 3.3.5.2.7.2). Servers exist that
        // look at the SessionId all the same, so that it is the real one; tree and file are all ones, because
        // TREE_CONNECT and CREATE are not answered yet.
        let related = |header: Header| Header {
            flags: Flags::RELATED,
            async_or_tree_id: u64::from(SAME_TREE) << 32,
            ..header
        };
        let bind_pdu = bind_pdu(BIND_CALL_ID);
        let tree_header = channel.header(Command::TREE_CONNECT, 0);
        let create_header = related(channel.header(Command::CREATE, 0));
        let bind_header = related(channel.header(Command::IOCTL, 0));
        channel.submit(vec![
            encode(&tree_header, &tree_connect),
            encode(&create_header, &create_request()),
            encode(&bind_header, &bind_request(&session.agreement, FileId::ANY, &bind_pdu)),
        ]);
        let compound = Compound {
            tree: (tree_header.message_id, None),
            create: (create_header.message_id, None),
            bind: (bind_header.message_id, None),
        };
        Self::new(session, false, Stage::Compound(compound))
    }

    fn new(session: Session, single_steps: bool, stage: Stage) -> Self {
        Self { session, single_steps, stage, abandoned: Vec::new() }
    }

    /// Whether what comes may be an answer to the compound.
    ///
    /// Not while the check against a downgrade is open: an answer without a signature may be the one to that check,
    /// which would then be final.
    pub(super) fn is_in_compound(&self) -> bool {
        let is_open = matches!(self.stage, Stage::Compound(_)) || !self.abandoned.is_empty();
        is_open && !self.session.validation.is_open()
    }

    /// What is being done.
    pub(super) fn step(&self) -> Step {
        match &self.stage {
            Stage::Compound(Compound { tree: (_, None), .. }) | Stage::Tree { .. } => Step::TreeConnect,
            Stage::Compound(Compound { create: (_, None), .. }) | Stage::Create { .. } => Step::OpenPipe,
            Stage::Compound(_) | Stage::Bind { .. } => Step::Bind,
        }
    }

    /// Takes an answer.
    pub(super) fn answered(
        mut self,
        reply: &Reply,
        config: &Config,
        channel: &mut Channel,
    ) -> Result<AfterReply, Failure> {
        if self.session.validation.is_answer(reply) {
            self.session.validation.answered(reply).map_err(Failure::at_step(Step::ValidateNegotiate))?;
            return Ok(AfterReply::Waiting(self));
        }
        let id = reply.message_id();
        self.abandoned.retain(|abandoned| *abandoned != id);
        match self.stage {
            Stage::Compound(mut compound) => {
                if id == compound.tree.0 {
                    let tree_id = tree_connected(reply, &self.session, config);
                    compound.tree.1 = Some(tree_id.map_err(Failure::at_step(Step::TreeConnect))?);
                } else if id == compound.create.0 {
                    compound.create.1 = Some(created(reply).map_err(Failure::at_step(Step::OpenPipe))?);
                } else if id == compound.bind.0 {
                    compound.bind.1 = Some(bind_answered(reply).map_err(Failure::at_step(Step::Bind))?);
                }
                let Self { session, single_steps, .. } = self;
                weigh_compound(session, single_steps, compound, channel)
            }
            Stage::Tree { request } if id == request => {
                let tree_id = tree_connected(reply, &self.session, config);
                let tree_id = tree_id.map_err(Failure::at_step(Step::TreeConnect))?;
                Ok(AfterReply::Waiting(create_alone(self.session, tree_id, channel)))
            }
            Stage::Create { request, tree_id } if id == request => {
                let opened = created(reply).and_then(|created| created.map_err(Cause::Status));
                let file_id = opened.map_err(Failure::at_step(Step::OpenPipe))?;
                let pdu = bind_pdu(BIND_CALL_ID);
                let request = channel.send(tree_id, &bind_request(&self.session.agreement, file_id, &pdu));
                let stage = Stage::Bind { request, tree_id, file_id };
                Ok(AfterReply::Waiting(Self { stage, ..self }))
            }
            Stage::Bind { request, tree_id, file_id } if id == request => {
                let answer = bind_answered(reply).and_then(|answer| answer.map_err(Cause::Status));
                let bound =
                    answer.and_then(|pdu| bound(self.session, self.single_steps, tree_id, file_id, &pdu));
                bound.map(AfterReply::Bound).map_err(Failure::at_step(Step::Bind))
            }
            // The answer to an abandoned request: the rest of a refused compound, or a CLOSE.
            _ => Ok(AfterReply::Waiting(self)),
        }
    }
}

/// Decides, with each answer to the compound, whether it succeeded, failed, or was refused as a compound.
///
/// TREE_CONNECT is judged first, then CREATE and the bind.
fn weigh_compound(
    session: Session,
    single_steps: bool,
    compound: Compound,
    channel: &mut Channel,
) -> Result<AfterReply, Failure> {
    let Compound { tree: (_, Some(tree_id)), create: (_, create), bind: (_, bind) } = &compound else {
        return Ok(AfterReply::Waiting(OpenPipe::new(session, single_steps, Stage::Compound(compound))));
    };
    let tree_id = *tree_id;
    match Opened::judge(create.as_ref(), bind.as_ref()) {
        Opened::Waiting => {
            Ok(AfterReply::Waiting(OpenPipe::new(session, single_steps, Stage::Compound(compound))))
        }
        // Keeps the tree and sends a new CREATE. Not only the IOCTL again: the refused one may have reached the pipe, and
        // a second bind on it would be a protocol error.
        Opened::CompoundRefused(open) => {
            tracing::debug!("compound refused, going on in single steps");
            if let Some(file_id) = open {
                // No round trip for this: its answer is ignored.
                channel.send(tree_id, &CloseRequest { file_id });
            }
            let unanswered =
                [create.is_none().then_some(compound.create.0), bind.is_none().then_some(compound.bind.0)];
            let abandoned = unanswered.into_iter().flatten().collect();
            Ok(AfterReply::Waiting(OpenPipe { abandoned, ..create_alone(session, tree_id, channel) }))
        }
        Opened::Refused(step, status, _) => Err(Failure { step, cause: Cause::Status(status) }),
        Opened::Answered(file_id, pdu) => bound(session, single_steps, tree_id, file_id, pdu)
            .map(AfterReply::Bound)
            .map_err(Failure::at_step(Step::Bind)),
    }
}

fn create_alone(mut session: Session, tree_id: u32, channel: &mut Channel) -> OpenPipe {
    session.validation.ask_along(channel, tree_id);
    let request = channel.send(tree_id, &create_request());
    OpenPipe::new(session, true, Stage::Create { request, tree_id })
}

/// The TreeId from the answer to TREE_CONNECT. Its errors are final: it is the first request of the compound and not
/// related, so that single steps would fail alike.
fn tree_connected(reply: &Reply, session: &Session, config: &Config) -> Result<u32, Cause> {
    match reply.status() {
        NtStatus::SUCCESS => {}
        status if demands_encryption(status, &session.agreement, config) => {
            return Err(Cause::EncryptionDemanded(Some(status)));
        }
        status => return Err(Cause::Status(status)),
    }
    let response: TreeConnectResponse = reply.body()?;
    if response.share_flags & TreeConnectResponse::ENCRYPT_DATA != 0 && config.encryption == Encryption::Off {
        return Err(Cause::EncryptionDemanded(None));
    }
    Ok(reply.header.tree_id())
}

/// The bound pipe, from the answer to the bind.
fn bound(
    session: Session,
    single_steps: bool,
    tree_id: u32,
    file_id: FileId,
    pdu: &[u8],
) -> Result<Bound, Cause> {
    let pipe = bind_accepted(pdu, BIND_CALL_ID, file_id)?;
    Ok(Bound { session, single_steps, tree_id, pipe })
}
