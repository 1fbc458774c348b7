use super::super::verify::{Exchange, LoggedOn, verify};
use super::*;

const NOW: u64 = 0x01dc_5b00_1234_5678;
const SERVER_TIME: u64 = 0x01dc_5b00_0000_0001;
const KEY: [u8; 16] = *b"\x5eession-key-5e5e";

fn identity(domain: &str, user: &str) -> NtlmIdentity {
    NtlmIdentity {
        domain: domain.into(),
        user: user.into(),
        password: Zeroizing::new("Pässw0rd".into()),
        workstation: "WS1".into(),
    }
}

fn entropy() -> NtlmEntropy {
    NtlmEntropy { client_challenge: [0x5e; 8], exported_session_key: KEY }
}

fn authenticator() -> NtlmAuthenticator {
    NtlmAuthenticator::new(identity("LAB", "straße"), "fs1.example.com", entropy(), NOW).unwrap()
}

fn server_info() -> TargetInfo {
    let mut info = TargetInfo::default();
    info.set(AvId::NB_DOMAIN_NAME, crate::wire::utf16_bytes("LAB"));
    info.set(AvId::NB_COMPUTER_NAME, crate::wire::utf16_bytes("FS1"));
    info.set(AvId::TIMESTAMP, SERVER_TIME.to_le_bytes().to_vec());
    info.set(AvId(0x0fff), vec![1, 2, 3]);
    info
}

fn challenge() -> ChallengeMessage {
    ChallengeMessage {
        flags: NtlmAuthenticator::OFFERED | NegotiateFlags::TARGET_TYPE_SERVER,
        server_challenge: *b"12345678",
        target_name: crate::wire::utf16_bytes("FS1"),
        target_info: server_info().encode().unwrap(),
        version: Version { major: 10, minor: 0, build: 20348, revision: 0x0f },
    }
}

fn response(challenge: &ChallengeMessage) -> NegTokenResp {
    NegTokenResp {
        neg_state: Some(NegState::AcceptIncomplete),
        supported_mech: Some(MechType::Ntlmssp),
        response_token: Some(challenge.encode().unwrap()),
        mech_list_mic: None,
    }
}

fn completed(mic: Option<[u8; 16]>) -> Vec<u8> {
    NegTokenResp {
        neg_state: Some(NegState::AcceptCompleted),
        mech_list_mic: mic.map(|mic| mic.to_vec()),
        ..NegTokenResp::default()
    }
    .encode()
}

/// A client that has received its challenge, and the server that has checked the answer.
struct Logon {
    client: NtlmAuthenticator,
    server: LoggedOn,
    message: AuthenticateMessage,
    mech_types: Vec<u8>,
}

fn log_on_as(mut client: NtlmAuthenticator, challenge: &ChallengeMessage) -> Logon {
    let first = NegTokenInit::decode(&client.step(TokenStage::Initial, &[]).unwrap().bytes).unwrap();
    assert_eq!(first.mech_types.mech_types(), [MechType::Ntlmssp]);
    let negotiate = first.mech_token.unwrap();
    NegotiateMessage::decode(&negotiate).unwrap();

    let token = client.step(TokenStage::Continue, &response(challenge).encode()).unwrap();
    let second = NegTokenResp::decode(&token.bytes).unwrap();
    let authenticate = second.response_token.unwrap();
    let message = AuthenticateMessage::decode(&authenticate).unwrap();
    let challenge = challenge.encode().unwrap();
    let exchange = Exchange { negotiate: &negotiate, challenge: &challenge, authenticate: &authenticate };
    let mut server = verify(&exchange, &message, "Pässw0rd").unwrap();
    assert_eq!(Some(server.session_key()), token.session_key.as_ref());
    let mech_types = first.mech_types.as_der().to_vec();
    server.verify_mech_list_mic(&mech_types, &second.mech_list_mic.unwrap()).unwrap();

    let wrong = verify(&exchange, &message, "pässw0rd").unwrap_err();
    assert_eq!(wrong, AuthError::WrongPassword);
    let other = NegotiateMessage { flags: NegotiateFlags::OEM, version: Version::OURS }.encode();
    let tampered = verify(&Exchange { negotiate: &other, ..exchange }, &message, "Pässw0rd").unwrap_err();
    assert_eq!(tampered, AuthError::WrongMic);
    let stripped = AuthenticateMessage { mic: None, ..message.clone() };
    assert_eq!(verify(&exchange, &stripped, "Pässw0rd").unwrap_err(), AuthError::WrongMic);
    Logon { client, server, message, mech_types }
}

