//! The log-on with NTLM: an honest exchange succeeds at both ends, and each change on the way is detected.

use netsession_proto::auth::ntlm::verify::{Exchange, verify};
use netsession_proto::auth::ntlm::{
    AuthenticateMessage, AvId, ChallengeMessage, NegotiateFlags, NegotiateMessage, NtlmAuthenticator,
    NtlmEntropy, NtlmIdentity, TargetInfo, Version,
};
use netsession_proto::auth::spnego::{MechType, NegState, NegTokenInit, NegTokenResp};
use netsession_proto::auth::{AuthError, Authenticator, Token, TokenStage};

use crate::client::SESSION_KEY;
use crate::input::Input;
use crate::server::FILETIME;

const PASSWORD: &str = "Passw0rd!";

/// Without one of these a log-on is weaker than it looks.
const DEMANDED: NegotiateFlags = NegotiateFlags(
    NegotiateFlags::UNICODE.0
        | NegotiateFlags::EXTENDED_SESSION_SECURITY.0
        | NegotiateFlags::KEY_128.0
        | NegotiateFlags::SIGN.0,
);

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut client = client(input.one_in(4));
    let hint = if input.one_in(3) { input.chunk() } else { &[] };
    let first = client.step(TokenStage::Initial, hint).expect("the first token asks for nothing");
    assert!(first.session_key.is_none());
    let init = NegTokenInit::decode(&first.bytes).expect("the client's own token");
    let negotiate = init.mech_token.expect("the client's own message");
    let asked = NegotiateMessage::decode(&negotiate).expect("the client's own message").flags;

    let mut changed = false;
    let challenge = challenge(&mut input, asked, &mut changed);
    let Some((authenticate, mic, token)) = answered(&mut input, &mut client, &challenge) else { return };
    let decoded = ChallengeMessage::decode(&challenge).expect("the client has taken it");
    assert!(decoded.flags.contains(DEMANDED), "answers a weak challenge: {:x}", decoded.flags.0);
    assert!(!decoded.target_info.is_empty());
    // The client chooses the key only where the server takes one; else it is the KeyExchangeKey of both ends.
    let is_chosen = decoded.flags.contains(NegotiateFlags::KEY_EXCHANGE);
    let key = token.session_key.expect("a log-on that is answered has a key");
    assert_eq!(key.as_bytes() == SESSION_KEY, is_chosen, "{:x}", decoded.flags.0);

    // What the server remembers and what it gets can be other than what the client got and sent.
    let mut given = [negotiate, challenge, authenticate];
    let harmed = input.one_in(3) && harm(&mut input, &mut given);
    let [negotiate, challenge, authenticate] = &given;
    let Ok(message) = AuthenticateMessage::decode(authenticate) else {
        assert!(harmed, "the client sends what is no message");
        return;
    };
    let exchange = Exchange { negotiate, challenge, authenticate };
    let password = if input.one_in(8) { "another" } else { PASSWORD };
    let logged_on = verify(&exchange, &message, password);
    if harmed || password != PASSWORD {
        assert!(logged_on.is_err(), "logs on in spite of a change");
        return;
    }
    let mut logged_on = logged_on.expect("an honest log-on");
    assert_eq!(logged_on.session_key().as_bytes(), key.as_bytes());
    let mech_types = init.mech_types.as_der();
    logged_on.verify_mech_list_mic(mech_types, &mic).expect("the client's own checksum");
    close(&mut input, &mut client, logged_on.mech_list_mic(mech_types).expect("it signs"));
}

/// A challenge that is as it should be, or one that the input has changed.
fn challenge(input: &mut Input<'_>, asked: NegotiateFlags, changed: &mut bool) -> Vec<u8> {
    let mut info = TargetInfo::default();
    info.set(AvId::NB_DOMAIN_NAME, b"L\0A\0B\0".to_vec());
    if !input.one_in(4) {
        info.set(AvId::TIMESTAMP, FILETIME.to_le_bytes().to_vec());
    }
    for _ in 0..input.u8() % 4 {
        let id = AvId(u16::from(input.u8() % 12));
        let value = input.u8();
        info.set(id, input.bytes(value.into()).to_vec());
    }
    let without = if input.one_in(4) { NegotiateFlags(input.u32()) } else { NegotiateFlags::default() };
    let challenge = ChallengeMessage {
        flags: (asked | NegotiateFlags::TARGET_INFO).without(without),
        server_challenge: input.array(),
        target_name: b"F\0S\x001\0".to_vec(),
        target_info: info.encode().unwrap_or_default(),
        version: Version::default(),
    };
    let mut bytes = challenge.encode().unwrap_or_default();
    for _ in 0..input.u8() % 4 {
        *changed = true;
        crate::peer::overwrite(&mut bytes, usize::from(input.u8()), &[input.u8()]);
    }
    bytes
}

