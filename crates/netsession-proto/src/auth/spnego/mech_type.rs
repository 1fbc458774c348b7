use super::der::{self, DerReader};
use crate::wire::DecodeError;

/// NTLMSSP, 1.3.6.1.4.1.311.2.2.10.
const NTLMSSP: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];
/// Kerberos 5, 1.2.840.113554.1.2.2.
const KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// Kerberos 5 with the number that Windows 2000 shortened to 16 bits, 1.2.840.48018.1.2.2.
const MS_KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02];

/// A mechanism, by its object identifier (RFC 4178 4.1, \[MS-SPNG\] 3.1.5.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MechType {
    /// NTLMSSP, 1.3.6.1.4.1.311.2.2.10.
    Ntlmssp,
    /// Kerberos 5, 1.2.840.113554.1.2.2.
    Kerberos,
    /// Kerberos 5 by Microsoft's number, 1.2.840.48018.1.2.2.
    MsKerberos,
    /// Another one: the contents of its OBJECT IDENTIFIER.
    Other(Vec<u8>),
}

impl MechType {
    /// The contents of its OBJECT IDENTIFIER, without tag and length.
    #[must_use]
    pub fn oid(&self) -> &[u8] {
        match self {
            Self::Ntlmssp => NTLMSSP,
            Self::Kerberos => KERBEROS,
            Self::MsKerberos => MS_KERBEROS,
            Self::Other(oid) => oid,
        }
    }

    /// The mechanism of an OBJECT IDENTIFIER's contents.
    #[must_use]
    pub fn from_oid(oid: &[u8]) -> Self {
        match oid {
            NTLMSSP => Self::Ntlmssp,
            KERBEROS => Self::Kerberos,
            MS_KERBEROS => Self::MsKerberos,
            other => Self::Other(other.to_vec()),
        }
    }
}

/// The mechanisms of a first token, the preferred one first, and the bytes that they were sent as
/// (MechTypeList, RFC 4178 4.1).
///
/// The bytes are kept because mechListMIC is computed over them (RFC 4178 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MechTypeList {
    mech_types: Vec<MechType>,
    der: Vec<u8>,
}

impl MechTypeList {
    /// A list to be sent.
    #[must_use]
    pub fn new(mech_types: Vec<MechType>) -> Self {
        let oids: Vec<u8> = mech_types
            .iter()
            .flat_map(|mech_type| der::element(der::OBJECT_IDENTIFIER, mech_type.oid()))
            .collect();
        Self { mech_types, der: der::element(der::SEQUENCE, &oids) }
    }

    /// The mechanisms, the preferred one first.
    #[must_use]
    pub fn mech_types(&self) -> &[MechType] {
        &self.mech_types
    }

    /// The DER encoding of the whole list with its tag and length: what mechListMIC is computed over.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Reads the inside of the field `mechTypes`.
    pub(super) fn decode(mut field: DerReader<'_>) -> Result<Self, DecodeError> {
        const FIELD: &str = "mechTypes";
        let mut oids = field.read(der::SEQUENCE, FIELD)?;
        field.end(FIELD)?;
        let mut mech_types = Vec::new();
        let mut contents = Vec::new();
        while !oids.is_empty() {
            let oid = oids.read(der::OBJECT_IDENTIFIER, FIELD)?.take_rest();
            contents.extend_from_slice(&der::element(der::OBJECT_IDENTIFIER, oid));
            mech_types.push(MechType::from_oid(oid));
        }
        // The reader takes lengths in their shortest form alone, so that this is what was on the wire.
        Ok(Self { mech_types, der: der::element(der::SEQUENCE, &contents) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_ntlm_alone_is_what_windows_sends() {
        let list = MechTypeList::new(vec![MechType::Ntlmssp]);
        assert_eq!(
            list.as_der(),
            [0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a]
        );
    }

    #[test]
    fn identifiers_name_their_mechanisms() {
        for mech_type in
            [MechType::Ntlmssp, MechType::Kerberos, MechType::MsKerberos, MechType::Other(vec![0x2b, 6])]
        {
            assert_eq!(MechType::from_oid(mech_type.oid()), mech_type);
        }
    }
}
