//! The log-on within a conversation: mechanism, permit, tokens.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Instant;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};
use netsession_proto::auth::spnego::{MechType, NegTokenInit};
use netsession_proto::auth::{AuthError, Authenticator, Token, TokenInput, TokenStage};

use super::authenticator::authenticator;
use super::entropy::no_randomness;
use super::plan::SmbPlan;
use super::ways::{Way, ways};
use crate::error::{Cause, Error, Step};
use crate::kerberos::{self, Opened, Source};
use crate::logon_guard::{LogOnPermit, LogOnRefusal, Secret, Standing};
use crate::oneshot::Receiver;

/// The state of a log-on.
pub(super) struct LogOn {
    plan: Arc<SmbPlan>,
    state: State,
    /// The mechanisms that can still be tried.
    ways: VecDeque<Way>,
    authenticator: Option<Box<dyn Authenticator>>,
    /// The mechanisms that the NEGOTIATE response lists.
    hint: Vec<u8>,
    by_ticket: bool,
}

#[derive(Default)]
enum State {
    /// Nothing that can be refused is under way.
    #[default]
    Quiet,
    /// Waiting for the permit.
    Waiting(LogOnPermit, Then),
    /// A thread gets a ticket, until this moment at the latest. The turn is held where a secret is proved.
    Asking(Receiver<Result<Opened, KerberosError>>, Option<LogOnPermit>, Instant),
    /// Sent, and not yet answered.
    Sent(LogOnPermit),
}

/// The next action once the permit is granted.
enum Then {
    /// The answer to the server's challenge.
    Answer(TokenInput),
    /// A secret is shown to a domain controller.
    Ask(Source),
    /// The first token, which is the one that can be refused.
    Open(Opened),
}

/// What follows for the handshake.
pub(super) enum Move {
    Nothing,
    /// Hand this token to it.
    Token(Result<Token, AuthError>),
    /// No mechanism is left.
    Fail(Error),
}

impl LogOn {
    pub(super) fn new(plan: Arc<SmbPlan>) -> Self {
        Self {
            plan,
            state: State::Quiet,
            ways: VecDeque::new(),
            authenticator: None,
            hint: Vec::new(),
            by_ticket: false,
        }
    }

    /// Whether a ticket is waited for.
    pub(super) fn is_asking(&self) -> bool {
        matches!(self.state, State::Asking(..))
    }

    /// Whether a ticket is what the server was shown.
    pub(super) fn is_by_ticket(&self) -> bool {
        self.by_ticket
    }

    /// Takes what the handshake asks for, until `until` at the latest.
    pub(super) fn token_wanted(&mut self, stage: TokenStage, input: TokenInput, until: Instant) -> Move {
        match stage {
            TokenStage::Initial => self.begin(input, until),
            // Only the first token that can be refused waits for the permit; further legs of the exchange keep it.
            TokenStage::Continue if matches!(self.state, State::Quiet) => {
                let secret = self.plan.credentials.secret();
                self.queue(&secret, Then::Answer(input))
            }
            TokenStage::Continue | TokenStage::Final => self.step(stage, &input),
        }
    }

    fn begin(&mut self, input: TokenInput, until: Instant) -> Move {
        match ways(&self.plan.server, &self.plan.credentials, self.plan.kerberos) {
            Ok(mut ways) => {
                // The list of mechanisms is not signed: it may select NTLM only where the settings allow NTLM anyway.
                let ntlm_follows = ways.iter().any(|way| matches!(way, Way::Ntlm));
                if ways.len() > 1 && ntlm_follows && !offers_kerberos(&input.0) {
                    tracing::debug!(server = %self.plan.server, "the server does not offer Kerberos: NTLM");
                    ways.retain(|way| matches!(way, Way::Ntlm));
                }
                *self = Self { ways, hint: input.0, ..Self::new(Arc::clone(&self.plan)) };
                self.next_way(None, until)
            }
            Err(error) => Move::Fail(error),
        }
    }

