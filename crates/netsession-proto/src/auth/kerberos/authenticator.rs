use std::fmt;

use crate::auth::spnego::{MechType, MechTypeList, NegState, NegTokenInit, NegTokenResp};
use crate::auth::{AuthError, Authenticator, KerberosCause, KerberosError, SessionKey, Token, TokenStage};

/// The mechanism's side of one exchange: what GSSAPI calls a security context (RFC 2743).
pub trait GssContext: Send {
    /// Takes a message of the server, none for the first call, and makes the next one.
    ///
    /// # Errors
    /// There is no ticket, or the server's message is not acceptable.
    fn step(&mut self, input: &[u8]) -> Result<GssStep, KerberosError>;

    /// The key that both sides have once the exchange is complete.
    ///
    /// # Errors
    /// The mechanism has none, or does not hand it out.
    fn session_key(&mut self) -> Result<SessionKey, KerberosError>;

    /// Whether this is the server's checksum over `message`.
    fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> bool;
}

/// What a step of a [`GssContext`] brought. `Debug` hides the message.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct GssStep {
    /// The next message to the server; may be empty.
    pub token: Vec<u8>,
    /// Whether both sides have proved their identity.
    pub complete: bool,
}

impl fmt::Debug for GssStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GssStep").field("complete", &self.complete).finish_non_exhaustive()
    }
}

/// The client's side of a Kerberos log-on inside SPNEGO (RFC 4178 3.2, \[MS-SPNG\] 3.2).
///
/// Offers Kerberos alone, with its first message beside the offer, so that one SESSION_SETUP is enough. A
/// checksum over a list of one mechanism that was accepted at once proves nothing (RFC 4178 5), so none is
/// sent; one from the server is verified.
pub struct KerberosAuthenticator<C> {
    context: C,
    mech_types: MechTypeList,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Sent,
    Over,
}

impl<C: GssContext> KerberosAuthenticator<C> {
    /// What fits the 16-bit length of SESSION_SETUP's security buffer (\[MS-SMB2\] 2.2.5).
    const TOKEN_LIMIT: usize = 0xffff;

    /// A log-on by this context, which is at its beginning.
    #[must_use]
    pub fn new(context: C) -> Self {
        Self { context, mech_types: MechTypeList::new(vec![MechType::Kerberos]), state: State::Start }
    }

    fn open(&mut self) -> Result<Token, AuthError> {
        let step = self.context.step(&[])?;
        let first =
            NegTokenInit { mech_token: Some(step.token), ..NegTokenInit::new(vec![MechType::Kerberos]) };
        self.token(first.encode())
    }

    /// The server continues before it accepts or refuses the user; its token often holds the reason of a refusal.
    fn answer(&mut self, input: &[u8]) -> Result<Token, AuthError> {
        let response = decode(input)?;
        let message = response.response_token.ok_or(AuthError::NoMechanismToken)?;
        let step = self.context.step(&message)?;
        let token = Some(step.token).filter(|token| !token.is_empty());
        self.token(NegTokenResp { response_token: token, ..NegTokenResp::default() }.encode())
    }

    /// Takes the server's AP-REP, which completes the key.
    fn close(&mut self, input: &[u8]) -> Result<Token, AuthError> {
        let response = decode(input)?;
        if response.neg_state.is_some_and(|state| state != NegState::AcceptCompleted) {
            return Err(AuthError::NotCompleted);
        }
        let message = response.response_token.ok_or(KerberosError::new(KerberosCause::NotMutual))?;
        if !self.context.step(&message)?.complete {
            return Err(AuthError::NotCompleted);
        }
        if let Some(mic) = response.mech_list_mic
            && !self.context.verify_mic(self.mech_types.as_der(), &mic)
        {
            return Err(AuthError::WrongMechListMic);
        }
        Ok(Token { bytes: Vec::new(), session_key: Some(self.context.session_key()?) })
    }

    fn token(&mut self, bytes: Vec<u8>) -> Result<Token, AuthError> {
        if bytes.len() > Self::TOKEN_LIMIT {
            // The account is a member of very many groups.
            let (what, length) = ("the Kerberos ticket", bytes.len());
            return Err(AuthError::TooLong { what, length, limit: Self::TOKEN_LIMIT });
        }
        self.state = State::Sent;
        Ok(Token { bytes, session_key: None })
    }
}

impl<C: GssContext> Authenticator for KerberosAuthenticator<C> {
    fn step(&mut self, stage: TokenStage, input: &[u8]) -> Result<Token, AuthError> {
        // An error leaves the exchange over.
        match (stage, std::mem::replace(&mut self.state, State::Over)) {
            (TokenStage::Initial, State::Start) => self.open(),
            (TokenStage::Continue, State::Sent) => self.answer(input),
            (TokenStage::Final, State::Sent) => self.close(input),
            (stage, _) => Err(AuthError::OutOfOrder(stage)),
        }
    }
}

fn decode(input: &[u8]) -> Result<NegTokenResp, AuthError> {
    let response = NegTokenResp::decode(input)?;
    if response.neg_state == Some(NegState::Reject) {
        return Err(AuthError::Rejected);
    }
    match response.supported_mech {
        // The two numbers mean the same mechanism.
        None | Some(MechType::Kerberos | MechType::MsKerberos) => Ok(response),
        Some(_) => Err(KerberosError::new(KerberosCause::NotTaken).into()),
    }
}

impl<C> fmt::Debug for KerberosAuthenticator<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KerberosAuthenticator").field("state", &self.state).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