fn log_on() -> Logon {
    log_on_as(authenticator(), &challenge())
}

#[test]
fn client_and_server_end_in_the_same_key() {
    let Logon { mut client, mut server, mech_types, .. } = log_on();
    assert_eq!(server.session_key().as_bytes(), KEY);
    let last = completed(server.mech_list_mic(&mech_types));
    let token = client.step(TokenStage::Final, &last).unwrap();
    assert!(token.bytes.is_empty() && token.session_key.is_none());
}

#[test]
fn the_answer_carries_what_the_rules_ask_for() {
    let message = log_on().message;
    assert_eq!(message.flags, NtlmAuthenticator::OFFERED);
    assert_eq!(message.lm_response, [0; 24]);
    let response = Ntlmv2Response::decode(&message.nt_response).unwrap();
    assert_eq!(response.timestamp, SERVER_TIME);
    let info = response.target_info;
    assert_eq!(info.flags(), Ok(TargetInfo::MIC_PROVIDED));
    assert_eq!(info.value(AvId::CHANNEL_BINDINGS), Some(&[0; 16][..]));
    assert_eq!(
        info.value(AvId::TARGET_NAME),
        Some(crate::wire::utf16_bytes("cifs/fs1.example.com").as_slice())
    );
    assert_eq!(info.pairs()[..4], *server_info().pairs());
    assert_eq!((message.domain.as_str(), message.user.as_str()), ("LAB", "straße"));
    assert_eq!(message.workstation, "WS1");
}

#[test]
fn the_servers_own_flags_are_kept_and_its_claims_about_the_target_are_not() {
    let mut info = server_info();
    info.set(AvId::FLAGS, vec![1, 0, 0, 0]);
    info.set(AvId::TARGET_NAME, crate::wire::utf16_bytes("cifs/other"));
    info.set(AvId::CHANNEL_BINDINGS, vec![9; 16]);
    let challenge = ChallengeMessage { target_info: info.encode().unwrap(), ..challenge() };
    let message = log_on_as(authenticator(), &challenge).message;
    let info = Ntlmv2Response::decode(&message.nt_response).unwrap().target_info;
    assert_eq!(info.flags(), Ok(0x3));
    assert_eq!(info.pairs().iter().filter(|pair| pair.id == AvId::TARGET_NAME).count(), 1);
    assert_eq!(info.value(AvId::CHANNEL_BINDINGS), Some(&[0; 16][..]));
}

#[test]
fn without_the_servers_time_the_one_handed_in_is_used() {
    let mut info = TargetInfo::default();
    info.set(AvId::NB_COMPUTER_NAME, crate::wire::utf16_bytes("FS1"));
    let challenge = ChallengeMessage { target_info: info.encode().unwrap(), ..challenge() };
    let message = log_on_as(authenticator(), &challenge).message;
    assert_eq!(Ntlmv2Response::decode(&message.nt_response).unwrap().timestamp, NOW);
}

#[test]
fn a_version_is_sent_only_if_the_server_knows_of_it() {
    let flags = challenge().flags.without(NegotiateFlags::VERSION);
    let message = log_on_as(authenticator(), &ChallengeMessage { flags, ..challenge() }).message;
    assert_eq!(message.version, Version::default());
    assert!(message.mic.is_some());
    assert_eq!(log_on().message.version, Version::OURS);
}

#[test]
fn challenge_without_key_exchange_ends_in_the_key_exchange_key() {
    let flags = challenge().flags.without(NegotiateFlags::KEY_EXCHANGE);
    let challenge = ChallengeMessage { flags, ..challenge() };
    let Logon { mut client, mut server, message, mech_types } = log_on_as(authenticator(), &challenge);
    assert!(message.encrypted_session_key.is_empty(), "no key is sent");
    assert!(!message.flags.contains(NegotiateFlags::KEY_EXCHANGE));
    assert_ne!(server.session_key().as_bytes(), KEY, "the random key is not used");
    let mic = server.mech_list_mic(&mech_types).unwrap();
    let token = client.step(TokenStage::Final, &completed(Some(mic))).unwrap();
    assert!(token.session_key.is_none());
    // A wrong checksum is found as well as with key exchange.
    let mut client = log_on_as(authenticator(), &challenge).client;
    let wrong = completed(Some(mic.map(|byte| byte ^ 1)));
    assert_eq!(client.step(TokenStage::Final, &wrong).unwrap_err(), AuthError::WrongMechListMic);
}

