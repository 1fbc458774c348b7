use netsession_proto::auth::SessionKey;
use netsession_proto::auth::ntlm::verify::{self, verify};
use netsession_proto::auth::ntlm::{
    AuthenticateMessage, AvId, ChallengeMessage, NegotiateFlags, NegotiateMessage, TargetInfo, Version,
};
use netsession_proto::auth::spnego::{MechType, NegState, NegTokenInit, NegTokenResp};
use netsession_proto::erref::NtStatus;
use netsession_proto::wire::utf16_bytes;

use crate::host::Caller;
use crate::scenario::{Ntlm, Scenario};

/// The server's side of a log-on with NTLMv2 inside SPNEGO (\[MS-NLMP\] 3.2.5.1, RFC 4178).
#[derive(Debug)]
pub(super) struct NtlmAcceptor {
    server_challenge: [u8; 8],
    filetime: u64,
    /// The mechanisms of the client's first token as they were sent.
    mech_types: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    Start,
    /// The client preferred another mechanism and was redirected to NTLM.
    Redirected,
    Challenged {
        negotiate: Vec<u8>,
        challenge: Vec<u8>,
    },
}

/// What follows a token.
#[derive(Debug)]
pub(super) enum LogOnStep {
    /// This token goes to the client, which sends another.
    Continue(Vec<u8>),
    /// The client knows the password.
    Complete { token: Vec<u8>, key: SessionKey, caller: Caller },
}

impl NtlmAcceptor {
    pub(super) fn new(server_challenge: [u8; 8], filetime: u64) -> Self {
        Self { server_challenge, filetime, mech_types: Vec::new(), state: State::Start }
    }

    /// Takes the client's next token.
    pub(super) fn step(&mut self, token: &[u8], scenario: &Scenario) -> Result<LogOnStep, NtStatus> {
        match std::mem::replace(&mut self.state, State::Start) {
            State::Start => {
                let init = NegTokenInit::decode(token).map_err(|_| NtStatus::INVALID_PARAMETER)?;
                self.mech_types = init.mech_types.as_der().to_vec();
                let offered = init.mech_types.mech_types();
                if !offered.contains(&MechType::Ntlmssp) {
                    return Err(NtStatus::LOGON_FAILURE);
                }
                match init.mech_token {
                    Some(message) if offered.first() == Some(&MechType::Ntlmssp) => {
                        self.challenge(message, scenario)
                    }
                    _ => {
                        self.state = State::Redirected;
                        let redirect = NegTokenResp {
                            neg_state: Some(NegState::RequestMic),
                            supported_mech: Some(MechType::Ntlmssp),
                            ..NegTokenResp::default()
                        };
                        Ok(LogOnStep::Continue(redirect.encode()))
                    }
                }
            }
            State::Redirected => {
                let token = NegTokenResp::decode(token).map_err(|_| NtStatus::INVALID_PARAMETER)?;
                let message = token.response_token.ok_or(NtStatus::INVALID_PARAMETER)?;
                self.challenge(message, scenario)
            }
            State::Challenged { negotiate, challenge } => {
                let token = NegTokenResp::decode(token).map_err(|_| NtStatus::INVALID_PARAMETER)?;
                self.authenticate(&negotiate, &challenge, &token, scenario)
            }
        }
    }

    fn challenge(&mut self, negotiate: Vec<u8>, scenario: &Scenario) -> Result<LogOnStep, NtStatus> {
        let asked = NegotiateMessage::decode(&negotiate).map_err(|_| NtStatus::INVALID_PARAMETER)?.flags;
        let Ntlm { key_exchange, target_info } = scenario.ntlm;
        let mut can = NegotiateFlags::UNICODE
            | NegotiateFlags::REQUEST_TARGET
            | NegotiateFlags::SIGN
            | NegotiateFlags::SEAL
            | NegotiateFlags::NTLM
            | NegotiateFlags::ALWAYS_SIGN
            | NegotiateFlags::EXTENDED_SESSION_SECURITY
            | NegotiateFlags::VERSION
            | NegotiateFlags::KEY_128
            | NegotiateFlags::KEY_56;
        if key_exchange {
            can = can | NegotiateFlags::KEY_EXCHANGE;
        }
        let mut flags = (asked & can) | NegotiateFlags::TARGET_TYPE_SERVER;
        if target_info {
            flags = flags | NegotiateFlags::TARGET_INFO;
        }
        let mut info = TargetInfo::default();
        for (id, name) in [
            (AvId::NB_DOMAIN_NAME, &scenario.server.domain),
            (AvId::NB_COMPUTER_NAME, &scenario.server.name),
            (AvId::DNS_DOMAIN_NAME, &scenario.server.domain.to_lowercase()),
            (AvId::DNS_COMPUTER_NAME, &scenario.server.name.to_lowercase()),
        ] {
            info.set(id, utf16_bytes(name));
        }
        info.set(AvId::TIMESTAMP, self.filetime.to_le_bytes().to_vec());
        let challenge = ChallengeMessage {
            flags,
            server_challenge: self.server_challenge,
            target_name: utf16_bytes(&scenario.server.name),
            target_info: if target_info {
                info.encode().map_err(|_| NtStatus::INTERNAL_ERROR)?
            } else {
                Vec::new()
            },
            version: Version { major: 10, minor: 0, build: 20348, revision: 0x0f },
        };
        let challenge = challenge.encode().map_err(|_| NtStatus::INTERNAL_ERROR)?;
        let answer = NegTokenResp {
            neg_state: Some(NegState::AcceptIncomplete),
            supported_mech: Some(MechType::Ntlmssp),
            response_token: Some(challenge.clone()),
            mech_list_mic: None,
        };
        self.state = State::Challenged { negotiate, challenge };
        Ok(LogOnStep::Continue(answer.encode()))
    }

    fn authenticate(
        &self,
        negotiate: &[u8],
        challenge: &[u8],
        token: &NegTokenResp,
        scenario: &Scenario,
    ) -> Result<LogOnStep, NtStatus> {
        let authenticate = token.response_token.as_deref().ok_or(NtStatus::INVALID_PARAMETER)?;
        let message = AuthenticateMessage::decode(authenticate).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        let user = scenario.user(&message.user).ok_or(NtStatus::LOGON_FAILURE)?;
        let exchange = verify::Exchange { negotiate, challenge, authenticate };
        let mut logged_on =
            verify(&exchange, &message, &user.password).map_err(|_| NtStatus::LOGON_FAILURE)?;
        if let Some(mic) = &token.mech_list_mic {
            let checked = logged_on.verify_mech_list_mic(&self.mech_types, mic);
            checked.map_err(|_| NtStatus::LOGON_FAILURE)?;
        }
        let answer = NegTokenResp {
            neg_state: Some(NegState::AcceptCompleted),
            // As Windows does: the answer has a checksum if the request has one.
            mech_list_mic: token
                .mech_list_mic
                .as_ref()
                .and_then(|_| logged_on.mech_list_mic(&self.mech_types))
                .map(|mic| mic.to_vec()),
            ..NegTokenResp::default()
        };
        Ok(LogOnStep::Complete {
            token: answer.encode(),
            key: logged_on.session_key().clone(),
            caller: Caller {
                name: user.name.clone(),
                administrator: user.administrator,
                ..Caller::default()
            },
        })
    }
}
