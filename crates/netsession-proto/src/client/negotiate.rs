use super::channel::{Expect, Reply};
use super::connection::{Connection, State};
use super::log_on::LogOn;
use super::{Cause, Encryption, Event, Phase, TokenStage};
use crate::erref::NtStatus;
use crate::smb2::{
    Body, Capabilities, Cipher, Dialect, NegotiateContext, NegotiateRequest, NegotiateResponse, SecurityMode,
    SigningAlgorithm, ValidateNegotiateRequest, ValidateNegotiateResponse, encode,
};

/// What both sides agreed on, and what FSCTL_VALIDATE_NEGOTIATE_INFO must confirm.
#[derive(Debug, Clone)]
pub(super) struct Agreement {
    pub(super) dialect: Dialect,
    pub(super) signing: SigningAlgorithm,
    pub(super) cipher: Option<Cipher>,
    pub(super) max_transact_size: u32,
    pub(super) max_read_size: u32,
    pub(super) confirmation: ValidateNegotiateResponse,
}

impl Connection {
    /// Sends NEGOTIATE (\[MS-SMB2\] 3.2.4.2.2.2).
    pub(super) fn negotiate(&mut self) {
        self.emit(Event::Phase(Phase::Negotiate));
        let request = self.negotiate_request();
        let header = self.channel.header(Expect::Negotiate, 0);
        let message = encode(&header, &request);
        self.preauth.update(&message);
        self.channel.submit(vec![message]);
    }

    /// Takes the answer (\[MS-SMB2\] 3.2.5.2).
    pub(super) fn negotiated(&mut self, reply: &Reply) -> Result<(), Cause> {
        match reply.header.status {
            NtStatus::SUCCESS => {}
            NtStatus::NOT_SUPPORTED => {
                return Err(Cause::Unsupported("none of the dialects that are offered"));
            }
            status => return Err(Cause::Status(status)),
        }
        let response = NegotiateResponse::decode(&reply.message).map_err(Cause::Malformed)?;
        let agreement = self.agree(&response)?;
        if self.config.encryption == Encryption::Required && agreement.cipher.is_none() {
            return Err(Cause::EncryptionUnavailable);
        }
        self.preauth.update(&reply.message);
        // No request here carries or asks for more than 64 KiB: one credit. Where the server knows no
        // requests of several credits the field is reserved ([MS-SMB2] 3.2.4.1.2).
        let multi_credit = agreement.dialect > Dialect::Smb202
            && agreement.confirmation.capabilities.contains(Capabilities::LARGE_MTU);
        self.channel.set_charge(u16::from(multi_credit));
        tracing::debug!(
            dialect = %agreement.dialect,
            signing = ?agreement.signing,
            cipher = ?agreement.cipher,
            "negotiated"
        );
        self.agreement = Some(agreement);
        self.state = State::LogOn(LogOn::default());
        self.emit(Event::Phase(Phase::Authenticate));
        self.want_token(response.token, TokenStage::Initial);
        Ok(())
    }

    /// What FSCTL_VALIDATE_NEGOTIATE_INFO repeats: exactly what was offered.
    pub(super) fn validation_request(&self) -> ValidateNegotiateRequest {
        let NegotiateRequest { dialects, security_mode, capabilities, client_guid, .. } =
            self.negotiate_request();
        ValidateNegotiateRequest { capabilities, client_guid, security_mode, dialects }
    }

    fn negotiate_request(&self) -> NegotiateRequest {
        let offered = self.offered_dialects();
        let smb3 = offered.iter().any(|dialect| dialect.is_smb3());
        let mut capabilities = Capabilities::default();
        if smb3 {
            capabilities = capabilities.with(Capabilities::LARGE_MTU);
            if self.offers_encryption() {
                capabilities = capabilities.with(Capabilities::ENCRYPTION);
            }
        }
        let mut contexts = Vec::new();
        if offered.contains(&Dialect::Smb311) {
            contexts.push(NegotiateContext::Preauth {
                hashes: vec![NegotiateContext::SHA_512],
                salt: self.entropy.preauth_salt.to_vec(),
            });
            if self.offers_encryption() {
                contexts.push(NegotiateContext::encryption(&Cipher::ALL));
            }
            contexts.push(NegotiateContext::signing(&SigningAlgorithm::ALL));
            contexts.push(NegotiateContext::NetName(self.config.server.clone()));
        }
        NegotiateRequest {
            dialects: offered.iter().map(|dialect| dialect.number()).collect(),
            // Every session here is signed, whatever the server demands.
            security_mode: SecurityMode::SIGNING_REQUIRED,
            capabilities,
            client_guid: self.entropy.client_guid,
            contexts,
        }
    }

