use netsession_proto::auth::spnego::{MechType, NegTokenInit};
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, Capabilities, Cipher, Command, Dialect, Flags, Header, NegotiateContext, NegotiateRequest,
    NegotiateResponse, SecurityMode, SigningAlgorithm, ValidateNegotiateRequest, ValidateNegotiateResponse,
};

use super::super::inbox::MAX_TRANSACT;
use super::super::operation::Operation;
use super::super::reply::{Protection, Reply, body_of};
use super::super::state::{Negotiated, State};
use crate::scenario::{Encryption, Step};

/// "SMB 2.???" in the answer to a client that also speaks SMB1.
const SMB2_WILDCARD: u16 = 0x02ff;

/// MaxTransactSize, MaxReadSize and MaxWriteSize, in bytes. Beyond 64 KiB a request costs more than one
/// credit, which 2.0.2 does not have.
const MAX_SIZE_ONE_CREDIT: u32 = 0x0001_0000;

/// Answers an SMB1 NEGOTIATE that offers SMB2 (\[MS-SMB2\] 3.3.5.3); the connection ends at others.
pub(in crate::core) fn smb1_negotiate(state: &mut State, message: &[u8]) -> Option<Reply> {
    let offers = |dialect: &[u8]| message.windows(dialect.len()).any(|part| part == dialect);
    // 3.3.5.2.3: its MessageId is taken for 0.
    let first = state.window.take(0, 1);
    let dialect = if first && offers(b"SMB 2.???") {
        SMB2_WILDCARD
    } else if first && offers(b"SMB 2.002") && speaks(state, Dialect::Smb202) {
        Dialect::Smb202.number()
    } else {
        state.hang_up();
        return None;
    };
    let token = hint();
    let response = response(state, dialect, Capabilities::default(), &token, Vec::new());
    if dialect == Dialect::Smb202.number() {
        // 3.3.5.3.2: this is the negotiation, and a NEGOTIATE that follows ends the connection.
        let offered = ValidateNegotiateRequest {
            capabilities: Capabilities::default(),
            client_guid: [0; 16],
            security_mode: SecurityMode::default(),
            dialects: Vec::new(),
        };
        let chosen = chosen(&response);
        state.negotiated = Some(Negotiated {
            dialect: Dialect::Smb202,
            signing: SigningAlgorithm::HmacSha256,
            cipher: None,
            max_size: response.max_transact_size,
            offered,
            chosen,
        });
    }
    let header = Header {
        command: Command::NEGOTIATE,
        credits: state.window.grant(1),
        flags: Flags::RESPONSE,
        ..Header::request(0, 0, 0)
    };
    Some(Reply {
        // Not a reply at the step `negotiate`: neither its faults nor the pre-authentication hash cover it.
        step: Step::Other,
        header,
        body: body_of(&response),
        protection: Protection::None,
        in_compound: false,
        repeat: None,
    })
}

