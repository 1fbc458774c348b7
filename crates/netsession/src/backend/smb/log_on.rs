//! The log-on within a conversation: mechanism, permit, tokens.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Instant;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};
use netsession_proto::auth::{AuthError, Authenticator, Token, TokenInput, TokenStage};

use super::authenticator::authenticator;
use super::entropy::no_randomness;
use super::plan::{SmbPlan, denied};
use super::ways::{Ntlm, Way, follows};
use crate::error::{Cause, Error, LogOnBlame, Step};
use crate::kerberos::{self, Heard, KdcResult, Opened, Source, TicketError};
use crate::logon_guard::{LogOnPermit, LogOnRefusal, LogOnResult, Peer, Reason, Secret, Standing};
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
    /// A thread gets a ticket. Where a secret is proved the thread has the permit.
    Asking(Receiver<Result<Opened, TicketError>>),
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

    /// The unanswered log-on of another connection that this one waits for.
    pub(super) fn waited_for(&self) -> Option<&LogOnRefusal> {
        match &self.state {
            State::Waiting(permit, _) => permit.waited_for(),
            State::Quiet | State::Asking(_) | State::Sent(_) => None,
        }
    }

    /// Whether the log-on was sent, has no answer, and its answer may change what others may send.
    pub(super) fn is_awaited(&self) -> bool {
        matches!(&self.state, State::Sent(permit) if permit.is_awaited())
    }

    /// Whether the log-on was sent and has no answer.
    pub(super) fn is_sent(&self) -> bool {
        matches!(self.state, State::Sent(_))
    }

    /// Whether a ticket is what the server was shown.
    pub(super) fn is_by_ticket(&self) -> bool {
        self.by_ticket
    }

    /// Takes what the handshake asks for.
    pub(super) fn token_wanted(&mut self, stage: TokenStage, input: TokenInput) -> Move {
        match stage {
            TokenStage::Initial => self.begin(input),
            // Only the first token that can be refused waits for the permit; further legs of the exchange keep it.
            TokenStage::Continue if matches!(self.state, State::Quiet) => {
                let secret = self.plan.credentials.secret();
                self.queue(&secret, self.plan.peer(), Then::Answer(input))
            }
            TokenStage::Continue | TokenStage::Final => self.step(stage, &input),
        }
    }

    fn begin(&mut self, input: TokenInput) -> Move {
        match self.plan.ways() {
            Ok(ways) => {
                // The list of mechanisms is not signed: it selects nothing here. NTLM has it in its exchange.
                *self = Self { ways, hint: input.0, ..Self::new(Arc::clone(&self.plan)) };
                self.next_way(None)
            }
            Err(error) => Move::Fail(error),
        }
    }

    /// Goes on with what is left to try; if nothing is, with why the last one failed.
    fn next_way(&mut self, failed: Option<TicketError>) -> Move {
        let server = self.plan.server.clone();
        let may_follow = |way: &Way| failed.as_ref().is_none_or(|failed| follows(way, failed));
        let next = self.ways.pop_front().filter(may_follow);
        let failed = failed.map(|failed| failed.error);
        if let (Some(error), Some(way)) = (&failed, &next) {
            let next = match way {
                Way::Ntlm(_) => "NTLM".to_owned(),
                Way::Kerberos(source) => format!("Kerberos by the {source:?}"),
            };
            tracing::debug!(%server, "no log-on with Kerberos: {error}; next is {next}");
        }
        match next {
            None => {
                let error = failed.unwrap_or(KerberosError::new(KerberosCause::NoTicket));
                kerberos_failed(error)
            }
            Some(Way::Ntlm(why)) => match authenticator(&self.plan.credentials, &server) {
                Ok(authenticator) => {
                    if why == Ntlm::InsteadOfKerberos {
                        let error = failed.unwrap_or(KerberosError::new(KerberosCause::Address));
                        tracing::warn!(%server, "log-on with NTLM instead of Kerberos ({error}): {GIVEN_AWAY}");
                    }
                    tracing::debug!(%server, "log-on with NTLM");
                    self.authenticator = Some(authenticator);
                    let hint = TokenInput(std::mem::take(&mut self.hint));
                    self.step(TokenStage::Initial, &hint)
                }
                Err(error) => Move::Fail(error),
            },
            Some(Way::Kerberos(source)) => match source.secret() {
                Some(secret) => self.queue(&secret, Peer::DomainController, Then::Ask(source)),
                None => self.get_ticket(source, None),
            },
        }
    }

    fn get_ticket(&mut self, source: Source, permit: Option<LogOnPermit>) -> Move {
        tracing::debug!(server = %self.plan.server, "asking for a Kerberos ticket: {source:?}");
        let heard = permit.map(heard);
        self.state = State::Asking(kerberos::open(source, self.plan.service(), heard));
        Move::Nothing
    }

    fn queue(&mut self, secret: &Secret, peer: Peer, then: Then) -> Move {
        let plan = &self.plan;
        match plan.guard.queue(plan.credentials.account(), secret, peer, plan.patience()) {
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
            State::Waiting(turn, then) => self.take_turn(turn, then, waker, now).map_continue(Some),
            State::Asking(receiver) => self.take_ticket(receiver, waker, deadline).map_continue(Some),
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
    ) -> ControlFlow<Instant, Move> {
        ControlFlow::Continue(match (turn.poll(waker, now), then) {
            (Standing::Wait(until, _), then) => {
                tracing::debug!(server = %self.plan.server, "waiting for another log-on of this account");
                self.state = State::Waiting(turn, then);
                return ControlFlow::Break(until);
            }
            (Standing::Go, Then::Answer(challenge)) => {
                self.state = State::Sent(turn);
                self.step(TokenStage::Continue, &challenge)
            }
            (Standing::Go, Then::Ask(source)) => self.get_ticket(source, Some(turn)),
            (Standing::Go, Then::Open(Opened { authenticator, token, principal })) => {
                tracing::debug!(server = %self.plan.server, "log-on with the Kerberos ticket of {principal}");
                self.state = State::Sent(turn);
                self.authenticator = Some(authenticator);
                self.by_ticket = true;
                Move::Token(Ok(token))
            }
            (Standing::Denied(denial), _) => Move::Fail(denied(denial)),
        })
    }

    fn take_ticket(
        &mut self,
        mut receiver: Receiver<Result<Opened, TicketError>>,
        waker: &Waker,
        deadline: Instant,
    ) -> ControlFlow<Instant, Move> {
        ControlFlow::Continue(match receiver.poll(waker) {
            // Until the deadline: nothing may follow a domain controller, or a daemon with tickets, that is silent.
            Poll::Pending => {
                self.state = State::Asking(receiver);
                return ControlFlow::Break(deadline);
            }
            Poll::Ready(None) => Move::Fail(Error::new(Step::Ticket, Cause::Local(kerberos::no_thread()))),
            Poll::Ready(Some(Ok(opened))) => {
                // The ticket is a secret of its own: what a server says to it says nothing of the password behind it,
                // which may have been changed since.
                self.queue(&Secret::Ticket, self.plan.peer(), Then::Open(opened))
            }
            Poll::Ready(Some(Err(failed))) => match ticket_error(failed.error.clone()).log_on_blame() {
                // The thread has told the guard.
                LogOnBlame::Account(_) if !failed.had_ticket => kerberos_failed(failed.error),
                _ => self.next_way(Some(failed)),
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
        if let State::Sent(permit) = std::mem::take(&mut self.state) {
            permit.end(LogOnResult::Accepted);
        }
    }

    /// Reports a failure to the guard.
    pub(super) fn settle(&mut self, error: &Error) {
        if let State::Sent(permit) = std::mem::take(&mut self.state) {
            permit.end(failed(error));
        }
    }
}

fn kerberos_failed(error: KerberosError) -> Move {
    Move::Fail(ticket_error(error))
}

fn ticket_error(error: KerberosError) -> Error {
    Error::new(Step::Ticket, Cause::Kerberos(error))
}

/// Tells the guard what the domain controller answers to the secret, on the thread that asks it: also when this log-on
/// has ended before.
fn heard(permit: LogOnPermit) -> Heard {
    Box::new(move |result| match result {
        // The secret is proved, and others need not wait for the server.
        KdcResult::Accepted => permit.end(LogOnResult::Accepted),
        KdcResult::NotAsked => permit.end(LogOnResult::ServerFailed),
        KdcResult::Failed(error) => permit.end(failed(&ticket_error(error.clone()))),
    })
}

/// What a failure is for the guard, once the log-on was sent.
fn failed(error: &Error) -> LogOnResult {
    match error.log_on_blame() {
        LogOnBlame::Account(reason) => LogOnResult::Refused(reason),
        LogOnBlame::Server => LogOnResult::ServerFailed,
        LogOnBlame::Unknown(reason) => LogOnResult::Unknown(reason.unwrap_or(Reason::NoAnswer)),
    }
}

/// What NTLM gives away, for the warning.
const GIVEN_AWAY: &str = "NTLM does not prove which server answers, and an attacker on the network can use this log-on at \
                          another server, or guess the password from it; -k required forbids it, -k off does it \
                          without this warning, and --spn names the service of a server for Kerberos";