    fn offered_dialects(&self) -> Vec<Dialect> {
        let range = self.config.min_dialect..=self.config.max_dialect;
        Dialect::ALL.into_iter().filter(|dialect| range.contains(dialect)).collect()
    }

    fn offers_encryption(&self) -> bool {
        self.config.encryption != Encryption::Off
    }

    fn agree(&self, response: &NegotiateResponse<'_>) -> Result<Agreement, Cause> {
        let dialect = Dialect::from_number(response.dialect)
            .filter(|dialect| self.offered_dialects().contains(dialect))
            .ok_or(Cause::Unsupported("a dialect that was not offered"))?;
        let (signing, cipher) = match dialect {
            Dialect::Smb202 | Dialect::Smb210 => (SigningAlgorithm::HmacSha256, None),
            Dialect::Smb300 | Dialect::Smb302 => {
                let encrypts =
                    self.offers_encryption() && response.capabilities.contains(Capabilities::ENCRYPTION);
                (SigningAlgorithm::AesCmac, encrypts.then_some(Cipher::Aes128Ccm))
            }
            Dialect::Smb311 => self.agree_on_contexts(&response.contexts)?,
        };
        Ok(Agreement {
            dialect,
            signing,
            cipher,
            max_transact_size: response.max_transact_size,
            max_read_size: response.max_read_size,
            confirmation: ValidateNegotiateResponse {
                capabilities: response.capabilities,
                server_guid: response.server_guid,
                security_mode: response.security_mode,
                dialect: response.dialect,
            },
        })
    }

    fn agree_on_contexts(
        &self,
        contexts: &[NegotiateContext],
    ) -> Result<(SigningAlgorithm, Option<Cipher>), Cause> {
        let mut preauth = false;
        let mut signing = None;
        let mut cipher = None;
        for context in contexts {
            let repeated = match context {
                NegotiateContext::Preauth { hashes, .. } => {
                    if hashes.as_slice() != [NegotiateContext::SHA_512] {
                        return Err(Cause::Unsupported("a pre-authentication hash that was not offered"));
                    }
                    std::mem::replace(&mut preauth, true)
                }
                NegotiateContext::Encryption(chosen) => cipher.replace(self.chosen_cipher(chosen)?).is_some(),
                NegotiateContext::Signing(chosen) => signing.replace(chosen_signing(chosen)?).is_some(),
                NegotiateContext::NetName(_) | NegotiateContext::Other { .. } => false,
            };
            if repeated {
                return Err(Cause::Misbehaved("a negotiate context twice"));
            }
        }
        if !preauth {
            return Err(Cause::Misbehaved("SMB 3.1.1 without the pre-authentication context"));
        }
        Ok((signing.unwrap_or(SigningAlgorithm::AesCmac), cipher.flatten()))
    }

    fn chosen_cipher(&self, chosen: &[u16]) -> Result<Option<Cipher>, Cause> {
        let [number] = chosen else { return Err(Cause::Misbehaved("more or less than one cipher")) };
        match Cipher::from_number(*number) {
            // The server has none in common with what was offered.
            None if *number == 0 => Ok(None),
            Some(cipher) if self.offers_encryption() => Ok(Some(cipher)),
            _ => Err(Cause::Unsupported("a cipher that was not offered")),
        }
    }
}

fn chosen_signing(chosen: &[u16]) -> Result<SigningAlgorithm, Cause> {
    let [number] = chosen else { return Err(Cause::Misbehaved("more or less than one signing algorithm")) };
    SigningAlgorithm::from_number(*number)
        .ok_or(Cause::Unsupported("a signing algorithm that was not offered"))
}