/// Chooses dialect and algorithms (\[MS-SMB2\] 3.3.5.4).
pub(super) fn negotiate(state: &mut State, operation: &Operation<'_>) -> Result<Vec<u8>, NtStatus> {
    if state.negotiated.is_some() {
        state.hang_up();
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let request = NegotiateRequest::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    if request.dialects.is_empty() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let dialect = (state.smb().dialects.iter().map(|dialect| Dialect::from(*dialect)))
        .filter(|dialect| request.dialects.contains(&dialect.number()))
        .max()
        .ok_or(NtStatus::NOT_SUPPORTED)?;
    let (signing, cipher, contexts) = choose(state, dialect, &request)?;
    let mut capabilities = Capabilities::default();
    if dialect > Dialect::Smb202 {
        capabilities = capabilities.with(Capabilities::LARGE_MTU);
    }
    if cipher.is_some() && dialect != Dialect::Smb311 {
        capabilities = capabilities.with(Capabilities::ENCRYPTION);
    }
    state.preauth.update(operation.message);
    let token = hint();
    let response = response(state, dialect.number(), capabilities, &token, contexts);
    let NegotiateRequest { dialects, security_mode, capabilities, client_guid, .. } = request;
    let offered = ValidateNegotiateRequest { capabilities, client_guid, security_mode, dialects };
    let (max_size, chosen) = (response.max_transact_size, chosen(&response));
    let body = body_of(&response);
    state.negotiated = Some(Negotiated { dialect, signing, cipher, max_size, offered, chosen });
    Ok(body)
}

type Choice = (SigningAlgorithm, Option<Cipher>, Vec<NegotiateContext>);

fn choose(state: &State, dialect: Dialect, request: &NegotiateRequest) -> Result<Choice, NtStatus> {
    let smb = state.smb();
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
            check_contexts(&request.contexts)?;
            let mut contexts = Vec::new();
            let (mut cipher, mut signing) = (None, None);
            for context in &request.contexts {
                match context {
                    NegotiateContext::Preauth { .. } => {
                        contexts.push(NegotiateContext::Preauth {
                            hashes: vec![NegotiateContext::SHA_512],
                            salt: state.entropy.preauth_salt.to_vec(),
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
            Ok((signing.unwrap_or(SigningAlgorithm::AesCmac), cipher, contexts))
        }
    }
}

/// At most one context of each kind, and exactly one with hash algorithms, of which SHA-512 is one.
fn check_contexts(contexts: &[NegotiateContext]) -> Result<(), NtStatus> {
    let count = |kind: fn(&NegotiateContext) -> bool| contexts.iter().filter(|context| kind(context)).count();
    let hashes: Vec<&Vec<u16>> = contexts
        .iter()
        .filter_map(|context| match context {
            NegotiateContext::Preauth { hashes, .. } => Some(hashes),
            _ => None,
        })
        .collect();
    let [hashes] = hashes.as_slice() else { return Err(NtStatus::INVALID_PARAMETER) };
    if count(|context| matches!(context, NegotiateContext::Encryption(_))) > 1
        || count(|context| matches!(context, NegotiateContext::Signing(_))) > 1
    {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    if !hashes.contains(&NegotiateContext::SHA_512) {
        return Err(NtStatus::SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP);
    }
    Ok(())
}

fn response<'a>(
    state: &State,
    dialect: u16,
    capabilities: Capabilities,
    token: &'a [u8],
    contexts: Vec<NegotiateContext>,
) -> NegotiateResponse<'a> {
    let max_size =
        if capabilities.contains(Capabilities::LARGE_MTU) { MAX_TRANSACT } else { MAX_SIZE_ONE_CREDIT };
    let mut mode = SecurityMode::SIGNING_ENABLED.0;
    if state.smb().signing_required {
        mode |= SecurityMode::SIGNING_REQUIRED.0;
    }
    let mut server_guid = [0; 16];
    let name = state.scenario().server.name.bytes();
    server_guid.iter_mut().zip(name).for_each(|(to, from)| *to = from);
    NegotiateResponse {
        security_mode: SecurityMode(mode),
        dialect,
        server_guid,
        capabilities,
        max_transact_size: max_size,
        max_read_size: max_size,
        max_write_size: max_size,
        system_time: state.start.filetime,
        token,
        contexts,
    }
}

/// What FSCTL_VALIDATE_NEGOTIATE_INFO repeats of the response.
fn chosen(response: &NegotiateResponse<'_>) -> ValidateNegotiateResponse {
    ValidateNegotiateResponse {
        capabilities: response.capabilities,
        server_guid: response.server_guid,
        security_mode: response.security_mode,
        dialect: response.dialect,
    }
}

fn speaks(state: &State, dialect: Dialect) -> bool {
    state.smb().dialects.iter().any(|spoken| Dialect::from(*spoken) == dialect)
}

/// The mechanisms for logging on: NTLM alone.
fn hint() -> Vec<u8> {
    NegTokenInit {
        hint_name: Some(b"not_defined_in_RFC4178@please_ignore".to_vec()),
        ..NegTokenInit::new(vec![MechType::Ntlmssp])
    }
    .encode()
}
