use std::collections::VecDeque;
use std::time::Instant;

use super::channel::{Channel, Reply};
use super::log_on::{AfterToken, LogOn};
use super::negotiate::Negotiate;
use super::open_pipe::{AfterReply, OpenPipe};
use super::rpc_pipe::RpcPipe;
use super::{Cause, Config, Entropy, Failure, Limit, Machine, Misbehaviour, Step};
use crate::auth::{AuthError, Token, TokenInput, TokenStage};

/// From a new TCP connection to a bound pipe: NEGOTIATE, log-on, TREE_CONNECT, CREATE and the RPC bind, with
/// their fallbacks.
///
/// It ends with [`HandshakeEvent::Ready`], which has the [`RpcPipe`], or with [`HandshakeEvent::Failed`].
///
/// [`Machine`] has what a driver does. Beside that it answers [`HandshakeEvent::NeedToken`] with
/// [`provide_token`](Self::provide_token), and [`HandshakeEvent::Reconnect`] with
/// [`reconnected`](Self::reconnected).
#[derive(Debug)]
pub struct Handshake {
    config: Config,
    state: State,
    events: VecDeque<HandshakeEvent>,
}

/// What a driver of a [`Handshake`] is told.
#[derive(Debug)]
pub enum HandshakeEvent {
    /// Answer with [`Handshake::provide_token`], now or later.
    NeedToken {
        /// The security buffer of the server's last answer; for the first token that of NEGOTIATE.
        input: TokenInput,
        /// Which token is needed.
        stage: TokenStage,
    },
    /// A phase has begun. For progress, logs and metrics.
    Phase(Phase),
    /// The answer to the compound cannot be believed, or the connection was cut in its place: close this
    /// connection, open a new one to the same address within the same deadline, then call
    /// [`Handshake::reconnected`]. At most once. The log-on of the first connection is verified, and nothing else of
    /// it is used.
    Reconnect(Failure),
    /// Logged on, and the pipe is bound.
    Ready(Box<RpcPipe>),
    /// The connection has failed: close it.
    Failed(Failure),
}

/// Where a handshake stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// NEGOTIATE.
    Negotiate,
    /// SESSION_SETUP.
    Authenticate,
    /// TREE_CONNECT, CREATE and the RPC bind.
    Bind,
}

/// Each state with all that it needs, and nothing else.
enum State {
    Negotiate(Channel, Negotiate),
    LogOn(Channel, LogOn),
    OpenPipe(Channel, OpenPipe),
    /// Waiting for the driver to connect again.
    Reconnect,
    /// The pipe has been handed out, or the handshake has failed.
    Over,
}

impl Handshake {
    /// A handshake over a connection that has just been established over TCP; its NEGOTIATE is ready to be
    /// sent.
    ///
    /// `now` is not used to start a clock of its own: the deadline is that of the configuration.
    #[must_use]
    pub fn new(config: Config, entropy: &Entropy, now: Instant) -> Self {
        let mut handshake = Self { config, state: State::Over, events: VecDeque::new() };
        handshake.negotiate(entropy, now);
        handshake
    }

    /// The driver has connected again to the same address, as [`HandshakeEvent::Reconnect`] asked.
    ///
    /// Without that event it does nothing.
    pub fn reconnected(&mut self, entropy: &Entropy, now: Instant) {
        if matches!(self.state, State::Reconnect) {
            self.config.single_steps = true;
            self.negotiate(entropy, now);
        }
    }

    /// Moves the deadline: a wait was not the server's, or an answer is still heard after it.
    pub fn put_off(&mut self, deadline: Instant) {
        self.config.deadline = deadline;
    }

    /// Takes the token that a [`HandshakeEvent::NeedToken`] asked for.
    ///
    /// Without such a question open it does nothing.
    pub fn provide_token(&mut self, token: Result<Token, AuthError>) {
        let State::LogOn(_, log_on) = &self.state else { return };
        if log_on.wanted().is_none() {
            return;
        }
        let token = match token {
            Ok(token) => token,
            Err(error) => return self.fail(Step::LogOn, Cause::Authentication(error)),
        };
        let State::LogOn(mut channel, log_on) = self.take_state() else { return };
        match log_on.token(token, &self.config, &mut channel) {
            Ok(AfterToken::Waiting(log_on)) => self.state = State::LogOn(channel, log_on),
            Ok(AfterToken::LoggedOn(session)) => {
                self.events.push_back(HandshakeEvent::Phase(Phase::Bind));
                let open = OpenPipe::start(session, self.config.single_steps, &self.config, &mut channel);
                self.state = State::OpenPipe(channel, open);
            }
            Err(cause) => return self.fail(Step::LogOn, cause),
        }
        self.fail_if_stuck();
    }