#[test]
fn a_user_with_realm_goes_whole_and_without_domain() {
    let client =
        NtlmAuthenticator::new(identity("", "alice@LAB.example"), "10.0.0.5", entropy(), NOW).unwrap();
    let message = log_on_as(client, &challenge()).message;
    assert_eq!((message.domain.as_str(), message.user.as_str()), ("", "alice@LAB.example"));
}

#[test]
fn a_weak_challenge_is_refused_for_each_thing_it_lacks() {
    for (flag, requirement) in [
        (NegotiateFlags::UNICODE, Requirement::Unicode),
        (NegotiateFlags::EXTENDED_SESSION_SECURITY, Requirement::ExtendedSessionSecurity),
        (NegotiateFlags::KEY_128, Requirement::Key128),
        (NegotiateFlags::SIGN, Requirement::Sign),
        (NegotiateFlags::TARGET_INFO, Requirement::TargetInfo),
    ] {
        let flags = challenge().flags.without(flag);
        let error = refused(&response(&ChallengeMessage { flags, ..challenge() }).encode());
        assert_eq!(error, AuthError::ChallengeLacks(requirement));
        assert!(error.to_string().contains(&requirement.to_string()));
    }
    let empty = ChallengeMessage { target_info: Vec::new(), ..challenge() };
    let error = refused(&response(&empty).encode());
    assert_eq!(error, AuthError::ChallengeLacks(Requirement::TargetInfo));
}

/// The error with which a fresh client answers this instead of a challenge. It cannot be used after that.
fn refused(input: &[u8]) -> AuthError {
    let mut client = authenticator();
    client.step(TokenStage::Initial, &[]).unwrap();
    let error = client.step(TokenStage::Continue, input).unwrap_err();
    for stage in [TokenStage::Initial, TokenStage::Continue, TokenStage::Final] {
        assert_eq!(client.step(stage, input).unwrap_err(), AuthError::OutOfOrder(stage));
    }
    error
}

#[test]
fn answers_that_are_no_challenge_are_told_apart() {
    assert_eq!(refused(&challenge().encode().unwrap()), AuthError::BareNtlm);
    let good = response(&challenge());
    let rejected = NegTokenResp { neg_state: Some(NegState::Reject), ..good.clone() };
    assert_eq!(refused(&rejected.encode()), AuthError::Rejected);
    let kerberos = NegTokenResp { supported_mech: Some(MechType::Kerberos), ..good.clone() };
    assert_eq!(refused(&kerberos.encode()), AuthError::OtherMechanism);
    let empty = NegTokenResp { response_token: None, ..good.clone() };
    assert_eq!(refused(&empty.encode()), AuthError::NoMechanismToken);
    let garbage = NegTokenResp { response_token: Some(b"NTLMSSP\0\x01\0\0\0".to_vec()), ..good };
    assert!(matches!(refused(&garbage.encode()), AuthError::Malformed(_)));
    assert!(matches!(refused(&[]), AuthError::Malformed(_)));
}

#[test]
fn every_prefix_of_an_answer_is_refused() {
    let bytes = response(&challenge()).encode();
    for end in 0..bytes.len() {
        assert!(matches!(refused(&bytes[..end]), AuthError::Malformed(_)), "{end}");
    }
    let challenge = challenge().encode().unwrap();
    for end in 0..challenge.len() {
        let token =
            NegTokenResp { response_token: Some(challenge[..end].to_vec()), ..NegTokenResp::default() };
        assert!(matches!(refused(&token.encode()), AuthError::Malformed(_)), "{end}");
    }
}

#[test]
fn target_info_that_leaves_no_room_is_an_error() {
    let mut info = server_info();
    info.set(AvId(0x0fff), vec![0; 0xff00]);
    let challenge = ChallengeMessage { target_info: info.encode().unwrap(), ..challenge() };
    assert!(matches!(refused(&response(&challenge).encode()), AuthError::TooLong { .. }));
    let wrong_time = {
        let mut info = server_info();
        info.set(AvId::TIMESTAMP, vec![0; 4]);
        ChallengeMessage { target_info: info.encode().unwrap(), ..challenge }
    };
    assert!(matches!(refused(&response(&wrong_time).encode()), AuthError::Malformed(_)));
}

