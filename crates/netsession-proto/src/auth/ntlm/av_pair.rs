use super::payload::fits;
use crate::auth::AuthError;
use crate::wire::{DecodeError, Reader, Writer};

/// The kind of an [`AvPair`] (AvId, \[MS-NLMP\] 2.2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AvId(pub u16);

impl AvId {
    /// MsvAvEOL: the end of the list.
    pub const EOL: Self = Self(0x0000);
    /// MsvAvNbComputerName: the server's NetBIOS name, UTF-16.
    pub const NB_COMPUTER_NAME: Self = Self(0x0001);
    /// MsvAvNbDomainName: its domain's NetBIOS name, UTF-16.
    pub const NB_DOMAIN_NAME: Self = Self(0x0002);
    /// MsvAvDnsComputerName: the server's DNS name, UTF-16.
    pub const DNS_COMPUTER_NAME: Self = Self(0x0003);
    /// MsvAvDnsDomainName: its domain's DNS name, UTF-16.
    pub const DNS_DOMAIN_NAME: Self = Self(0x0004);
    /// MsvAvDnsTreeName: its forest's DNS name, UTF-16.
    pub const DNS_TREE_NAME: Self = Self(0x0005);
    /// MsvAvFlags: 32 bits.
    pub const FLAGS: Self = Self(0x0006);
    /// MsvAvTimestamp: a FILETIME.
    pub const TIMESTAMP: Self = Self(0x0007);
    /// MsvAvTargetName: the name of the service that the client means to talk to, UTF-16.
    pub const TARGET_NAME: Self = Self(0x0009);
    /// MsvAvChannelBindings: an MD5 hash, zeros for none.
    pub const CHANNEL_BINDINGS: Self = Self(0x000a);
}

/// One attribute of a server or client (AV_PAIR, \[MS-NLMP\] 2.2.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvPair {
    /// Its kind.
    pub id: AvId,
    /// Its value.
    pub value: Vec<u8>,
}

/// A list of AV pairs, without the MsvAvEOL that ends it on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetInfo {
    pairs: Vec<AvPair>,
}

impl TargetInfo {
    /// Bit of MsvAvFlags: the AUTHENTICATE message has a MIC.
    pub const MIC_PROVIDED: u32 = 0x0000_0002;

    /// The pairs, in the order of the wire.
    #[must_use]
    pub fn pairs(&self) -> &[AvPair] {
        &self.pairs
    }

    /// The value of the first pair of this kind.
    #[must_use]
    pub fn value(&self, id: AvId) -> Option<&[u8]> {
        self.pairs.iter().find(|pair| pair.id == id).map(|pair| pair.value.as_slice())
    }

    /// MsvAvFlags; no bit is set where the pair is missing.
    ///
    /// # Errors
    /// The value has not four bytes.
    pub fn flags(&self) -> Result<u32, DecodeError> {
        self.value(AvId::FLAGS).map_or(Ok(0), |value| exact(value, "MsvAvFlags").map(u32::from_le_bytes))
    }

    /// MsvAvTimestamp: hundreds of nanoseconds since 1601.
    ///
    /// # Errors
    /// The value has not eight bytes.
    pub fn timestamp(&self) -> Result<Option<u64>, DecodeError> {
        self.value(AvId::TIMESTAMP)
            .map(|value| exact(value, "MsvAvTimestamp").map(u64::from_le_bytes))
            .transpose()
    }

    /// Replaces all values of its kind by this one, at the end of the list.
    pub fn set(&mut self, id: AvId, value: Vec<u8>) {
        self.pairs.retain(|pair| pair.id != id);
        self.pairs.push(AvPair { id, value });
    }

    /// The list with its MsvAvEOL.
    ///
    /// # Errors
    /// [`AuthError::TooLong`] when a value does not fit its 16-bit length.
    pub fn encode(&self) -> Result<Vec<u8>, AuthError> {
        let mut writer = Writer::new();
        for pair in &self.pairs {
            writer.u16(pair.id.0);
            writer.u16(fits(pair.value.len(), "target info")?);
            writer.bytes(&pair.value);
        }
        writer.u16(AvId::EOL.0);
        writer.u16(0);
        Ok(writer.into_bytes())
    }

    /// Reads a list up to its MsvAvEOL; bytes after that are ignored.
    ///
    /// # Errors
    /// A pair is cut short, or the MsvAvEOL is missing or not empty.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let mut pairs = Vec::new();
        loop {
            let id = AvId(reader.u16("AvId")?);
            let offset = reader.position();
            let length = reader.u16_length("AvLen")?;
            match (id, length) {
                (AvId::EOL, 0) => return Ok(Self { pairs }),
                (AvId::EOL, _) => return Err(DecodeError::wrong("AvLen", offset, "of MsvAvEOL is not zero")),
                _ => pairs.push(AvPair { id, value: reader.take(length, "AV_PAIR.Value")?.to_vec() }),
            }
        }
    }
}

fn exact<const N: usize>(value: &[u8], field: &'static str) -> Result<[u8; N], DecodeError> {
    let mut reader = Reader::new(value);
    let array = reader.take_array(field)?;
    if reader.is_empty() { Ok(array) } else { Err(reader.wrong(field, "is too long")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_prefix_is_an_error() {
        let mut info = TargetInfo::default();
        info.set(AvId::NB_COMPUTER_NAME, crate::wire::utf16_bytes("FS1"));
        info.set(AvId::TIMESTAMP, vec![1; 8]);
        let bytes = info.encode().unwrap();
        for end in 0..bytes.len() {
            assert!(TargetInfo::decode(&bytes[..end]).is_err(), "{end}");
        }
        assert_eq!(TargetInfo::decode(&[bytes, vec![0; 4]].concat()), Ok(info));
    }

    #[test]
    fn values_of_the_wrong_size_are_errors() {
        let mut info = TargetInfo::default();
        assert_eq!((info.flags(), info.timestamp()), (Ok(0), Ok(None)));
        for length in [0, 3, 5, 7, 9] {
            info.set(AvId::FLAGS, vec![0; length]);
            info.set(AvId::TIMESTAMP, vec![0; length]);
            assert!(info.flags().is_err() && info.timestamp().is_err(), "{length}");
        }
        assert!(TargetInfo::decode(&[0, 0, 1, 0, 0]).is_err());
    }

    proptest! {
        #[test]
        fn lists_survive_both_ways(pairs: Vec<(u16, Vec<u8>)>) {
            let pairs =
                pairs.into_iter().map(|(id, value)| AvPair { id: AvId(id.max(1)), value }).collect();
            let info = TargetInfo { pairs };
            prop_assert_eq!(TargetInfo::decode(&info.encode().unwrap()), Ok(info));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            if let Ok(info) = TargetInfo::decode(&bytes) {
                let _ = (info.flags(), info.timestamp());
            }
        }
    }
}
