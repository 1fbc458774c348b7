use super::agreement::Agreement;
use super::channel::{Channel, Reply};
use super::log_on::LogOn;
use super::validation::Validation;
use super::{Cause, Config, Encryption, Entropy, Misbehaviour, Unsupported};
use crate::erref::NtStatus;
use crate::smb2::{
    Capabilities, Cipher, Dialect, NegotiateContext, NegotiateRequest, NegotiateResponse, PreauthHash,
    SecurityMode, SigningAlgorithm, ValidateNegotiateRequest, ValidateNegotiateResponse,
};

/// NEGOTIATE has been sent.
pub(super) struct Negotiate {
    offer: NegotiateRequest,
    preauth: PreauthHash,
}

impl Negotiate {
    /// Sends NEGOTIATE (\[MS-SMB2\] 3.2.4.2.2.2).
    pub(super) fn send(config: &Config, entropy: &Entropy, channel: &mut Channel) -> Self {
        let offer = offer(config, entropy);
        let mut preauth = PreauthHash::new();
        channel.send_hashed(&offer, &mut preauth);
        Self { offer, preauth }
    }

    /// Takes the answer (\[MS-SMB2\] 3.2.5.2). Gives the log-on that follows, and what the server says of
    /// mechanisms.
    pub(super) fn answered(
        mut self,
        reply: &Reply,
        config: &Config,
        channel: &mut Channel,
    ) -> Result<(LogOn, Vec<u8>), Cause> {
        match reply.status() {
            NtStatus::SUCCESS => {}
            NtStatus::NOT_SUPPORTED => return Err(Cause::Unsupported(Unsupported::Dialects)),
            status => return Err(Cause::Status(status)),
        }
        let response: NegotiateResponse<'_> = reply.body()?;
        let agreement = agree(config, &response)?;
        if config.encryption == Encryption::Required && agreement.cipher.is_none() {
            return Err(Cause::EncryptionUnavailable);
        }
        self.preauth.update(&reply.message);
        // No request here carries or asks for more than 64 KiB: one credit. Where the server knows no
        // requests of several credits the field is reserved ([MS-SMB2] 3.2.4.1.2).
        let multi_credit =
            agreement.dialect > Dialect::Smb202 && response.capabilities.contains(Capabilities::LARGE_MTU);
        channel.negotiated(u16::from(multi_credit));
        tracing::debug!(
            dialect = %agreement.dialect,
            signing = ?agreement.signing,
            cipher = ?agreement.cipher,
            "negotiated"
        );
        let validation = self.validation(&agreement, &response);
        Ok((LogOn::new(agreement, validation, self.preauth), response.token.to_vec()))
    }

    /// What FSCTL_VALIDATE_NEGOTIATE_INFO is to repeat and to confirm: exactly what was offered and chosen.
    fn validation(&self, agreement: &Agreement, response: &NegotiateResponse<'_>) -> Validation {
        if agreement.dialect == Dialect::Smb311 {
            return Validation::Unneeded;
        }
        let NegotiateRequest { dialects, security_mode, capabilities, client_guid, .. } = self.offer.clone();
        Validation::due(
            ValidateNegotiateRequest { capabilities, client_guid, security_mode, dialects },
            ValidateNegotiateResponse {
                capabilities: response.capabilities,
                server_guid: response.server_guid,
                security_mode: response.security_mode,
                dialect: response.dialect,
            },
        )
    }
}

fn offer(config: &Config, entropy: &Entropy) -> NegotiateRequest {
    let offered = offered_dialects(config);
    let smb3 = offered.iter().any(|dialect| dialect.is_smb3());
    let mut capabilities = Capabilities::default();
    if smb3 {
        capabilities = capabilities.with(Capabilities::LARGE_MTU);
        if offers_encryption(config) {
            capabilities = capabilities.with(Capabilities::ENCRYPTION);
        }
    }
    let mut contexts = Vec::new();
    if offered.contains(&Dialect::Smb311) {
        contexts.push(NegotiateContext::Preauth {
            hashes: vec![NegotiateContext::SHA_512],
            salt: entropy.preauth_salt.to_vec(),
        });
        if offers_encryption(config) {
            contexts.push(NegotiateContext::encryption(&Cipher::ALL));
        }
        contexts.push(NegotiateContext::signing(&SigningAlgorithm::ALL));
        contexts.push(NegotiateContext::NetName(config.server.clone()));
    }
    NegotiateRequest {
        dialects: offered.iter().map(|dialect| dialect.number()).collect(),
        // Every session here is signed, whatever the server demands.
        security_mode: SecurityMode::SIGNING_REQUIRED,
        capabilities,
        client_guid: entropy.client_guid,
        contexts,
    }
}

fn offered_dialects(config: &Config) -> Vec<Dialect> {
    let range = config.min_dialect..=config.max_dialect;
    Dialect::ALL.iter().copied().filter(|dialect| range.contains(dialect)).collect()
}

fn offers_encryption(config: &Config) -> bool {
    config.encryption != Encryption::Off
}

fn agree(config: &Config, response: &NegotiateResponse<'_>) -> Result<Agreement, Cause> {
    let dialect = Dialect::from_number(response.dialect)
        .filter(|dialect| offered_dialects(config).contains(dialect))
        .ok_or(Cause::Unsupported(Unsupported::Dialect))?;
    let (signing, cipher) = match dialect {
        Dialect::Smb202 | Dialect::Smb210 => (SigningAlgorithm::HmacSha256, None),
        Dialect::Smb300 | Dialect::Smb302 => {
            let encrypts =
                offers_encryption(config) && response.capabilities.contains(Capabilities::ENCRYPTION);
            (SigningAlgorithm::AesCmac, encrypts.then_some(Cipher::Aes128Ccm))
        }
        Dialect::Smb311 => agree_on_contexts(config, &response.contexts)?,
    };
    Ok(Agreement {
        dialect,
        signing,
        cipher,
        max_transact_size: response.max_transact_size,
        max_read_size: response.max_read_size,
    })
}