    /// Goes on with what is left to try; if nothing is, with why the last one failed.
    fn next_way(&mut self, failed: Option<KerberosError>, until: Instant) -> Move {
        let server = self.plan.server.clone();
        let next = self.ways.pop_front();
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
                kerberos_failed(error)
            }
            Some(Way::Ntlm) => match authenticator(&self.plan.credentials, &server) {
                Ok(authenticator) => {
                    tracing::debug!(%server, "log-on with NTLM");
                    self.authenticator = Some(authenticator);
                    let hint = TokenInput(std::mem::take(&mut self.hint));
                    self.step(TokenStage::Initial, &hint)
                }
                Err(error) => Move::Fail(error),
            },
            Some(Way::Kerberos(source)) => match source.secret() {
                Some(secret) => self.queue(&secret, Then::Ask(source)),
                None => self.get_ticket(source, None, until),
            },
        }
    }

    fn get_ticket(&mut self, source: Source, turn: Option<LogOnPermit>, deadline: Instant) -> Move {
        let now = Instant::now();
        // If NTLM can follow, half of the time is reserved for it.
        let until = match self.ways.is_empty() {
            true => deadline,
            false => now.checked_add(deadline.saturating_duration_since(now) / 2).unwrap_or(now),
        };
        tracing::debug!(server = %self.plan.server, "asking for a Kerberos ticket: {source:?}");
        let host = self.plan.server.host_without_scope().to_owned();
        self.state = State::Asking(kerberos::open(source, host), turn, until);
        Move::Nothing
    }

    fn queue(&mut self, secret: &Secret, then: Then) -> Move {
        let plan = &self.plan;
        match plan.guard.queue(plan.credentials.account(), secret, plan.patience()) {
            Ok(turn) => {
                self.state = State::Waiting(turn, then);
                Move::Nothing
            }
            Err(error) => Move::Fail(no_randomness(error)),
        }
    }

    /// Goes on with what was waited for, if it is there. Breaks with the moment to look again; continues with
    /// what follows, or with nothing where nothing was waited for.
    pub(super) fn go_on(
        &mut self,
        waker: &Waker,
        now: Instant,
        deadline: Instant,
    ) -> ControlFlow<Instant, Option<Move>> {
        match std::mem::take(&mut self.state) {
            State::Waiting(turn, then) => self.take_turn(turn, then, waker, now, deadline).map_continue(Some),
            State::Asking(taker, turn, until) => {
                self.take_ticket(taker, turn, until, waker, now, deadline).map_continue(Some)
            }
            other => {
                self.state = other;
                ControlFlow::Continue(None)
            }
        }
    }

    fn take_turn(
        &mut self,
        mut turn: LogOnPermit,
        then: Then,
        waker: &Waker,
        now: Instant,
        deadline: Instant,
    ) -> ControlFlow<Instant, Move> {
        ControlFlow::Continue(match (turn.poll(waker, now), then) {
            (Standing::Wait(until), then) => {
                tracing::debug!(server = %self.plan.server, "waiting for another log-on of this account");
                self.state = State::Waiting(turn, then);
                return ControlFlow::Break(until);
            }
            (Standing::Go, Then::Answer(challenge)) => {
                self.state = State::Sent(turn);
                self.step(TokenStage::Continue, &challenge)
            }
            (Standing::Go, Then::Ask(source)) => self.get_ticket(source, Some(turn), deadline),
            (Standing::Go, Then::Open(Opened { authenticator, token, principal })) => {
                tracing::debug!(server = %self.plan.server, "log-on with the Kerberos ticket of {principal}");
                self.state = State::Sent(turn);
                self.authenticator = Some(authenticator);
                self.by_ticket = true;
                Move::Token(Ok(token))
            }
            (Standing::Blocked(refusal), _) => Move::Fail(Error::new(Step::LogOn, Cause::Blocked(refusal))),
        })
    }

    fn take_ticket(
        &mut self,
        mut taker: Receiver<Result<Opened, KerberosError>>,
        turn: Option<LogOnPermit>,
        until: Instant,
        waker: &Waker,
        now: Instant,
        deadline: Instant,
    ) -> ControlFlow<Instant, Move> {
        ControlFlow::Continue(match taker.poll(waker) {
            Poll::Pending if now < until => {
                self.state = State::Asking(taker, turn, until);
                return ControlFlow::Break(until);
            }
            Poll::Pending => self.next_way(Some(KerberosError::new(KerberosCause::TimedOut)), deadline),
            Poll::Ready(None) => self.next_way(Some(kerberos::no_thread()), deadline),
            Poll::Ready(Some(Ok(opened))) => match turn {
                // The secret is proved, and others need not wait for the server.
                Some(turn) => {
                    let secret = self.plan.credentials.secret();
                    turn.accepted();
                    self.queue(&secret, Then::Open(opened))
                }
                None => self.queue(&Secret::Ticket, Then::Open(opened)),
            },
            Poll::Ready(Some(Err(error))) => match (ticket_error(error.clone()).account_refusal(), turn) {
                // The secret was shown to a domain controller, and refused.
                (Some(reason), Some(turn)) => {
                    turn.refused(LogOnRefusal { server: "the domain controller".into(), reason });
                    kerberos_failed(error)
                }
                (_, _) => self.next_way(Some(error), deadline),
            },
        })
    }

    /// Hands the server's token to the mechanism, and its answer to the handshake.
    fn step(&mut self, stage: TokenStage, input: &TokenInput) -> Move {
        match &mut self.authenticator {
            Some(authenticator) => Move::Token(authenticator.step(stage, &input.0)),
            // The handshake begins every exchange with `Initial`, which makes one.
            None => Move::Nothing,
        }
    }

    /// The server accepted the log-on.
    pub(super) fn accepted(&mut self) {
        self.authenticator = None;
        if let State::Sent(turn) = std::mem::take(&mut self.state) {
            turn.accepted();
        }
    }

    /// Reports a failure to the guard. A permit that is dropped without a result proves and refuses nothing.
    pub(super) fn settle(&mut self, error: &Error) {
        let State::Sent(permit) = std::mem::take(&mut self.state) else { return };
        if let Some(reason) = error.account_refusal() {
            permit.refused(LogOnRefusal { server: self.plan.server.to_string(), reason });
        }
    }
}

fn kerberos_failed(error: KerberosError) -> Move {
    Move::Fail(ticket_error(error))
}

fn ticket_error(error: KerberosError) -> Error {
    Error::new(Step::Ticket, Cause::Kerberos(error))
}

/// Whether Kerberos is among the mechanisms that the server lists. One that lists none may take it.
fn offers_kerberos(hint: &[u8]) -> bool {
    let Ok(hint) = NegTokenInit::decode(hint) else { return true };
    let listed = hint.mech_types.mech_types();
    listed.is_empty() || listed.iter().any(|one| matches!(one, MechType::Kerberos | MechType::MsKerberos))
}
