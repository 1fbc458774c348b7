use super::{Cipher, Header, SigningAlgorithm};
use crate::wire::{DecodeError, Reader, Writer};

/// A negotiate context of SMB 3.1.1 (\[MS-SMB2\] 2.2.3.1, 2.2.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NegotiateContext {
    /// SMB2_PREAUTH_INTEGRITY_CAPABILITIES.
    Preauth {
        /// Hash algorithms, by number; [`NegotiateContext::SHA_512`] is the only one there is.
        hashes: Vec<u16>,
        /// The salt.
        salt: Vec<u8>,
    },
    /// SMB2_ENCRYPTION_CAPABILITIES: ciphers by number, the preferred first; 0 from a server with none in common.
    Encryption(Vec<u16>),
    /// SMB2_SIGNING_CAPABILITIES: algorithms by number, the preferred first.
    Signing(Vec<u16>),
    /// SMB2_NETNAME_NEGOTIATE_CONTEXT_ID: the server as the user named it.
    NetName(String),
    /// One that is not used here.
    Other {
        /// Its type.
        kind: u16,
        /// Its data.
        data: Vec<u8>,
    },
}

impl NegotiateContext {
    /// The number of the hash algorithm SHA-512.
    pub const SHA_512: u16 = 0x0001;

    const PREAUTH: u16 = 0x0001;
    const ENCRYPTION: u16 = 0x0002;
    const NET_NAME: u16 = 0x0005;
    const SIGNING: u16 = 0x0008;

    const FIXED: usize = 2 /* ContextType */ + 2 /* DataLength */ + 4 /* Reserved */;

    /// A context that offers these ciphers.
    #[must_use]
    pub fn encryption(ciphers: &[Cipher]) -> Self {
        Self::Encryption(ciphers.iter().map(|cipher| cipher.number()).collect())
    }

    /// A context that offers these signing algorithms.
    #[must_use]
    pub fn signing(algorithms: &[SigningAlgorithm]) -> Self {
        Self::Signing(algorithms.iter().map(|algorithm| algorithm.number()).collect())
    }

    fn kind(&self) -> u16 {
        match self {
            Self::Preauth { .. } => Self::PREAUTH,
            Self::Encryption(_) => Self::ENCRYPTION,
            Self::Signing(_) => Self::SIGNING,
            Self::NetName(_) => Self::NET_NAME,
            Self::Other { kind, .. } => *kind,
        }
    }

    fn encode_data(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            Self::Preauth { hashes, salt } => {
                out.u16_length(hashes.len());
                out.u16_length(salt.len());
                hashes.iter().for_each(|hash| out.u16(*hash));
                out.bytes(salt);
            }
            Self::Encryption(numbers) | Self::Signing(numbers) => {
                out.u16_length(numbers.len());
                numbers.iter().for_each(|number| out.u16(*number));
            }
            Self::NetName(name) => out.utf16(name),
            Self::Other { data, .. } => out.bytes(data),
        }
        out.into_bytes()
    }

    fn decode_data(kind: u16, data: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(data);
        Ok(match kind {
            Self::PREAUTH => {
                let hash_count = reader.u16_length("HashAlgorithmCount")?;
                let salt_length = reader.u16_length("SaltLength")?;
                let hashes = numbers(&mut reader, hash_count, "HashAlgorithms")?;
                Self::Preauth { hashes, salt: reader.take(salt_length, "Salt")?.to_vec() }
            }
            Self::ENCRYPTION => {
                let count = reader.u16_length("CipherCount")?;
                Self::Encryption(numbers(&mut reader, count, "Ciphers")?)
            }
            Self::SIGNING => {
                let count = reader.u16_length("SigningAlgorithmCount")?;
                Self::Signing(numbers(&mut reader, count, "SigningAlgorithms")?)
            }
            Self::NET_NAME => Self::NetName(crate::wire::utf16_lossy(data)),
            _ => Self::Other { kind, data: data.to_vec() },
        })
    }

    /// Writes a list of contexts, each aligned to 8 bytes.
    pub(super) fn encode_list(contexts: &[Self], out: &mut Writer) {
        for context in contexts {
            out.align(8);
            let data = context.encode_data();
            out.u16(context.kind());
            out.u16_length(data.len());
            out.u32(0); // Reserved
            out.bytes(&data);
        }
    }

    /// Reads `count` contexts from `offset` of the message that `reader` is on.
    pub(super) fn decode_list(
        reader: &Reader<'_>,
        offset: usize,
        count: usize,
    ) -> Result<Vec<Self>, DecodeError> {
        let mut contexts = Vec::new();
        let mut at = offset;
        for _ in 0..count {
            if at < Header::SIZE {
                return Err(DecodeError::wrong("NegotiateContextOffset", at, "lies within the header"));
            }
            let mut head = Reader::new(reader.sub(at, Self::FIXED, "NegotiateContext")?);
            let kind = head.u16("ContextType")?;
            let length = usize::from(head.u16("DataLength")?);
            let data_at = at.saturating_add(Self::FIXED);
            contexts.push(Self::decode_data(kind, reader.sub(data_at, length, "NegotiateContext data")?)?);
            at = data_at.saturating_add(length).checked_next_multiple_of(8).unwrap_or(usize::MAX);
        }
        Ok(contexts)
    }
}

fn numbers(reader: &mut Reader<'_>, count: usize, field: &'static str) -> Result<Vec<u16>, DecodeError> {
    let mut list = Reader::new(reader.take(count.saturating_mul(2), field)?);
    let mut numbers = Vec::new();
    while !list.is_empty() {
        numbers.push(list.u16(field)?);
    }
    Ok(numbers)
}
