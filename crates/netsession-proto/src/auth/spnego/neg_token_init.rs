use std::fmt;

use super::der::{self, DerReader};
use super::{MechType, MechTypeList};
use crate::auth::hidden::Hidden;
use crate::wire::DecodeError;

/// SPNEGO itself, 1.3.6.1.5.5.2.
const SPNEGO: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];

/// The first token of an exchange: NegTokenInit (RFC 4178 4.2.1), or NegTokenInit2 as servers send it in the
/// SMB2 NEGOTIATE response (\[MS-SPNG\] 2.2.1).
///
/// `Debug` shows no token.
#[derive(Clone, PartialEq, Eq)]
pub struct NegTokenInit {
    /// The mechanisms that the sender can do; empty where the field is missing.
    pub mech_types: MechTypeList,
    /// The first message of the preferred mechanism.
    pub mech_token: Option<Vec<u8>>,
    /// negHints.hintName, whose one known value is `not_defined_in_RFC4178@please_ignore`. With it, the
    /// token is encoded as a NegTokenInit2.
    pub hint_name: Option<Vec<u8>>,
    /// The checksum over the mechanisms.
    pub mech_list_mic: Option<Vec<u8>>,
}

impl NegTokenInit {
    /// A token that offers these mechanisms and nothing else.
    #[must_use]
    pub fn new(mech_types: Vec<MechType>) -> Self {
        Self {
            mech_types: MechTypeList::new(mech_types),
            mech_token: None,
            hint_name: None,
            mech_list_mic: None,
        }
    }

    /// The token with its wrapping of RFC 2743 3.1.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut fields = der::element(der::context(0), self.mech_types.as_der());
        if let Some(token) = &self.mech_token {
            fields.extend(der::explicit(2, der::OCTET_STRING, token));
        }
        if let Some(name) = &self.hint_name {
            fields.extend(der::explicit(3, der::SEQUENCE, &der::explicit(0, der::GENERAL_STRING, name)));
        }
        if let Some(mic) = &self.mech_list_mic {
            // negHints took the number of mechListMIC.
            let number = if self.hint_name.is_some() { 4 } else { 3 };
            fields.extend(der::explicit(number, der::OCTET_STRING, mic));
        }
        let mut token = der::element(der::OBJECT_IDENTIFIER, SPNEGO);
        token.extend(der::explicit(0, der::SEQUENCE, &fields));
        der::element(der::APPLICATION_0, &token)
    }

    /// Reads a token of either form.
    ///
    /// # Errors
    /// It is not DER, not a first token of SPNEGO, or its fields are not those of the specification.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut whole = DerReader::new(bytes);
        let mut token = whole.read(der::APPLICATION_0, "InitialContextToken")?;
        whole.end("InitialContextToken")?;

        let offset = token.position();
        if token.read(der::OBJECT_IDENTIFIER, "thisMech")?.take_rest() != SPNEGO {
            return Err(DecodeError::wrong("thisMech", offset, "is not spnego"));
        }
        let mut choice = token.read(der::context(0), "negTokenInit")?;
        token.end("negTokenInit")?;
        let mut fields = choice.read(der::SEQUENCE, "negTokenInit")?;
        choice.end("negTokenInit")?;

        let mech_types = match fields.read_optional(der::context(0), "mechTypes")? {
            Some(field) => MechTypeList::decode(field)?,
            None => MechTypeList::new(Vec::new()),
        };
        // reqFlags is not covered by any checksum and is to be ignored ([MS-SPNG] 3.1.5.3).
        fields.read_optional(der::context(1), "reqFlags")?;
        let mech_token = fields.read_explicit(2, der::OCTET_STRING, "mechToken")?;
        let (hint_name, mic) = match fields.read_optional(der::context(3), "negHints")? {
            Some(mut field) if field.peek() == Some(der::SEQUENCE) => {
                let mut hints = field.read(der::SEQUENCE, "negHints")?;
                field.end("negHints")?;
                (hints.read_explicit(0, der::GENERAL_STRING, "hintName")?, None)
            }
            Some(mut field) => {
                let mic = field.read(der::OCTET_STRING, "mechListMIC")?.take_rest();
                field.end("mechListMIC")?;
                (None, Some(mic))
            }
            None => (None, None),
        };
        let mic = match mic {
            Some(mic) => Some(mic),
            None => fields.read_explicit(4, der::OCTET_STRING, "mechListMIC")?,
        };
        // What may follow is a field of an extension: both forms end in "...".
        Ok(Self {
            mech_types,
            mech_token: mech_token.map(<[u8]>::to_vec),
            hint_name: hint_name.map(<[u8]>::to_vec),
            mech_list_mic: mic.map(<[u8]>::to_vec),
        })
    }
}

