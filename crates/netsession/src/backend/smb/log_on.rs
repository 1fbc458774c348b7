//! The log-on within a conversation: which way, whose turn, which token.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::task::{Poll, Waker};
use std::time::Instant;

use netsession_proto::auth::Authenticator;
use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};
use netsession_proto::auth::spnego::{MechType, NegTokenInit};
use netsession_proto::client::{self, Failure, TokenInput, TokenStage};

use super::authenticator::authenticator;
use super::conversation::{Conversation, Outcome};
use super::entropy::no_randomness;
use super::ways::{Way, ways};
use crate::error::{Cause, Error, Step, says_nothing_about_the_account};
use crate::kerberos::{self, Opened, Source};
use crate::logon_guard::{LogOnPermit, Reason, Refusal, Secret, Standing};
use crate::oneshot::Receiver;

/// What a log-on has come to.
#[derive(Default)]
pub(super) struct LogOn {
    state: State,
    /// What can still be tried.
    ways: VecDeque<Way>,
    authenticator: Option<Box<dyn Authenticator>>,
    /// What NEGOTIATE said of mechanisms.
    hint: Vec<u8>,
    by_ticket: bool,
}

#[derive(Default)]
enum State {
    /// Nothing that can be refused is under way.
    #[default]
    Quiet,
    /// Until it is this connection's turn.
    Waiting(LogOnPermit, Then),
    /// A thread gets a ticket, until this moment at the latest. The turn is held where a secret is proved.
    Asking(Receiver<Result<Opened, KerberosError>>, Option<LogOnPermit>, Instant),
    /// Sent, and not yet answered.
    Sent(LogOnPermit),
}

/// What follows when it is this connection's turn.
enum Then {
    /// The answer to the server's challenge.
    Answer(TokenInput),
    /// A secret is shown to a domain controller.
    Ask(Source),
    /// The first token, which is the one that can be refused.
    Open(Opened),
}

impl LogOn {
    /// Whether a ticket is waited for.
    pub(super) fn is_asking(&self) -> bool {
        matches!(self.state, State::Asking(..))
    }

    /// Whether a ticket is what the server was shown.
    pub(super) fn is_by_ticket(&self) -> bool {
        self.by_ticket
    }
}

impl Conversation {
    /// Takes what the state machine asks for.
    pub(super) fn token_wanted(&mut self, stage: TokenStage, input: TokenInput) {
        match stage {
            TokenStage::Initial => self.begin(input),
            // Only the first token that can be refused waits for its turn: an exchange of more legs goes on.
            TokenStage::Continue if matches!(self.log_on.state, State::Quiet) => {
                let secret = self.plan().credentials.secret();
                self.queue(&secret, Then::Answer(input));
            }
            TokenStage::Continue | TokenStage::Final => self.step(stage, &input),
        }
    }

    fn begin(&mut self, input: TokenInput) {
        match ways(self.plan()) {
            Ok(mut ways) => {
                // The hint is not signed: it may lead to NTLM where that is allowed anyway, and nowhere else.
                let ntlm_follows = ways.iter().any(|way| matches!(way, Way::Ntlm));
                if ways.len() > 1 && ntlm_follows && !offers_kerberos(&input.0) {
                    tracing::debug!(server = %self.plan().server, "the server does not offer Kerberos: NTLM");
                    ways.retain(|way| matches!(way, Way::Ntlm));
                }
                self.log_on = LogOn { ways, hint: input.0, ..LogOn::default() };
                self.next_way(None);
            }
            Err(error) => self.finish(Outcome::Failed(error)),
        }
    }

    /// Goes on with what is left to try; if nothing is, with why the last one failed.
    fn next_way(&mut self, failed: Option<KerberosError>) {
        let server = self.plan().server.clone();
        let next = self.log_on.ways.pop_front();
        if let (Some(error), Some(way)) = (&failed, &next) {
            let next = match way {
                Way::Ntlm => "NTLM".to_owned(),
                Way::Kerberos(source) => format!("Kerberos by the {source:?}"),
            };
            tracing::debug!(%server, "no log-on with Kerberos: {error}; next is {next}");
        }
        match next {
            None => {
                let error = failed.unwrap_or(KerberosError::new(KerberosCause::NoTicket));
                self.kerberos_failed(error);
            }
            Some(Way::Ntlm) => match authenticator(&self.plan().credentials, &server) {
                Ok(authenticator) => {
                    tracing::debug!(%server, "log-on with NTLM");
                    self.log_on.authenticator = Some(authenticator);
                    let hint = TokenInput(std::mem::take(&mut self.log_on.hint));
                    self.step(TokenStage::Initial, &hint);
                }
                Err(error) => {
                    let error = self.plan().named(error);
                    self.finish(Outcome::Failed(error));
                }
            },
            Some(Way::Kerberos(source)) => match source.secret() {
                Some(secret) => self.queue(&secret, Then::Ask(source)),
                None => self.get_ticket(source, None),
            },
        }
    }

    fn get_ticket(&mut self, source: Source, turn: Option<LogOnPermit>) {
        let now = Instant::now();
        // Where something can follow, half of the time is left for it.
        let until = match self.log_on.ways.is_empty() {
            true => self.until(),
            false => now.checked_add(self.until().saturating_duration_since(now) / 2).unwrap_or(now),
        };
        tracing::debug!(server = %self.plan().server, "asking for a Kerberos ticket: {source:?}");
        let host = self.plan().server.host_without_scope().to_owned();
        self.log_on.state = State::Asking(kerberos::open(source, host), turn, until);
    }