#[test]
fn a_wrong_checksum_over_the_mechanisms_is_an_error() {
    let mic = {
        let Logon { mut server, mech_types, .. } = log_on();
        server.mech_list_mic(&mech_types).unwrap()
    };
    for at in 0..mic.len() {
        let mut wrong = mic;
        wrong[at] ^= 0x80;
        let error = log_on().client.step(TokenStage::Final, &completed(Some(wrong))).unwrap_err();
        assert_eq!(error, AuthError::WrongMechListMic, "{at}");
    }
    // The client's own checksum sent back to it.
    let mut own = MessageSigner::new(&Zeroizing::new(KEY), Side::Client, NegotiateFlags::KEY_EXCHANGE);
    let Logon { mut client, mech_types, .. } = log_on();
    let error = client.step(TokenStage::Final, &completed(Some(own.sign(&mech_types)))).unwrap_err();
    assert_eq!(error, AuthError::WrongMechListMic);
}

#[test]
fn a_last_token_without_checksum_or_state_or_anything_is_accepted() {
    let stateless = NegTokenResp::default().encode();
    for last in [completed(None), stateless, Vec::new()] {
        assert!(log_on().client.step(TokenStage::Final, &last).is_ok(), "{last:02x?}");
    }
}

#[test]
fn a_last_token_that_completes_nothing_is_an_error() {
    for (state, expected) in [
        (NegState::AcceptIncomplete, AuthError::NotCompleted),
        (NegState::RequestMic, AuthError::NotCompleted),
        (NegState::Reject, AuthError::Rejected),
    ] {
        let last = NegTokenResp { neg_state: Some(state), ..NegTokenResp::default() }.encode();
        assert_eq!(log_on().client.step(TokenStage::Final, &last).unwrap_err(), expected);
    }
    let last = completed(Some([0; 16]));
    for end in 1..last.len() {
        let error = log_on().client.step(TokenStage::Final, &last[..end]).unwrap_err();
        assert!(matches!(error, AuthError::Malformed(_)), "{end}");
    }
}

#[test]
fn any_hint_is_answered_with_the_same_offer() {
    let expected = authenticator().step(TokenStage::Initial, &[]).unwrap().bytes;
    let kerberos = NegTokenInit::new(vec![MechType::Kerberos]).encode();
    let both = NegTokenInit::new(vec![MechType::MsKerberos, MechType::Ntlmssp]).encode();
    for hint in [&kerberos[..], &both, b"garbage"] {
        assert_eq!(authenticator().step(TokenStage::Initial, hint).unwrap().bytes, expected);
    }
}

#[test]
fn stages_out_of_order_are_errors() {
    for stage in [TokenStage::Continue, TokenStage::Final] {
        assert_eq!(authenticator().step(stage, &[]).unwrap_err(), AuthError::OutOfOrder(stage));
    }
    let again = log_on().client.step(TokenStage::Continue, &response(&challenge()).encode()).unwrap_err();
    assert_eq!(again, AuthError::OutOfOrder(TokenStage::Continue));
}

#[test]
fn names_that_no_server_knows_are_errors_at_once() {
    let long = "x".repeat(1025);
    let too_long =
        |what: &str, identity, host: &str| match NtlmAuthenticator::new(identity, host, entropy(), NOW)
            .unwrap_err()
        {
            AuthError::TooLong { what: found, limit: 0x800, .. } => assert!(found.contains(what)),
            other => panic!("{other}"),
        };
    too_long("user", identity("LAB", &long), "fs1");
    too_long("domain", identity(&long, "alice"), "fs1");
    too_long("workstation", NtlmIdentity { workstation: long.clone(), ..identity("LAB", "alice") }, "fs1");
    too_long("server", identity("LAB", "alice"), &long);
    let error = NtlmAuthenticator::new(identity("LAB", ""), "fs1", entropy(), NOW).unwrap_err();
    assert_eq!(error, AuthError::EmptyUser);
}

#[test]
fn responses_of_older_versions_are_refused() {
    let message = AuthenticateMessage { nt_response: vec![7; 24], ..log_on().message };
    let exchange = Exchange { negotiate: &[], challenge: &[], authenticate: &[] };
    assert_eq!(verify(&exchange, &message, "x").unwrap_err(), AuthError::NotNtlmV2);
}

#[test]
fn a_debug_output_shows_no_secret() {
    let Logon { client, server, message, .. } = log_on();
    let debug = format!("{:?} {:?} {client:?} {server:?} {message:?}", identity("LAB", "straße"), entropy());
    assert!(debug.contains("straße"));
    // The password, and bytes of key, challenge and response in decimal and in hex.
    for secret in ["ssw0rd", "ession-key", "94", "5e"] {
        assert!(!debug.contains(secret), "{secret}: {debug}");
    }
}