impl fmt::Debug for NegTokenInit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NegTokenInit")
            .field("mech_types", &self.mech_types.mech_types())
            .field("mech_token", &self.mech_token.as_deref().map(Hidden))
            .field("hint_name", &self.hint_name.as_deref().map(String::from_utf8_lossy))
            .field("mech_list_mic", &self.mech_list_mic.as_deref().map(Hidden))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Windows Server sends in its NEGOTIATE response: NEGOEX, MS-KRB5, KRB5, user-to-user, NTLMSSP.
    const WINDOWS_SERVER: &[u8] = &[
        0x60, 0x76, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02, 0xa0, 0x6c, 0x30, 0x6a, 0xa0, 0x3c, 0x30,
        0x3a, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x1e, 0x06, 0x09, 0x2a, 0x86,
        0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02,
        0x02, 0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03, 0x06, 0x0a, 0x2b, 0x06,
        0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a, 0xa3, 0x2a, 0x30, 0x28, 0xa0, 0x26, 0x1b, 0x24, 0x6e,
        0x6f, 0x74, 0x5f, 0x64, 0x65, 0x66, 0x69, 0x6e, 0x65, 0x64, 0x5f, 0x69, 0x6e, 0x5f, 0x52, 0x46, 0x43,
        0x34, 0x31, 0x37, 0x38, 0x40, 0x70, 0x6c, 0x65, 0x61, 0x73, 0x65, 0x5f, 0x69, 0x67, 0x6e, 0x6f, 0x72,
        0x65,
    ];

    #[test]
    fn the_hint_of_a_windows_server_is_read_and_written() {
        let token = NegTokenInit::decode(WINDOWS_SERVER).unwrap();
        let mech_types = token.mech_types.mech_types();
        assert_eq!(mech_types.len(), 5);
        assert_eq!(mech_types[1..3], [MechType::MsKerberos, MechType::Kerberos]);
        assert_eq!(mech_types[4], MechType::Ntlmssp);
        assert_eq!(token.mech_types.as_der(), &WINDOWS_SERVER[16..76]);
        assert_eq!(token.hint_name.as_deref(), Some(&b"not_defined_in_RFC4178@please_ignore"[..]));
        assert_eq!((&token.mech_token, &token.mech_list_mic), (&None, &None));
        assert_eq!(token.encode(), WINDOWS_SERVER);
    }

    #[test]
    fn every_prefix_is_an_error() {
        for end in 0..WINDOWS_SERVER.len() {
            assert!(NegTokenInit::decode(&WINDOWS_SERVER[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_token_without_mechanisms_and_with_flags_is_read() {
        let flags = der::explicit(1, 0x03, &[0x01, 0xfe]);
        let mut bytes = der::element(der::OBJECT_IDENTIFIER, SPNEGO);
        bytes.extend(der::explicit(0, der::SEQUENCE, &flags));
        let token = NegTokenInit::decode(&der::element(der::APPLICATION_0, &bytes)).unwrap();
        assert_eq!(token, NegTokenInit::new(Vec::new()));
    }

    #[test]
    fn a_debug_output_shows_no_token() {
        let token = NegTokenInit {
            mech_token: Some(b"SECRET".to_vec()),
            ..NegTokenInit::new(vec![MechType::Ntlmssp])
        };
        let debug = format!("{token:?}");
        assert!(debug.contains("hidden(6 bytes)") && !debug.contains("83"), "{debug}");
    }

    prop_compose! {
        fn token()(
            oids in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..8),
            mech_token: Option<Vec<u8>>,
            hint_name: Option<Vec<u8>>,
            mech_list_mic: Option<Vec<u8>>,
        ) -> NegTokenInit {
            let mut mech_types: Vec<_> = oids.iter().map(|oid| MechType::from_oid(oid)).collect();
            mech_types.push(MechType::Ntlmssp);
            NegTokenInit { mech_types: MechTypeList::new(mech_types), mech_token, hint_name, mech_list_mic }
        }
    }

    proptest! {
        #[test]
        fn tokens_survive_both_ways(token in token()) {
            prop_assert_eq!(NegTokenInit::decode(&token.encode()), Ok(token));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>, at in 0..WINDOWS_SERVER.len(), with: u8) {
            let _ = NegTokenInit::decode(&bytes);
            let mut changed = WINDOWS_SERVER.to_vec();
            changed[at] = with;
            let _ = NegTokenInit::decode(&changed);
        }
    }
}
