use super::channel::{Expect, Reply};
use super::connection::{Connection, State};
use super::{Cause, Encryption, Event, Negotiated};
use crate::erref::NtStatus;
use crate::rpce::{Bind, ContextResult, Pdu, SyntaxId};
use crate::smb2::{
    Body, CloseRequest, Command, CreateRequest, CreateResponse, FSCTL_PIPE_TRANSCEIVE, FileId, Flags, Header,
    IoctlRequest, IoctlResponse, TreeConnectRequest, TreeConnectResponse, encode,
};
use crate::srvs;

/// The tree and session of the request before it, in a related compound (\[MS-SMB2\] 3.2.4.1.4).
const SAME_TREE: u32 = u32::MAX;
const SAME_SESSION: u64 = u64::MAX;

/// The longest RPC fragment that is offered. Samba and Windows grant 5840; a server that grants more needs
/// fewer READs.
const MAX_FRAGMENT: u16 = 0xfff8;

/// How far the pipe has been opened.
#[derive(Debug)]
pub(super) enum OpenPipe {
    /// TREE_CONNECT, CREATE and IOCTL(bind) have been sent as one compound. Their answers come in one frame
    /// or in several, in any order.
    Compound {
        tree: Option<u32>,
        create: Option<Result<FileId, NtStatus>>,
        bind: Option<Result<Vec<u8>, NtStatus>>,
    },
    /// One request after the other: TREE_CONNECT has been sent.
    Tree,
    /// CREATE has been sent.
    Create,
    /// IOCTL(bind) has been sent.
    Bind(FileId),
}

/// The open and bound pipe.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) file_id: FileId,
    /// The longest fragment that the server takes.
    pub(super) max_fragment: u16,
    pub(super) next_call_id: u32,
}

impl Connection {
    /// Opens `IPC$` and the pipe and binds it: in one compound where that may work.
    pub(super) fn open_pipe(&mut self) {
        if self.single_steps || self.channel.credits() < 3 {
            self.state = State::OpenPipe(OpenPipe::Tree);
            let request = self.tree_connect_request();
            self.channel.send(Expect::TreeConnect, 0, &request);
            return;
        }
        self.state = State::OpenPipe(OpenPipe::Compound { tree: None, create: None, bind: None });
        let related = |header: Header| Header {
            flags: Flags::RELATED,
            session_id: SAME_SESSION,
            async_or_tree_id: u64::from(SAME_TREE) << 32,
            ..header
        };
        let tree_connect = encode(&self.channel.header(Expect::TreeConnect, 0), &self.tree_connect_request());
        let create = encode(&related(self.channel.header(Expect::Create, 0)), &create_request());
        let bind_pdu = bind_pdu();
        let ioctl = self.transceive(FileId::ANY, &bind_pdu);
        let bind = encode(&related(self.channel.header(Expect::Bind, 0)), &ioctl);
        self.channel.submit(vec![tree_connect, create, bind]);
    }