    fn queue(&mut self, secret: &Secret, then: Then) {
        let plan = self.plan();
        match plan.guard.queue(plan.credentials.account(), secret, plan.patience()) {
            Ok(turn) => self.log_on.state = State::Waiting(turn, then),
            Err(error) => {
                let error = plan.named(no_randomness(error));
                self.finish(Outcome::Failed(error));
            }
        }
    }

    /// Goes on with whatever was waited for, if it is there. Breaks with the moment to look again; continues
    /// with whether there is something new.
    pub(super) fn go_on(&mut self, waker: &Waker, now: Instant) -> ControlFlow<Instant, bool> {
        match std::mem::take(&mut self.log_on.state) {
            State::Waiting(turn, then) => self.take_turn(turn, then, waker, now),
            State::Asking(taker, turn, until) => self.take_ticket(taker, turn, until, waker, now),
            other => {
                self.log_on.state = other;
                ControlFlow::Continue(false)
            }
        }
    }

    fn take_turn(
        &mut self,
        mut turn: LogOnPermit,
        then: Then,
        waker: &Waker,
        now: Instant,
    ) -> ControlFlow<Instant, bool> {
        match (turn.poll(waker, now), then) {
            (Standing::Wait(until), then) => {
                tracing::debug!(server = %self.plan().server, "waiting for another log-on of this account");
                self.log_on.state = State::Waiting(turn, then);
                return ControlFlow::Break(until);
            }
            (Standing::Go, Then::Answer(challenge)) => {
                self.log_on.state = State::Sent(turn);
                self.step(TokenStage::Continue, &challenge);
            }
            (Standing::Go, Then::Ask(source)) => self.get_ticket(source, Some(turn)),
            (Standing::Go, Then::Open(Opened { authenticator, token, principal })) => {
                tracing::debug!(server = %self.plan().server, "log-on with the Kerberos ticket of {principal}");
                self.log_on.state = State::Sent(turn);
                self.log_on.authenticator = Some(authenticator);
                self.log_on.by_ticket = true;
                self.provide(Ok(token));
            }
            (Standing::Blocked(refusal), _) => {
                let error = Error::new(Step::Conversation(client::Step::LogOn), Cause::Blocked(refusal));
                let error = self.plan().named(error);
                self.finish(Outcome::Failed(error));
            }
        }
        ControlFlow::Continue(true)
    }

    fn take_ticket(
        &mut self,
        mut taker: Receiver<Result<Opened, KerberosError>>,
        turn: Option<LogOnPermit>,
        until: Instant,
        waker: &Waker,
        now: Instant,
    ) -> ControlFlow<Instant, bool> {
        match taker.poll(waker) {
            Poll::Pending if now < until => {
                self.log_on.state = State::Asking(taker, turn, until);
                return ControlFlow::Break(until);
            }
            Poll::Pending => self.next_way(Some(KerberosError::new(KerberosCause::TimedOut))),
            Poll::Ready(None) => self.next_way(Some(kerberos::no_thread())),
            Poll::Ready(Some(Ok(opened))) => match turn {
                // The secret is proved, and others need not wait for the server.
                Some(turn) => {
                    let secret = self.plan().credentials.secret();
                    turn.accepted();
                    self.queue(&secret, Then::Open(opened));
                }
                None => self.queue(&Secret::Ticket, Then::Open(opened)),
            },
            Poll::Ready(Some(Err(error))) if error.refuses_the_account() && turn.is_some() => {
                if let (Some(turn), Some(code)) = (turn, error.code()) {
                    turn.refused(Refusal {
                        server: "the domain controller".into(),
                        reason: Reason::Kerberos(code),
                    });
                }
                self.kerberos_failed(error);
            }
            Poll::Ready(Some(Err(error))) => self.next_way(Some(error)),
        }
        ControlFlow::Continue(true)
    }

    fn kerberos_failed(&mut self, error: KerberosError) {
        let error = self.plan().named(Error::new(Step::Ticket, Cause::Kerberos(error)));
        self.finish(Outcome::Failed(error));
    }

    /// Hands the server's token to the mechanism, and its answer to the state machine.
    fn step(&mut self, stage: TokenStage, input: &TokenInput) {
        // The state machine begins every exchange with `Initial`.
        if let Some(authenticator) = &mut self.log_on.authenticator {
            let token = authenticator.step(stage, &input.0);
            self.provide(token);
        }
    }

    /// The server has taken the log-on.
    pub(super) fn accepted(&mut self) {
        self.log_on.authenticator = None;
        if let State::Sent(turn) = std::mem::take(&mut self.log_on.state) {
            turn.accepted();
        }
    }

    /// The connection is gone, and whatever was sent with it.
    pub(super) fn log_on_anew(&mut self) {
        self.log_on = LogOn::default();
    }

    /// Tells the guard what a failure says about the account. Dropped untold, a turn says nothing.
    pub(super) fn settle(&mut self, failure: &Failure) {
        let State::Sent(turn) = std::mem::take(&mut self.log_on.state) else { return };
        let reason = match &failure.cause {
            client::Cause::Guest => Reason::Guest,
            client::Cause::LogOnRefused(status) if !says_nothing_about_the_account(*status) => {
                Reason::Status(*status)
            }
            client::Cause::Status(status)
                if failure.step == client::Step::LogOn && !says_nothing_about_the_account(*status) =>
            {
                Reason::Status(*status)
            }
            _ => return,
        };
        turn.refused(Refusal { server: self.plan().server.to_string(), reason });
    }
}

/// Whether Kerberos is among the mechanisms that the server lists. One that lists none may take it.
fn offers_kerberos(hint: &[u8]) -> bool {
    let Ok(hint) = NegTokenInit::decode(hint) else { return true };
    let listed = hint.mech_types.mech_types();
    listed.is_empty() || listed.iter().any(|one| matches!(one, MechType::Kerberos | MechType::MsKerberos))
}
