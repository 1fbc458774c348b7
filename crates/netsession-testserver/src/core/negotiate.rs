use netsession_proto::auth::spnego::{MechType, NegTokenInit};
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, Capabilities, Cipher, Command, Dialect, Flags, Header, NegotiateContext, NegotiateRequest,
    NegotiateResponse, SecurityMode, SigningAlgorithm, ValidateNegotiateRequest, ValidateNegotiateResponse,
};

use super::connection::ServerConnection;
use super::receive::Call;
use super::reply::{Protection, Reply, body_of};
use crate::scenario::{Encryption, Step};

/// "SMB 2.???" in the answer to a client that also speaks SMB1.
const SMB2_WILDCARD: u16 = 0x02ff;

/// What both sides agreed on, and what FSCTL_VALIDATE_NEGOTIATE_INFO is held against.
#[derive(Debug)]
pub(super) struct Negotiated {
    pub(super) dialect: Dialect,
    pub(super) signing: SigningAlgorithm,
    pub(super) cipher: Option<Cipher>,
    pub(super) offered: ValidateNegotiateRequest,
    pub(super) chosen: ValidateNegotiateResponse,
}

impl ServerConnection {
    /// Answers an SMB1 NEGOTIATE that offers SMB2 (\[MS-SMB2\] 3.3.5.3.1); others are hung up on.
    pub(super) fn handle_smb1(&mut self, message: &[u8]) {
        let offers = |dialect: &[u8]| message.windows(dialect.len()).any(|part| part == dialect);
        let dialect = if offers(b"SMB 2.???") {
            SMB2_WILDCARD
        } else if offers(b"SMB 2.002") && self.speaks(Dialect::Smb202) {
            Dialect::Smb202.number()
        } else {
            return self.hang_up();
        };
        let body = body_of(&self.negotiate_response(dialect, Capabilities::default(), &hint(), Vec::new()));
        let header = Header {
            command: Command::NEGOTIATE,
            credits: 1,
            flags: Flags::RESPONSE,
            ..Header::request(0, 0, 0)
        };
        self.send(vec![Reply {
            // Neither a fault at NEGOTIATE nor the pre-authentication hash means this one.
            step: Step::Other,
            header,
            body,
            protection: Protection::None,
            in_compound: false,
            repeat: None,
        }]);
    }

