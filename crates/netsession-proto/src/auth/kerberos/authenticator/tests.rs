use super::*;
use crate::wire::DecodeError;

/// Says `AP-REQ`, wants `AP-REP`, and has a key of 32 bytes.
#[derive(Default)]
struct Fake {
    steps: usize,
    endless: bool,
}

impl GssContext for Fake {
    fn step(&mut self, input: &[u8]) -> Result<GssStep, KerberosError> {
        self.steps += 1;
        match (self.steps, input) {
            (1, b"") => Ok(GssStep { token: b"AP-REQ".to_vec(), complete: false }),
            (2, b"AP-REP") => Ok(GssStep { token: Vec::new(), complete: !self.endless }),
            _ => Err(KerberosError::new(KerberosCause::Other)),
        }
    }

    fn session_key(&mut self) -> Result<SessionKey, KerberosError> {
        Ok(SessionKey::new(vec![7; 32]))
    }

    fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> bool {
        message == MechTypeList::new(vec![MechType::Kerberos]).as_der() && mic == b"right"
    }
}

fn response(token: Option<&[u8]>) -> NegTokenResp {
    NegTokenResp {
        neg_state: Some(NegState::AcceptCompleted),
        supported_mech: Some(MechType::MsKerberos),
        response_token: token.map(<[u8]>::to_vec),
        mech_list_mic: None,
    }
}

/// The result of this last answer.
fn closed(answer: &NegTokenResp) -> Result<Token, AuthError> {
    let mut kerberos = KerberosAuthenticator::new(Fake::default());
    kerberos.step(TokenStage::Initial, b"a hint").unwrap();
    kerberos.step(TokenStage::Final, &answer.encode())
}

#[test]
fn one_token_each_way_and_the_whole_key() {
    let mut kerberos = KerberosAuthenticator::new(Fake::default());
    let first = kerberos.step(TokenStage::Initial, &[]).unwrap();
    assert!(first.session_key.is_none());
    let sent = NegTokenInit::decode(&first.bytes).unwrap();
    assert_eq!(sent.mech_types.mech_types(), [MechType::Kerberos]);
    assert_eq!(sent.mech_token.as_deref(), Some(&b"AP-REQ"[..]));
    let last = kerberos.step(TokenStage::Final, &response(Some(b"AP-REP")).encode()).unwrap();
    assert_eq!(last.session_key.unwrap().as_bytes(), [7; 32]);
    assert!(matches!(kerberos.step(TokenStage::Final, &[]), Err(AuthError::OutOfOrder(_))));
}

#[test]
fn a_server_that_does_not_prove_itself_gets_no_session() {
    let not_mutual = KerberosError::new(KerberosCause::NotMutual);
    assert_eq!(closed(&response(None)).unwrap_err(), AuthError::Kerberos(not_mutual));
    let wrong = closed(&response(Some(b"something else"))).unwrap_err();
    assert_eq!(wrong, AuthError::Kerberos(KerberosError::new(KerberosCause::Other)));
    let mut kerberos = KerberosAuthenticator::new(Fake { steps: 0, endless: true });
    kerberos.step(TokenStage::Initial, &[]).unwrap();
    let answer = response(Some(b"AP-REP")).encode();
    assert_eq!(kerberos.step(TokenStage::Final, &answer).unwrap_err(), AuthError::NotCompleted);
    let mut kerberos = KerberosAuthenticator::new(Fake::default());
    kerberos.step(TokenStage::Initial, &[]).unwrap();
    let empty = kerberos.step(TokenStage::Final, &[]).unwrap_err();
    assert!(matches!(empty, AuthError::Malformed(DecodeError { .. })));
}

#[test]
fn the_checksum_of_the_server_is_verified_where_there_is_one() {
    let with = |mic: &[u8]| NegTokenResp { mech_list_mic: Some(mic.to_vec()), ..response(Some(b"AP-REP")) };
    assert!(closed(&with(b"right")).is_ok());
    assert_eq!(closed(&with(b"wrong")).unwrap_err(), AuthError::WrongMechListMic);
}

#[test]
fn another_mechanism_and_a_refusal_are_told_apart() {
    let ntlm = NegTokenResp { supported_mech: Some(MechType::Ntlmssp), ..response(Some(b"AP-REP")) };
    let not_taken = KerberosError::new(KerberosCause::NotTaken);
    assert_eq!(closed(&ntlm).unwrap_err(), AuthError::Kerberos(not_taken));
    let reject = NegTokenResp { neg_state: Some(NegState::Reject), ..NegTokenResp::default() };
    assert_eq!(closed(&reject).unwrap_err(), AuthError::Rejected);
    let incomplete =
        NegTokenResp { neg_state: Some(NegState::AcceptIncomplete), ..response(Some(b"AP-REP")) };
    assert_eq!(closed(&incomplete).unwrap_err(), AuthError::NotCompleted);
}

#[test]
fn what_the_server_says_before_its_verdict_goes_to_the_mechanism() {
    let mut kerberos = KerberosAuthenticator::new(Fake::default());
    kerberos.step(TokenStage::Initial, &[]).unwrap();
    let krb_error =
        NegTokenResp { neg_state: Some(NegState::AcceptIncomplete), ..response(Some(b"KRB-ERROR")) };
    let error = kerberos.step(TokenStage::Continue, &krb_error.encode()).unwrap_err();
    assert_eq!(error, AuthError::Kerberos(KerberosError::new(KerberosCause::Other)));
}
