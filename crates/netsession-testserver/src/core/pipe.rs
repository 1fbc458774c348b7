use std::collections::VecDeque;
use std::net::IpAddr;

use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::{
    Bind, BindAck, BindNak, ContextResult, Fault, FaultStatus, NakReason, Pdu, PresentationContext,
    RejectionReason, Request, Response, SyntaxId, fragments, split_pdu,
};
use netsession_proto::smb2::Header;
use netsession_proto::srvs;
use netsession_proto::wire::{Reader, to_usize};

use super::faults::{self, Faults};
use super::receive::Call;
use super::session::Caller;
use super::session_enum;
use crate::Scenario;
use crate::scenario::{FaultKind, Layer, Step};

/// The longest request that is put together, in bytes.
const MAX_REQUEST: usize = 1 << 20;

/// An open pipe `srvsvc` and the RPC association on it.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) session_id: u64,
    pub(super) tree_id: u32,
    /// READs for which there is nothing yet.
    pub(super) waiting: VecDeque<Waiting>,
    /// The presentation contexts that were accepted, once there was a bind.
    bound: Option<Vec<u16>>,
    max_fragment: u16,
    /// The beginning of a PDU.
    incoming: Vec<u8>,
    /// The stub of a request whose last fragment is still to come.
    stub: Vec<u8>,
    /// What is to be read: one PDU is one message of the pipe.
    outgoing: VecDeque<Vec<u8>>,
    /// What is read when there is nothing else, without end.
    looped: Option<Vec<u8>>,
}

/// What a call needs to know beside its own bytes.
#[derive(Debug)]
pub(super) struct Host<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) caller: &'a Caller,
    pub(super) peer: Option<IpAddr>,
    pub(super) faults: &'a mut Faults,
    pub(super) in_compound: bool,
}

/// What a READ or IOCTL brings.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) data: Vec<u8>,
    pub(super) status: NtStatus,
}

/// A READ that waits for something to be written.
#[derive(Debug)]
pub(super) struct Waiting {
    header: Header,
    session_id: u64,
    tree_id: u32,
    sealed: Option<u64>,
    length: u32,
}

impl Waiting {
    pub(super) fn new(call: &Call<'_>, length: u32) -> Self {
        let Call { session_id, tree_id, sealed, .. } = *call;
        Self { header: call.header.clone(), session_id, tree_id, sealed, length }
    }

    /// The call as it was made.
    pub(super) fn call(&self) -> Call<'static> {
        Call {
            header: self.header.clone(),
            message: &[],
            session_id: self.session_id,
            tree_id: self.tree_id,
            file_id: None,
            sealed: self.sealed,
            in_compound: false,
            step: Step::Read,
        }
    }
}

impl Pipe {
    pub(super) fn new(session_id: u64, tree_id: u32) -> Self {
        Self {
            session_id,
            tree_id,
            waiting: VecDeque::new(),
            bound: None,
            max_fragment: 0,
            incoming: Vec::new(),
            stub: Vec::new(),
            outgoing: VecDeque::new(),
            looped: None,
        }
    }

    /// Takes what the client writes, and says what kind of step it was.
    pub(super) fn write(&mut self, data: &[u8], host: &mut Host<'_>) -> Step {
        let mut bytes = std::mem::take(&mut self.incoming);
        bytes.extend_from_slice(data);
        let mut rest = bytes.as_slice();
        let mut step = Step::Other;
        loop {
            match split_pdu(rest) {
                Ok(None) => {
                    self.incoming = rest.to_vec();
                    return step;
                }
                Ok(Some((pdu, after))) => {
                    step = self.pdu(pdu, host);
                    rest = after;
                }
                Err(_) => {
                    self.refuse(rest);
                    return step;
                }
            }
        }
    }

    /// The next message, or as much of it as fits.
    pub(super) fn read(&mut self, length: u32, overflows: bool) -> Option<Piece> {
        let mut data = self.outgoing.pop_front().or_else(|| self.looped.clone())?;
        let length = to_usize(length);
        let mut status = NtStatus::SUCCESS;
        if data.len() > length {
            self.outgoing.push_front(data.split_off(length));
            status = NtStatus::BUFFER_OVERFLOW;
        } else if overflows && !self.outgoing.is_empty() {
            status = NtStatus::BUFFER_OVERFLOW;
        }
        Some(Piece { data, status })
    }

    /// A READ that has been waiting, with what it brings now.
    pub(super) fn next_answered(&mut self, overflows: bool) -> Option<(Waiting, Piece)> {
        let length = self.waiting.front()?.length;
        let piece = self.read(length, overflows)?;
        Some((self.waiting.pop_front()?, piece))
    }

    /// The READ of this number, which waits no more.
    pub(super) fn give_up(&mut self, message_id: u64) -> Option<Waiting> {
        let index = self.waiting.iter().position(|waiting| waiting.header.message_id == message_id)?;
        self.waiting.remove(index)
    }

