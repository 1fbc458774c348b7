use netsession_proto::rpce::{
    Bind, BindAck, BindNak, ContextResult, Fault, FaultStatus, NakReason, Pdu, PresentationContext,
    RejectionReason, Request, Response, SyntaxId, fragments,
};
use netsession_proto::srvs;
use netsession_proto::wire::Reader;

use super::calls::{self, CallContext};
use super::faults::{self, Faults};
use crate::host::{Caller, Host};
use crate::scenario::{FaultKind, Layer, Step};

/// The longest request that is put together, in bytes.
const MAX_REQUEST: usize = 1 << 20;

/// The RPC association of one pipe: bind, then requests and their fragments (C706, \[MS-RPCE\]).
#[derive(Debug, Default)]
pub(super) struct Association {
    /// The presentation contexts that were accepted, once there was a bind.
    bound: Option<Vec<u16>>,
    max_fragment: u16,
    /// The stub of a request whose last fragment is still to come.
    stub: Vec<u8>,
}

/// What an association works on besides its own state.
#[derive(Debug)]
pub(super) struct PipeContext<'a> {
    pub(super) host: &'a Host,
    pub(super) caller: &'a Caller,
    /// The server's clock, as a FILETIME.
    pub(super) filetime: u64,
    pub(super) faults: &'a mut Faults,
    pub(super) in_compound: bool,
}

/// The answer to one PDU.
#[derive(Debug)]
pub(super) struct PduAnswer {
    /// What kind of PDU it was.
    pub(super) step: Step,
    /// PDUs to be read; none while more fragments of the request are to come.
    pub(super) pdus: Vec<Vec<u8>>,
    /// A PDU that is read after those, without end.
    pub(super) looped: Option<Vec<u8>>,
}

impl Association {
    /// Takes a whole PDU.
    pub(super) fn receive(&mut self, pdu: &[u8], context: &mut PipeContext<'_>) -> PduAnswer {
        match Pdu::decode(pdu) {
            Ok(Pdu::Bind(bind)) => {
                let kinds = context.faults.firing(Layer::Rpc, Step::Bind, context.in_compound);
                let pdu = self.bind(&bind, context.host.scenario().rpc.max_fragment, &kinds);
                PduAnswer { step: Step::Bind, pdus: vec![pdu], looped: None }
            }
            Ok(Pdu::Request(request)) => self.request(&request, context),
            _ => PduAnswer { step: Step::Other, pdus: vec![protocol_error(pdu)], looped: None },
        }
    }

    fn bind(&mut self, bind: &Bind, max_fragment: u16, kinds: &[FaultKind]) -> Vec<u8> {
        if let Some(status) = faults::rpc_fault(kinds) {
            return fault(bind.call_id, 0, status);
        }
        if self.bound.is_some() || kinds.contains(&FaultKind::BindNak) {
            let reason = NakReason::NOT_SPECIFIED;
            return BindNak { call_id: bind.call_id, reason, versions: vec![(5, 0)] }.encode();
        }
        let mut results: Vec<ContextResult> = bind.contexts.iter().map(judge).collect();
        if kinds.contains(&FaultKind::BindRejection) {
            results.fill(ContextResult::ProviderRejection(RejectionReason::ABSTRACT_SYNTAX_NOT_SUPPORTED));
        }
        if kinds.contains(&FaultKind::OtherTransferSyntax) {
            results.fill(ContextResult::Acceptance(SyntaxId::NDR64));
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
        ack.encode()
    }

    fn request(&mut self, request: &Request<'_>, context: &mut PipeContext<'_>) -> PduAnswer {
        let mut answer = PduAnswer { step: Step::Enumerate, pdus: Vec::new(), looped: None };
        if request.first {
            self.stub.clear();
        }
        self.stub.extend_from_slice(request.stub);
        if !request.last {
            return answer;
        }
        let stub = std::mem::take(&mut self.stub);
        let kinds = context.faults.firing(Layer::Rpc, Step::Enumerate, context.in_compound);
        let bound = self.bound.as_ref().is_some_and(|ids| ids.contains(&request.context_id));
        let result = if !bound {
            Err(FaultStatus::INVALID_PRES_CONTEXT_ID)
        } else if stub.len() > MAX_REQUEST {
            Err(FaultStatus::REMOTE_NO_MEMORY)
        } else {
            let PipeContext { host, caller, filetime, .. } = *context;
            let call = CallContext { host, caller, filetime, faults: &kinds };
            calls::answer(&call, request.opnum, &stub)
        };
        match result {
            Ok(stub) => {
                let mut parts: Vec<Response<'_>> = fragments(&stub, self.max_fragment)
                    .map(|part| part.response(request.call_id, request.context_id))
                    .collect();
                for kind in &kinds {
                    answer.looped = faults::spoil_fragments(kind, &mut parts).or(answer.looped);
                }
                answer.pdus = parts.iter().map(Response::encode).collect();
            }
            Err(status) => answer.pdus.push(fault(request.call_id, request.context_id, status)),
        }
        answer
    }
}

/// The answer to bytes that are no PDU, or a PDU of a kind that no client sends.
pub(super) fn protocol_error(pdu: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(pdu);
    let call_id = reader.skip(12, "before call_id").and_then(|()| reader.u32("call_id"));
    fault(call_id.unwrap_or(0), 0, FaultStatus::PROTO_ERROR)
}

fn fault(call_id: u32, context_id: u16, status: FaultStatus) -> Vec<u8> {
    Fault { call_id, context_id, did_not_execute: true, status }.encode()
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