fn agree_on_contexts(
    config: &Config,
    contexts: &[NegotiateContext],
) -> Result<(SigningAlgorithm, Option<Cipher>), Cause> {
    let mut preauth = false;
    let mut signing = None;
    let mut cipher = None;
    for context in contexts {
        let repeated = match context {
            NegotiateContext::Preauth { hashes, .. } => {
                if hashes.as_slice() != [NegotiateContext::SHA_512] {
                    return Err(Cause::Unsupported(Unsupported::PreauthHash));
                }
                std::mem::replace(&mut preauth, true)
            }
            NegotiateContext::Encryption(chosen) => cipher.replace(chosen_cipher(config, chosen)?).is_some(),
            NegotiateContext::Signing(chosen) => signing.replace(chosen_signing(chosen)?).is_some(),
            NegotiateContext::NetName(_) | NegotiateContext::Other { .. } => false,
        };
        if repeated {
            return Err(Cause::Misbehaved(Misbehaviour::RepeatedNegotiateContext));
        }
    }
    if !preauth {
        return Err(Cause::Misbehaved(Misbehaviour::NoPreauthContext));
    }
    Ok((signing.unwrap_or(SigningAlgorithm::AesCmac), cipher.flatten()))
}

fn chosen_cipher(config: &Config, chosen: &[u16]) -> Result<Option<Cipher>, Cause> {
    let [number] = chosen else { return Err(Cause::Misbehaved(Misbehaviour::CipherCount)) };
    match Cipher::from_number(*number) {
        // The server has none in common with what was offered.
        None if *number == 0 => Ok(None),
        Some(cipher) if offers_encryption(config) => Ok(Some(cipher)),
        _ => Err(Cause::Unsupported(Unsupported::Cipher)),
    }
}

fn chosen_signing(chosen: &[u16]) -> Result<SigningAlgorithm, Cause> {
    let [number] = chosen else { return Err(Cause::Misbehaved(Misbehaviour::SigningCount)) };
    SigningAlgorithm::from_number(*number).ok_or(Cause::Unsupported(Unsupported::Signing))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::auth::Token;
    use crate::smb2::{Flags, Header, encode};

    fn config(encryption: Encryption) -> Config {
        Config { encryption, ..Config::new("fs1", Instant::now()) }
    }

    /// CreditCharge of the SESSION_SETUP that follows this answer.
    fn charge_after(dialect: Dialect, capabilities: Capabilities) -> u16 {
        let (config, mut channel) = (config(Encryption::Auto), Channel::new(1 << 20));
        let entropy = Entropy { client_guid: [1; 16], preauth_salt: [2; 32] };
        let negotiate = Negotiate::send(&config, &entropy, &mut channel);
        channel.poll_transmit().unwrap();
        let response = NegotiateResponse {
            security_mode: SecurityMode::SIGNING_ENABLED,
            dialect: dialect.number(),
            server_guid: [3; 16],
            capabilities,
            max_transact_size: 0x1_0000,
            max_read_size: 0x1_0000,
            max_write_size: 0x1_0000,
            system_time: 0,
            token: &[],
            contexts: Vec::new(),
        };
        let header = Header { flags: Flags::RESPONSE, credits: 1, ..Header::request(0, 0, 0) };
        let answer = crate::smb2::frame(&encode(&header, &response));
        channel.push(&answer);
        let reply = channel.next_reply().unwrap().unwrap();
        let (log_on, _) = negotiate.answered(&reply, &config, &mut channel).unwrap();
        assert!(log_on.token(Token::default(), &config, &mut channel).is_ok());
        let sent = channel.poll_transmit().unwrap();
        Header::decode(&sent[4 /* length of the frame */..]).unwrap().credit_charge
    }

    #[test]
    fn credit_charge_is_reserved_unless_dialect_and_server_have_large_requests() {
        for (dialect, capabilities, charge) in [
            (Dialect::Smb202, Capabilities::default(), 0),
            (Dialect::Smb202, Capabilities::LARGE_MTU, 0),
            (Dialect::Smb210, Capabilities::default(), 0),
            (Dialect::Smb210, Capabilities::LARGE_MTU, 1),
            (Dialect::Smb302, Capabilities::LARGE_MTU, 1),
        ] {
            assert_eq!(charge_after(dialect, capabilities), charge, "{dialect} {capabilities:?}");
        }
    }

    #[test]
    fn cipher_that_was_not_offered_is_an_error() {
        let not_offered = Err(Cause::Unsupported(Unsupported::Cipher));
        let (auto, off) = (config(Encryption::Auto), config(Encryption::Off));
        for cipher in Cipher::ALL {
            assert_eq!(chosen_cipher(&auto, &[cipher.number()]), Ok(Some(cipher)));
            assert_eq!(chosen_cipher(&off, &[cipher.number()]), not_offered);
        }
        for config in [&auto, &off] {
            assert_eq!(chosen_cipher(config, &[0]), Ok(None), "none in common");
            assert_eq!(chosen_cipher(config, &[0x77]), not_offered);
        }
    }
}