    fn negotiate(&mut self, entropy: &Entropy, now: Instant) {
        let mut channel = Channel::new(self.config.limits.frame_bytes);
        let negotiate = Negotiate::send(&self.config, entropy, &mut channel);
        self.state = State::Negotiate(channel, negotiate);
        self.events.push_back(HandshakeEvent::Phase(Phase::Negotiate));
        self.handle_timeout(now);
    }

    /// Takes the replies that have come, as far as that goes.
    fn advance(&mut self) {
        while let Some(channel) = self.channel() {
            match channel.next_reply() {
                Ok(None) => break,
                Ok(Some(reply)) => {
                    let in_compound = self.is_in_compound();
                    if let Err(failure) = self.take(reply) {
                        let may_reconnect = in_compound && is_unbelievable(&failure.cause);
                        return self.fail_or_reconnect(failure, may_reconnect);
                    }
                }
                // No reply at all: not even a status, which is USER_SESSION_DELETED without a signature, is proven.
                Err(cause) => {
                    let failure = Failure { step: self.step(), cause };
                    return self.fail_or_reconnect(failure, self.is_in_compound());
                }
            }
        }
        self.fail_if_stuck();
    }

    /// Takes one reply, and goes over to the state that it leads to.
    fn take(&mut self, reply: Reply) -> Result<(), Failure> {
        match self.take_state() {
            State::Negotiate(mut channel, negotiate) => {
                let (log_on, hint) = negotiate
                    .answered(&reply, &self.config, &mut channel)
                    .map_err(Failure::at_step(Step::Negotiate))?;
                self.events.push_back(HandshakeEvent::Phase(Phase::Authenticate));
                self.want_token(channel, log_on, hint);
            }
            State::LogOn(mut channel, log_on) => {
                let (log_on, token) = log_on
                    .answered(reply, &self.config, &mut channel)
                    .map_err(Failure::at_step(Step::LogOn))?;
                self.want_token(channel, log_on, token);
            }
            State::OpenPipe(mut channel, open) => match open.answered(&reply, &self.config, &mut channel)? {
                AfterReply::Waiting(open) => self.state = State::OpenPipe(channel, open),
                AfterReply::Bound(bound) => {
                    let pipe = RpcPipe::new(channel, bound, self.config.limits);
                    self.events.push_back(HandshakeEvent::Ready(Box::new(pipe)));
                }
            },
            state @ (State::Reconnect | State::Over) => self.state = state,
        }
        Ok(())
    }

    fn want_token(&mut self, channel: Channel, log_on: LogOn, input: Vec<u8>) {
        if let Some(stage) = log_on.wanted() {
            self.events.push_back(HandshakeEvent::NeedToken { input: TokenInput(input), stage });
        }
        self.state = State::LogOn(channel, log_on);
    }

    /// The connection is gone.
    fn gone(&mut self, cause: Cause, now: Instant) {
        self.handle_timeout(now);
        if !matches!(self.state, State::Reconnect | State::Over) {
            let failure = Failure { step: self.step(), cause };
            self.fail_or_reconnect(failure, self.is_in_compound());
        }
    }

    /// Whether what comes may be an answer to the compound.
    fn is_in_compound(&self) -> bool {
        matches!(&self.state, State::OpenPipe(_, open) if open.is_in_compound())
    }

    /// Fails, unless an answer to the compound cannot be believed: ksmbd of Linux 6.1 answers it with a frame that is
    /// too short for its NextCommand, that of 7.2 leaves the error of CREATE unsigned, others close the connection. All
    /// of them answer single steps. This connection is not used any more: whether the server or something on the way
    /// harmed it makes no difference, and a second failure is final.
    fn fail_or_reconnect(&mut self, failure: Failure, may_reconnect: bool) {
        let Failure { step, cause } = failure;
        if may_reconnect && step != Step::ValidateNegotiate {
            tracing::debug!(%step, ?cause, "no valid answer to the compound, connecting again in single steps");
            self.state = State::Reconnect;
            self.events.push_back(HandshakeEvent::Reconnect(Failure { step, cause }));
        } else {
            self.fail(step, cause);
        }
    }

    /// A server that grants no credits would be waited for in vain.
    fn fail_if_stuck(&mut self) {
        if self.channel().is_some_and(|channel| channel.is_stuck()) {
            self.fail(self.step(), Cause::Misbehaved(Misbehaviour::NoCredits));
        }
    }

    fn fail(&mut self, step: Step, cause: Cause) {
        tracing::debug!(%step, ?cause, "failed");
        self.state = State::Over;
        self.events.push_back(HandshakeEvent::Failed(Failure { step, cause }));
    }

    fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Over)
    }

    /// The channel of a connection that is there.
    fn channel(&mut self) -> Option<&mut Channel> {
        match &mut self.state {
            State::Negotiate(channel, _) | State::LogOn(channel, _) | State::OpenPipe(channel, _) => {
                Some(channel)
            }
            State::Reconnect | State::Over => None,
        }
    }

    fn step(&self) -> Step {
        match &self.state {
            State::Negotiate(..) => Step::Negotiate,
            State::LogOn(..) => Step::LogOn,
            State::OpenPipe(_, open) => open.step(),
            State::Reconnect | State::Over => Step::Bind,
        }
    }
}

impl Machine for Handshake {
    type Event = HandshakeEvent;

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        // What comes after the deadline is too late, even if it was on its way before.
        self.handle_timeout(now);
        // Without a connection nothing would ever take the bytes out of the inbox again.
        if let Some(channel) = self.channel() {
            channel.push(bytes);
            self.advance();
        }
    }

    fn handle_close(&mut self, now: Instant) {
        self.gone(Cause::Closed, now);
    }

    fn handle_reset(&mut self, now: Instant) {
        self.gone(Cause::Reset, now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_some_and(|deadline| now >= deadline) {
            self.fail(self.step(), Cause::TimedOut);
        }
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.channel()?.poll_transmit()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        (!matches!(self.state, State::Over)).then_some(self.config.deadline)
    }

    fn poll_event(&mut self) -> Option<HandshakeEvent> {
        self.events.pop_front()
    }
}

/// Whether the answer cannot be believed, or the connection has ended: nothing proves that the server refused anything.
fn is_unbelievable(cause: &Cause) -> bool {
    match cause {
        Cause::Closed
        | Cause::Reset
        | Cause::NotSmb(_)
        | Cause::Malformed(_)
        | Cause::Misbehaved(_)
        | Cause::Integrity(_)
        | Cause::Limit(Limit::FrameBytes(_)) => true,
        Cause::TimedOut
        | Cause::Smb1Only
        | Cause::HostDenied(_)
        | Cause::Status(_)
        | Cause::LogOnRefused(_)
        | Cause::Guest
        | Cause::Authentication(_)
        | Cause::Refused(_)
        | Cause::LevelNotSupported { .. }
        | Cause::BindRefused(_)
        | Cause::EncryptionUnavailable
        | Cause::EncryptionDemanded(_)
        | Cause::Unsupported(_)
        | Cause::Limit(_)
        | Cause::InvalidRequest(_) => false,
    }
}

/// Without tokens and keys.
impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Negotiate(..) => "Negotiate",
            Self::LogOn(..) => "LogOn",
            Self::OpenPipe(..) => "OpenPipe",
            Self::Reconnect => "Reconnect",
            Self::Over => "Over",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn handshake(now: Instant) -> Handshake {
        let entropy = Entropy { client_guid: [1; 16], preauth_salt: [2; 32] };
        Handshake::new(Config::new("fs1", now + Duration::from_secs(1)), &entropy, now)
    }

    #[test]
    fn input_after_a_failure_is_not_kept() {
        let now = Instant::now();
        let mut handshake = handshake(now);
        handshake.handle_input(b"HTTP/1.1 400 Bad Request", now);
        handshake.handle_input(&[0; 1000], now);
        assert!(handshake.channel().is_none());
        let failures = std::iter::from_fn(|| handshake.poll_event())
            .filter(|event| matches!(event, HandshakeEvent::Failed(_)));
        assert_eq!(failures.count(), 1);
    }

    #[test]
    fn nothing_is_sent_after_a_failure() {
        let now = Instant::now();
        let mut handshake = handshake(now);
        handshake.handle_timeout(now + Duration::from_secs(1));
        assert_eq!(handshake.poll_transmit(), None, "the NEGOTIATE that the driver has not fetched");
    }

    #[test]
    fn failure_is_the_last_event() {
        let now = Instant::now();
        let mut handshake = handshake(now);
        handshake.handle_reset(now);
        handshake.handle_close(now);
        handshake.handle_timeout(now + Duration::from_secs(1));
        let events: Vec<_> = std::iter::from_fn(|| handshake.poll_event()).collect();
        let [HandshakeEvent::Phase(Phase::Negotiate), HandshakeEvent::Failed(failure)] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        assert_eq!(failure, &Failure { step: Step::Negotiate, cause: Cause::Reset });
    }

    #[test]
    fn debug_output_names_the_state_alone() {
        let now = Instant::now();
        let mut handshake = handshake(now);
        assert_eq!(format!("{:?}", handshake.state), "Negotiate");
        handshake.handle_reset(now);
        assert_eq!(format!("{:?}", handshake.state), "Over");
    }
}
