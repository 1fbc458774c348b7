use super::header::{Header, PacketType, flags};
use super::{SyntaxId, fragment::MIN_FRAGMENT};
use crate::wire::{DecodeError, Reader, Writer};

/// A client asks for an interface, rpc_bind (C706 12.6.4.3, \[MS-RPCE\] 2.2.2.13).
///
/// ```
/// use netsession_proto::{rpce::Bind, srvs};
///
/// let bind = Bind::new(1, srvs::INTERFACE, 5840);
/// assert_eq!(Bind::decode(&bind.encode()), Ok(bind));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// The call_id, which the answer repeats.
    pub call_id: u32,
    /// The longest fragment that the client will send, in bytes.
    pub max_xmit_frag: u16,
    /// The longest fragment that the client takes, in bytes.
    pub max_recv_frag: u16,
    /// Zero asks for a new association group.
    pub assoc_group: u32,
    /// The presentation contexts that are offered.
    pub contexts: Vec<PresentationContext>,
}

impl Bind {
    const FIXED: usize = 2 /* max_xmit_frag */
        + 2 /* max_recv_frag */
        + 4 /* assoc_group_id */
        + 1 /* n_context_elem */
        + 1 /* reserved */
        + 2 /* reserved2 */;

    /// Asks for one interface with NDR 2.0 alone, as presentation context 0: where NDR64 is offered too,
    /// Windows takes that and refuses NDR.
    #[must_use]
    pub fn new(call_id: u32, interface: SyntaxId, max_frag: u16) -> Self {
        let max_frag = max_frag.max(MIN_FRAGMENT);
        let context =
            PresentationContext { id: 0, abstract_syntax: interface, transfer_syntaxes: vec![SyntaxId::NDR] };
        Self {
            call_id,
            max_xmit_frag: max_frag,
            max_recv_frag: max_frag,
            assoc_group: 0,
            contexts: vec![context],
        }
    }

    /// The whole PDU. More than 255 contexts, or syntaxes of one context, are left out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let header = Header { packet_type: PacketType::Bind, flags: flags::WHOLE, call_id: self.call_id };
        let mut pdu = header.open(
            Header::FIXED
                .saturating_add(Self::FIXED)
                .saturating_add(PresentationContext::FIXED + SyntaxId::FIXED),
        );
        let writer = &mut pdu.writer;
        writer.u16(self.max_xmit_frag);
        writer.u16(self.max_recv_frag);
        writer.u32(self.assoc_group);
        let contexts = write_count(writer, &self.contexts);
        writer.zeros(1 + 2 /* reserved, reserved2 */);
        for context in contexts {
            context.encode_to(writer);
        }
        pdu.close()
    }

    /// Reads exactly one PDU of this kind.
    ///
    /// # Errors
    /// It is malformed or of another kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (header, mut body) = Header::expect(bytes, PacketType::Bind)?;
        Self::decode_body(header, &mut body)
    }

    pub(super) fn decode_body(header: Header, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let max_xmit_frag = reader.u16("max_xmit_frag")?;
        let max_recv_frag = reader.u16("max_recv_frag")?;
        let assoc_group = reader.u32("assoc_group_id")?;
        let count = reader.u8("n_context_elem")?;
        reader.skip(1 + 2, "reserved")?;
        // At most 255, and each read fails when the bytes end.
        let contexts =
            (0..count).map(|_| PresentationContext::decode_from(reader)).collect::<Result<_, _>>()?;
        Ok(Self { call_id: header.call_id, max_xmit_frag, max_recv_frag, assoc_group, contexts })
    }
}

/// An interface and the transfer syntaxes that the client can use for it, p_cont_elem_t (C706 12.6.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentationContext {
    /// The id by which requests name it.
    pub id: u16,
    /// The interface.
    pub abstract_syntax: SyntaxId,
    /// In the order of preference.
    pub transfer_syntaxes: Vec<SyntaxId>,
}

impl PresentationContext {
    const FIXED: usize = 2 /* p_cont_id */ + 1 /* n_transfer_syn */ + 1 /* reserved */ + SyntaxId::FIXED;

    fn encode_to(&self, writer: &mut Writer) {
        writer.u16(self.id);
        let syntaxes = write_count(writer, &self.transfer_syntaxes);
        writer.u8(0);
        self.abstract_syntax.encode_to(writer);
        for syntax in syntaxes {
            syntax.encode_to(writer);
        }
    }

    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let id = reader.u16("p_cont_id")?;
        let count = reader.u8("n_transfer_syn")?;
        reader.skip(1, "reserved")?;
        let abstract_syntax = SyntaxId::decode_from(reader, "abstract_syntax")?;
        let transfer_syntaxes = (0..count)
            .map(|_| SyntaxId::decode_from(reader, "transfer_syntaxes"))
            .collect::<Result<_, _>>()?;
        Ok(Self { id, abstract_syntax, transfer_syntaxes })
    }
}

/// Writes the number of elements as one byte, and returns the elements that it counts: at most 255.
pub(super) fn write_count<'e, T>(writer: &mut Writer, elements: &'e [T]) -> &'e [T] {
    match u8::try_from(elements.len()) {
        Ok(count) => {
            writer.u8(count);
            elements
        }
        Err(_) => {
            writer.u8(u8::MAX);
            elements.get(..usize::from(u8::MAX)).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srvs;

    #[test]
    fn one_interface_is_asked_for_with_ndr_alone() {
        let bytes = Bind::new(1, srvs::INTERFACE, 5840).encode();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "05000b03100000004800000001000000d016d0160000000001000000\
             00000100c84f324b7016d30112785a47bf6ee18803000000045d888aeb1cc9119fe808002b10486002000000"
        );
    }

    #[test]
    fn a_fragment_size_below_what_everyone_must_take_is_raised() {
        assert_eq!(Bind::new(1, srvs::INTERFACE, 0).max_recv_frag, MIN_FRAGMENT);
    }

    #[test]
    fn every_prefix_is_an_error() {
        let bytes = Bind::new(1, srvs::INTERFACE, 5840).encode();
        for end in 0..bytes.len() {
            assert!(Bind::decode(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn more_contexts_than_a_byte_counts_are_left_out() {
        let mut bind = Bind::new(1, srvs::INTERFACE, 5840);
        bind.contexts = vec![bind.contexts[0].clone(); 300];
        assert_eq!(Bind::decode(&bind.encode()).unwrap().contexts.len(), 255);
    }
}