    /// A control code that writes to the pipe and reads the answer.
    pub(super) fn transceive<'a>(&self, file_id: FileId, input: &'a [u8]) -> IoctlRequest<'a> {
        let max_output = self.agreement.as_ref().map_or(0, |agreement| agreement.max_transact_size);
        IoctlRequest { code: FSCTL_PIPE_TRANSCEIVE, file_id, input, max_output: max_output.min(ONE_CREDIT) }
    }

    /// Takes the answer to TREE_CONNECT. Its errors are final.
    pub(super) fn tree_connected(&mut self, reply: &Reply) -> Result<(), Cause> {
        match reply.header.status {
            NtStatus::SUCCESS => {}
            status if self.may_demand_encryption(status) => {
                return Err(Cause::EncryptionDemanded(Some(status)));
            }
            status => return Err(Cause::Status(status)),
        }
        let response = TreeConnectResponse::decode(&reply.message).map_err(Cause::Malformed)?;
        if response.share_flags & TreeConnectResponse::ENCRYPT_DATA != 0
            && self.config.encryption == Encryption::Off
        {
            return Err(Cause::EncryptionDemanded(None));
        }
        self.tree_id = reply.header.tree_id();
        match &mut self.state {
            State::OpenPipe(OpenPipe::Compound { tree, .. }) => {
                *tree = Some(self.tree_id);
                self.weigh_compound()
            }
            State::OpenPipe(OpenPipe::Tree) => {
                self.create_alone();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes the answer to CREATE.
    pub(super) fn created(&mut self, reply: &Reply) -> Result<(), Cause> {
        let outcome = match reply.header.status {
            NtStatus::SUCCESS => {
                Ok(CreateResponse::decode(&reply.message).map_err(Cause::Malformed)?.file_id)
            }
            status => Err(status),
        };
        match (&mut self.state, outcome) {
            (State::OpenPipe(OpenPipe::Compound { create, .. }), outcome) => {
                *create = Some(outcome);
                self.weigh_compound()
            }
            (State::OpenPipe(state @ OpenPipe::Create), Ok(file_id)) => {
                *state = OpenPipe::Bind(file_id);
                let pdu = bind_pdu();
                let ioctl = self.transceive(file_id, &pdu);
                self.channel.send(Expect::Bind, self.tree_id, &ioctl);
                Ok(())
            }
            (_, Err(status)) => Err(Cause::Status(status)),
            _ => Ok(()),
        }
    }

    /// Takes the answer to IOCTL(bind).
    pub(super) fn bind_answered(&mut self, reply: &Reply) -> Result<(), Cause> {
        let outcome = match reply.header.status {
            NtStatus::SUCCESS | NtStatus::BUFFER_OVERFLOW => {
                Ok(IoctlResponse::decode(&reply.message).map_err(Cause::Malformed)?.output.to_vec())
            }
            status => Err(status),
        };
        match (&mut self.state, outcome) {
            (State::OpenPipe(OpenPipe::Compound { bind, .. }), outcome) => {
                *bind = Some(outcome);
                self.weigh_compound()
            }
            (State::OpenPipe(OpenPipe::Bind(file_id)), Ok(output)) => {
                let file_id = *file_id;
                self.bound(file_id, &output)
            }
            (_, Err(status)) => Err(Cause::Status(status)),
            _ => Ok(()),
        }
    }

    /// Decides, with each answer to the compound, whether it worked, failed, or was refused as a compound.
    fn weigh_compound(&mut self) -> Result<(), Cause> {
        let State::OpenPipe(OpenPipe::Compound { tree: Some(_), create, bind }) = &mut self.state else {
            return Ok(());
        };
        match (create, bind) {
            (Some(Err(status)), _) if !refuses_compound(*status) => Err(Cause::Status(*status)),
            (Some(Err(_)), _) => {
                self.fall_back_to_single_steps(None);
                Ok(())
            }
            (Some(Ok(file_id)), Some(Ok(output))) => {
                let (file_id, output) = (*file_id, std::mem::take(output));
                self.bound(file_id, &output)
            }
            (Some(Ok(_)), Some(Err(status))) if !refuses_compound(*status) => Err(Cause::Status(*status)),
            (Some(Ok(file_id)), Some(Err(_))) => {
                let file_id = *file_id;
                self.fall_back_to_single_steps(Some(file_id));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Keeps the tree and goes on with a fresh CREATE: the refused IOCTL may have reached the pipe.
    fn fall_back_to_single_steps(&mut self, open: Option<FileId>) {
        tracing::debug!("compound refused, going on in single steps");
        self.single_steps = true;
        self.channel.forget_pending();
        if let Some(file_id) = open {
            let close = CloseRequest { file_id };
            self.channel.send(Expect::Nothing(Command::CLOSE), self.tree_id, &close);
        }
        self.create_alone();
    }

    fn create_alone(&mut self) {
        self.state = State::OpenPipe(OpenPipe::Create);
        self.validate_along();
        self.channel.send(Expect::Create, self.tree_id, &create_request());
    }

    fn bound(&mut self, file_id: FileId, output: &[u8]) -> Result<(), Cause> {
        let ack = match Pdu::decode(output).map_err(Cause::Malformed)? {
            Pdu::BindAck(ack) => ack,
            Pdu::BindNak(nak) => return Err(Cause::BindRefused(nak.reason.to_string())),
            Pdu::Fault(fault) => return Err(Cause::Fault(fault.status)),
            _ => return Err(Cause::Misbehaved("an RPC message that answers no bind")),
        };
        if ack.call_id != BIND_CALL_ID {
            return Err(Cause::Misbehaved("an answer to another RPC call"));
        }
        match ack.results.as_slice() {
            [ContextResult::Acceptance(SyntaxId::NDR)] => {}
            [ContextResult::Acceptance(_)] => {
                return Err(Cause::Misbehaved("a transfer syntax that was not offered"));
            }
            [ContextResult::UserRejection(reason) | ContextResult::ProviderRejection(reason)] => {
                return Err(Cause::BindRefused(reason.to_string()));
            }
            _ => return Err(Cause::Misbehaved("more or less than one answer to a bind")),
        }
        let Some(agreement) = &self.agreement else { return Ok(()) };
        let negotiated = Negotiated { dialect: agreement.dialect, encrypted: agreement.cipher.is_some() };
        self.pipe = Some(Pipe {
            file_id,
            max_fragment: ack.max_recv_frag,
            next_call_id: BIND_CALL_ID.saturating_add(1),
        });
        self.state = State::Ready;
        tracing::debug!(max_fragment = ack.max_xmit_frag, "pipe srvsvc bound");
        self.emit(Event::Ready(negotiated));
        Ok(())
    }

    fn tree_connect_request(&self) -> TreeConnectRequest {
        TreeConnectRequest { path: format!(r"\\{}\IPC$", self.config.server) }
    }
}

/// Bytes that one credit pays for (\[MS-SMB2\] 3.1.5.2).
pub(super) const ONE_CREDIT: u32 = 0x1_0000;

const BIND_CALL_ID: u32 = 1;

/// Statuses of CREATE and IOCTL by which servers refuse a compound that they cannot process.
fn refuses_compound(status: NtStatus) -> bool {
    [
        NtStatus::INVALID_PARAMETER,
        NtStatus::INTERNAL_ERROR,
        NtStatus::NOT_SUPPORTED,
        NtStatus::INVALID_HANDLE,
        NtStatus::FILE_CLOSED,
    ]
    .contains(&status)
}

fn create_request() -> CreateRequest {
    CreateRequest { name: srvs::PIPE.to_owned() }
}

fn bind_pdu() -> Vec<u8> {
    Bind::new(BIND_CALL_ID, srvs::INTERFACE, MAX_FRAGMENT).encode()
}