    fn pdu(&mut self, pdu: &[u8], host: &mut Host<'_>) -> Step {
        match Pdu::decode(pdu) {
            Ok(Pdu::Bind(bind)) => {
                let kinds = host.faults.firing(Layer::Rpc, Step::Bind, host.in_compound);
                self.bind(&bind, host.scenario.rpc.max_fragment, &kinds);
                Step::Bind
            }
            Ok(Pdu::Request(request)) => {
                self.request(&request, host);
                Step::Enumerate
            }
            _ => {
                self.refuse(pdu);
                Step::Other
            }
        }
    }

    fn bind(&mut self, bind: &Bind, max_fragment: u16, kinds: &[FaultKind]) {
        if self.bound.is_some() || kinds.contains(&FaultKind::BindNak) {
            let nak =
                BindNak { call_id: bind.call_id, reason: NakReason::NOT_SPECIFIED, versions: vec![(5, 0)] };
            self.outgoing.push_back(nak.encode());
            return;
        }
        let mut results: Vec<ContextResult> = bind.contexts.iter().map(judge).collect();
        if kinds.contains(&FaultKind::BindRejection) {
            results.fill(ContextResult::ProviderRejection(RejectionReason::ABSTRACT_SYNTAX_NOT_SUPPORTED));
        }
        let accepted = bind.contexts.iter().zip(&results);
        self.bound = Some(
            accepted
                .filter(|(_, result)| matches!(result, ContextResult::Acceptance(_)))
                .map(|(context, _)| context.id)
                .collect(),
        );
        self.max_fragment = bind.max_recv_frag.min(max_fragment);
        let ack = BindAck {
            call_id: bind.call_id,
            max_xmit_frag: self.max_fragment,
            max_recv_frag: bind.max_xmit_frag.min(max_fragment),
            assoc_group: 0x53f0,
            secondary_address: b"\\PIPE\\srvsvc\0".to_vec(),
            results,
        };
        self.outgoing.push_back(ack.encode());
    }

    fn request(&mut self, request: &Request<'_>, host: &mut Host<'_>) {
        if request.first {
            self.stub.clear();
        }
        self.stub.extend_from_slice(request.stub);
        if !request.last {
            return;
        }
        let stub = std::mem::take(&mut self.stub);
        let bound = self.bound.as_ref().is_some_and(|ids| ids.contains(&request.context_id));
        let outcome = if !bound {
            Err(FaultStatus::INVALID_PRES_CONTEXT_ID)
        } else if stub.len() > MAX_REQUEST {
            Err(FaultStatus::REMOTE_NO_MEMORY)
        } else if request.opnum != <srvs::SessionEnumRequest as srvs::RpcCall>::OPNUM {
            Err(FaultStatus::OP_RNG_ERROR)
        } else {
            let kinds = host.faults.firing(Layer::Rpc, Step::Enumerate, host.in_compound);
            session_enum::answer(&stub, host, &kinds).map(|stub| (stub, kinds))
        };
        match outcome {
            Ok((stub, kinds)) => {
                let mut parts: Vec<Response<'_>> = fragments(&stub, self.max_fragment)
                    .map(|part| part.response(request.call_id, request.context_id))
                    .collect();
                for kind in &kinds {
                    if let Some(again) = faults::spoil_fragments(kind, &mut parts) {
                        self.looped = Some(again);
                    }
                }
                self.outgoing.extend(parts.iter().map(Response::encode));
            }
            Err(status) => self.fault(request.call_id, request.context_id, status),
        }
    }

    /// Answers what cannot be read, or is of a kind that is not expected from a client.
    fn refuse(&mut self, pdu: &[u8]) {
        let mut reader = Reader::new(pdu);
        let call_id = reader.skip(12, "before call_id").and_then(|()| reader.u32("call_id"));
        self.fault(call_id.unwrap_or(0), 0, FaultStatus::PROTO_ERROR);
    }

    fn fault(&mut self, call_id: u32, context_id: u16, status: FaultStatus) {
        let fault = Fault { call_id, context_id, did_not_execute: true, status };
        self.outgoing.push_back(fault.encode());
    }
}

/// Whether a presentation context is accepted.
fn judge(context: &PresentationContext) -> ContextResult {
    /// 6cb71c2c-9812-4540-…: the rest says which features the client offers (\[MS-RPCE\] 3.3.1.5.3).
    const BIND_TIME_FEATURES: (u32, u16, u16) = (0x6cb7_1c2c, 0x9812, 0x4540);
    let asks_for_features =
        |syntax: &SyntaxId| (syntax.uuid.data1, syntax.uuid.data2, syntax.uuid.data3) == BIND_TIME_FEATURES;
    if context.transfer_syntaxes.iter().any(asks_for_features) {
        ContextResult::NegotiateAck { features: 0 }
    } else if context.abstract_syntax != srvs::INTERFACE {
        ContextResult::ProviderRejection(RejectionReason::ABSTRACT_SYNTAX_NOT_SUPPORTED)
    } else if context.transfer_syntaxes.contains(&SyntaxId::NDR) {
        ContextResult::Acceptance(SyntaxId::NDR)
    } else {
        ContextResult::ProviderRejection(RejectionReason::TRANSFER_SYNTAXES_NOT_SUPPORTED)
    }
}