/// The client's answer to a challenge, in a wrapping that the input may spoil.
fn answered(
    input: &mut Input<'_>,
    client: &mut NtlmAuthenticator,
    challenge: &[u8],
) -> Option<(Vec<u8>, Vec<u8>, Token)> {
    let resp = NegTokenResp {
        neg_state: input.pick(&[
            None,
            Some(NegState::AcceptIncomplete),
            Some(NegState::AcceptCompleted),
            Some(NegState::Reject),
            Some(NegState::RequestMic),
        ]),
        supported_mech: input
            .pick(&[None, Some(true), Some(true), Some(false)])
            .map(|ntlm| if ntlm { MechType::Ntlmssp } else { MechType::from_oid(&[0x2a]) }),
        response_token: (!input.one_in(8)).then(|| challenge.to_vec()),
        mech_list_mic: input.one_in(4).then(|| vec![1; 16]),
    };
    let mut bytes = resp.encode();
    let harmed = input.one_in(3);
    if harmed {
        let place = usize::from(input.u16()).checked_rem(bytes.len()).unwrap_or(0);
        crate::peer::overwrite(&mut bytes, place, &[input.u8()]);
    }
    let token = client.step(TokenStage::Continue, &bytes);
    if token.is_err() {
        // An exchange that has failed does not go on.
        for stage in [TokenStage::Continue, TokenStage::Final, TokenStage::Initial] {
            assert!(matches!(client.step(stage, &bytes), Err(AuthError::OutOfOrder(_))));
        }
    }
    let token = token.ok()?;
    // Where the wrapping was harmed, the message in it may have been.
    if harmed && NegTokenResp::decode(&bytes).ok()?.response_token? != challenge {
        return None;
    }
    let answer = NegTokenResp::decode(&token.bytes).expect("the client's own token");
    Some((answer.response_token?, answer.mech_list_mic?, token))
}

/// Changes one bit of the three messages.
fn harm(input: &mut Input<'_>, messages: &mut [Vec<u8>; 3]) -> bool {
    let message = &mut messages[usize::from(input.u8() % 3)];
    let bit = usize::from(input.u16()) % (message.len() * 8);
    message[bit / 8] ^= 1 << (bit % 8);
    true
}

/// The server's last token: with the right checksum, with none, or with another one.
fn close(input: &mut Input<'_>, client: &mut NtlmAuthenticator, right: [u8; 16]) {
    let mut mic = right.to_vec();
    let state = input.pick(&[None, Some(NegState::AcceptCompleted), Some(NegState::AcceptIncomplete)]);
    match input.u8() % 4 {
        0 => mic.truncate(usize::from(input.u8())),
        1 => crate::peer::overwrite(&mut mic, usize::from(input.u8() % 16), &[input.u8()]),
        2 => mic.extend_from_slice(input.bytes(3)),
        _ => {}
    }
    let is_right = mic == right && state != Some(NegState::AcceptIncomplete);
    let last = NegTokenResp { neg_state: state, mech_list_mic: Some(mic), ..NegTokenResp::default() };
    let taken = client.step(TokenStage::Final, &last.encode());
    assert_eq!(taken.is_ok(), is_right, "the last token");
}

fn client(with_realm: bool) -> NtlmAuthenticator {
    let (domain, user) = if with_realm { ("", "admin@LAB") } else { ("LAB", "admin") };
    let identity = NtlmIdentity {
        domain: domain.to_owned(),
        user: user.to_owned(),
        password: PASSWORD.to_owned().into(),
        workstation: String::new(),
    };
    let entropy = NtlmEntropy { client_challenge: [0x5e; 8], exported_session_key: SESSION_KEY };
    NtlmAuthenticator::new(identity, "fs1", entropy, FILETIME).expect("names are short")
}
