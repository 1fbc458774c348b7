use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, Role, SecurityMode, SessionFlags, SessionSetupRequest, SessionSetupResponse, derive_keys,
};

use super::connection::ServerConnection;
use super::ntlm::{Exchange, Said};
use super::receive::{Answer, Call};
use super::reply::{bare_body, body_of};
use super::session::{Caller, Session};
use crate::scenario::{Encryption, Step};

impl ServerConnection {
    /// One step of a log-on (\[MS-SMB2\] 3.3.5.5).
    pub(super) fn session_setup(&mut self, call: &mut Call<'_>) -> Result<Answer, NtStatus> {
        let request = SessionSetupRequest::decode(call.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        if call.session_id == 0 {
            call.session_id = self.open_session(request.security_mode);
        }
        let session = self.sessions.get_mut(&call.session_id).ok_or(NtStatus::USER_SESSION_DELETED)?;
        // Logging on anew within a session is not done here.
        let exchange = session.exchange.as_mut().ok_or(NtStatus::REQUEST_NOT_ACCEPTED)?;
        session.preauth.update(call.message);
        match exchange.step(request.token, &self.scenario) {
            Ok(Said::Continue(token)) => {
                call.step = Step::Challenge;
                let body = body_of(&SessionSetupResponse { flags: SessionFlags::default(), token: &token });
                Ok(Answer { status: NtStatus::MORE_PROCESSING_REQUIRED, body })
            }
            Ok(Said::Welcome { token, key, caller }) => self.welcome(call, &token, &key, caller),
            Err(status) => {
                self.sessions.remove(&call.session_id);
                Err(status)
            }
        }
    }

    /// Ends a session.
    pub(super) fn log_off(&mut self, call: &Call<'_>) -> Vec<u8> {
        let gone = call.session_id;
        self.pipes.retain(|_, pipe| pipe.session_id != gone);
        self.trees.retain(|_, session_id| *session_id != gone);
        if let Some(session) = self.sessions.get_mut(&gone) {
            session.ended = true;
        }
        bare_body()
    }

    fn open_session(&mut self, security_mode: u8) -> u64 {
        let number = self.fresh_id();
        // As those of real servers, the number needs more than 32 bits.
        let session_id = (u64::from(number) << 32) | 0x29;
        let mut challenge = self.entropy.server_challenge;
        challenge.iter_mut().zip(number.to_le_bytes()).for_each(|(byte, number)| *byte ^= number);
        let client_demands = u16::from(security_mode) & SecurityMode::SIGNING_REQUIRED.0 != 0;
        let session = Session {
            preauth: self.preauth.clone(),
            exchange: Some(Exchange::new(challenge, self.start.filetime)),
            keys: None,
            caller: Caller::default(),
            signing_required: client_demands || self.scenario.smb.signing_required,
            ended: false,
        };
        self.sessions.insert(session_id, session);
        session_id
    }

    fn welcome(
        &mut self,
        call: &Call<'_>,
        token: &[u8],
        key: &netsession_proto::auth::SessionKey,
        caller: Caller,
    ) -> Result<Answer, NtStatus> {
        let (Some(negotiated), Some(session)) = (&self.negotiated, self.sessions.get_mut(&call.session_id))
        else {
            return Err(NtStatus::USER_SESSION_DELETED);
        };
        let demands_encryption = self.scenario.smb.encryption == Encryption::Required;
        if demands_encryption && negotiated.cipher.is_none() {
            self.sessions.remove(&call.session_id);
            return Err(NtStatus::ACCESS_DENIED);
        }
        session.exchange = None;
        session.caller = caller;
        session.keys = Some(derive_keys(
            Role::Server,
            negotiated.dialect,
            key,
            &session.preauth,
            negotiated.signing,
            negotiated.cipher,
        ));
        let flags = if demands_encryption { SessionFlags::ENCRYPT_DATA } else { SessionFlags::default() };
        Ok(Answer { status: NtStatus::SUCCESS, body: body_of(&SessionSetupResponse { flags, token }) })
    }
}