    /// Chooses dialect and algorithms (\[MS-SMB2\] 3.3.5.4).
    pub(super) fn negotiate(&mut self, call: &Call<'_>) -> Result<Vec<u8>, NtStatus> {
        if self.negotiated.is_some() {
            self.hang_up();
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let request = NegotiateRequest::decode(call.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        let dialect = (self.scenario.smb.dialects.iter().map(|dialect| Dialect::from(*dialect)))
            .filter(|dialect| request.dialects.contains(&dialect.number()))
            .max()
            .ok_or(NtStatus::NOT_SUPPORTED)?;
        let (signing, cipher, contexts) = self.choose(dialect, &request)?;
        let mut capabilities = Capabilities::default();
        if dialect > Dialect::Smb202 {
            capabilities = capabilities.with(Capabilities::LARGE_MTU);
        }
        if cipher.is_some() && dialect != Dialect::Smb311 {
            capabilities = capabilities.with(Capabilities::ENCRYPTION);
        }
        self.preauth.update(call.message);
        let token = hint();
        let response = self.negotiate_response(dialect.number(), capabilities, &token, contexts);
        let body = body_of(&response);
        let chosen = ValidateNegotiateResponse {
            capabilities,
            server_guid: response.server_guid,
            security_mode: response.security_mode,
            dialect: response.dialect,
        };
        let NegotiateRequest { dialects, security_mode, capabilities, client_guid, .. } = request;
        let offered = ValidateNegotiateRequest { capabilities, client_guid, security_mode, dialects };
        self.negotiated = Some(Negotiated { dialect, signing, cipher, offered, chosen });
        Ok(body)
    }

    fn choose(
        &self,
        dialect: Dialect,
        request: &NegotiateRequest,
    ) -> Result<(SigningAlgorithm, Option<Cipher>, Vec<NegotiateContext>), NtStatus> {
        let smb = &self.scenario.smb;
        let ciphers = smb.ciphers.iter().map(|cipher| Cipher::from(*cipher));
        let encrypts = smb.encryption != Encryption::Off;
        match dialect {
            Dialect::Smb202 | Dialect::Smb210 => Ok((SigningAlgorithm::HmacSha256, None, Vec::new())),
            Dialect::Smb300 | Dialect::Smb302 => {
                let cipher = ciphers
                    .filter(|_| encrypts && request.capabilities.contains(Capabilities::ENCRYPTION))
                    .find(|cipher| *cipher == Cipher::Aes128Ccm);
                Ok((SigningAlgorithm::AesCmac, cipher, Vec::new()))
            }
            Dialect::Smb311 => {
                let mut contexts = Vec::new();
                let (mut cipher, mut signing) = (None, None);
                for context in &request.contexts {
                    match context {
                        NegotiateContext::Preauth { hashes, .. }
                            if hashes.contains(&NegotiateContext::SHA_512) =>
                        {
                            contexts.push(NegotiateContext::Preauth {
                                hashes: vec![NegotiateContext::SHA_512],
                                salt: self.entropy.preauth_salt.to_vec(),
                            });
                        }
                        NegotiateContext::Encryption(offered) if encrypts => {
                            cipher = ciphers.clone().find(|cipher| offered.contains(&cipher.number()));
                            let chosen = cipher.map_or(0, Cipher::number);
                            contexts.push(NegotiateContext::Encryption(vec![chosen]));
                        }
                        NegotiateContext::Signing(offered) => {
                            signing = (smb.signing.iter().map(|name| SigningAlgorithm::from(*name)))
                                .find(|algorithm| offered.contains(&algorithm.number()));
                            contexts.extend(signing.map(|chosen| NegotiateContext::signing(&[chosen])));
                        }
                        _ => {}
                    }
                }
                if !contexts.iter().any(|context| matches!(context, NegotiateContext::Preauth { .. })) {
                    return Err(NtStatus::INVALID_PARAMETER);
                }
                Ok((signing.unwrap_or(SigningAlgorithm::AesCmac), cipher, contexts))
            }
        }
    }

    fn negotiate_response<'a>(
        &self,
        dialect: u16,
        capabilities: Capabilities,
        token: &'a [u8],
        contexts: Vec<NegotiateContext>,
    ) -> NegotiateResponse<'a> {
        // Beyond 64 KiB a request costs more than one credit, which 2.0.2 does not have.
        let max_size = if capabilities.contains(Capabilities::LARGE_MTU) { 0x10_0000 } else { 0x1_0000 };
        let mut mode = SecurityMode::SIGNING_ENABLED.0;
        if self.scenario.smb.signing_required {
            mode |= SecurityMode::SIGNING_REQUIRED.0;
        }
        let mut server_guid = [0; 16];
        server_guid.iter_mut().zip(self.scenario.server.name.bytes()).for_each(|(to, from)| *to = from);
        NegotiateResponse {
            security_mode: SecurityMode(mode),
            dialect,
            server_guid,
            capabilities,
            max_transact_size: max_size,
            max_read_size: max_size,
            max_write_size: max_size,
            system_time: self.start.filetime,
            token,
            contexts,
        }
    }

    fn speaks(&self, dialect: Dialect) -> bool {
        self.scenario.smb.dialects.iter().any(|spoken| Dialect::from(*spoken) == dialect)
    }
}

/// The mechanisms for logging on: NTLM alone.
fn hint() -> Vec<u8> {
    NegTokenInit {
        hint_name: Some(b"not_defined_in_RFC4178@please_ignore".to_vec()),
        ..NegTokenInit::new(vec![MechType::Ntlmssp])
    }
    .encode()
}
