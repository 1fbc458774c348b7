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
/// [`provide_token`](Self::provide_token), and goes on after [`HandshakeEvent::Reconnect`] with the handshake that
/// [`Reconnect::connected`] makes.
#[derive(Debug)]
pub struct Handshake {
    config: Config,
    /// Until it has ended.
    live: Option<Live>,
    events: VecDeque<HandshakeEvent>,
}

/// A connection up to the bound pipe.
#[derive(Debug)]
struct Live {
    channel: Channel,
    stage: Stage,
}

/// Each stage with all that it needs, and nothing else.
enum Stage {
    Negotiate(Negotiate),
    LogOn(LogOn),
    OpenPipe(OpenPipe),
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
    /// connection, open a new one to the same address within the same deadline, and go on with
    /// [`Reconnect::connected`]. At most once. The log-on of the first connection is verified, and nothing else of
    /// it is used. This handshake has ended.
    Reconnect(Reconnect),
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

/// What is left of a handshake that goes on over a new connection.
#[derive(Debug)]
pub struct Reconnect {
    failure: Failure,
    config: Config,
}

impl Reconnect {
    /// Why the first connection is given up.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The driver has connected again to the same address. The deadline is that of the first connection.
    #[must_use]
    pub fn connected(self, entropy: &Entropy, now: Instant) -> Handshake {
        Handshake::new(Config { single_steps: true, ..self.config }, entropy, now)
    }
}

impl Handshake {
    /// A handshake over a connection that has just been established over TCP; its NEGOTIATE is ready to be
    /// sent.
    ///
    /// `now` is not used to start a clock of its own: the deadline is that of the configuration.
    #[must_use]
    pub fn new(config: Config, entropy: &Entropy, now: Instant) -> Self {
        let mut channel = Channel::new(config.limits.frame_bytes);
        let stage = Stage::Negotiate(Negotiate::send(&config, entropy, &mut channel));
        let events = VecDeque::from([HandshakeEvent::Phase(Phase::Negotiate)]);
        let mut handshake = Self { config, live: Some(Live { channel, stage }), events };
        handshake.handle_timeout(now);
        handshake
    }

    /// Moves the deadline: a wait was not the server's, or an answer is still heard after it.
    pub fn put_off(&mut self, deadline: Instant) {
        self.config.deadline = deadline;
    }

    /// Takes the token that a [`HandshakeEvent::NeedToken`] asked for. One that was not asked for, or comes after the
    /// connection has failed, is dropped: making it may have taken a while.
    pub fn provide_token(&mut self, token: Result<Token, AuthError>) {
        let Some(Live { mut channel, stage: Stage::LogOn(log_on) }) =
            self.live.take_if(|live| live.wants_token())
        else {
            return;
        };
        let next = token
            .map_err(Cause::Authentication)
            .and_then(|token| log_on.token(token, &self.config, &mut channel));
        let stage = match next {
            Ok(AfterToken::Waiting(log_on)) => Stage::LogOn(log_on),
            Ok(AfterToken::LoggedOn(session)) => {
                self.events.push_back(HandshakeEvent::Phase(Phase::Bind));
                Stage::OpenPipe(OpenPipe::start(session, &self.config, &mut channel))
            }
            Err(cause) => return self.fail(Step::LogOn, cause),
        };
        self.live = Some(Live { channel, stage });
        self.fail_if_stuck();
    }

    /// Takes the replies that have come, as far as that goes.
    fn advance(&mut self) {
        while let Some(mut live) = self.live.take() {
            let (step, in_compound) = (live.stage.step(), live.stage.is_in_compound());
            match live.channel.next_reply() {
                Ok(None) => {
                    self.live = Some(live);
                    break;
                }
                Ok(Some(reply)) => {
                    if let Err(failure) = self.take(live, reply) {
                        let may_reconnect = in_compound && is_unbelievable(&failure.cause);
                        return self.fail_or_reconnect(failure, may_reconnect);
                    }
                }
                // No reply at all: not even a status, which is USER_SESSION_DELETED without a signature, is proven.
                Err(cause) => return self.fail_or_reconnect(Failure { step, cause }, in_compound),
            }
        }
        self.fail_if_stuck();
    }

    /// Takes one reply, and goes over to the stage that it leads to.
    fn take(&mut self, live: Live, reply: Reply) -> Result<(), Failure> {
        let Live { mut channel, stage } = live;
        let stage = match stage {
            Stage::Negotiate(negotiate) => {
                let (log_on, hint) = negotiate
                    .answered(&reply, &self.config, &mut channel)
                    .map_err(Failure::at_step(Step::Negotiate))?;
                self.events.push_back(HandshakeEvent::Phase(Phase::Authenticate));
                self.want_token(log_on, hint)
            }
            Stage::LogOn(log_on) => {
                let (log_on, token) = log_on
                    .answered(reply, &self.config, &mut channel)
                    .map_err(Failure::at_step(Step::LogOn))?;
                self.want_token(log_on, token)
            }
            Stage::OpenPipe(open) => match open.answered(&reply, &self.config, &mut channel)? {
                AfterReply::Waiting(open) => Stage::OpenPipe(open),
                AfterReply::Bound(bound) => {
                    let pipe = RpcPipe::new(channel, bound, self.config.limits);
                    self.events.push_back(HandshakeEvent::Ready(Box::new(pipe)));
                    return Ok(());
                }
            },
        };
        self.live = Some(Live { channel, stage });
        Ok(())
    }

    fn want_token(&mut self, log_on: LogOn, input: Vec<u8>) -> Stage {
        if let Some(stage) = log_on.wanted() {
            self.events.push_back(HandshakeEvent::NeedToken { input: TokenInput(input), stage });
        }
        Stage::LogOn(log_on)
    }

    /// The connection is gone.
    fn gone(&mut self, cause: Cause, now: Instant) {
        self.handle_timeout(now);
        if let Some(Live { stage, .. }) = self.live.take() {
            self.fail_or_reconnect(Failure { step: stage.step(), cause }, stage.is_in_compound());
        }
    }

    /// Fails, unless an answer to the compound cannot be believed: ksmbd of Linux 6.1 answers it with a frame that is
    /// too short for its NextCommand, that of 7.2 leaves the error of CREATE unsigned, others close the connection. All
    /// of them answer single steps. This connection is not used any more: whether the server or something on the way
    /// harmed it makes no difference, and a second failure is final.
    fn fail_or_reconnect(&mut self, failure: Failure, may_reconnect: bool) {
        let Failure { step, cause } = &failure;
        if may_reconnect && *step != Step::ValidateNegotiate {
            tracing::debug!(%step, ?cause, "no valid answer to the compound, connecting again in single steps");
            let again = Reconnect { failure, config: self.config.clone() };
            self.events.push_back(HandshakeEvent::Reconnect(again));
        } else {
            self.fail(failure.step, failure.cause);
        }
    }

    /// A server that grants no credits would be waited for in vain.
    fn fail_if_stuck(&mut self) {
        if let Some(live) = &self.live
            && live.channel.is_stuck()
        {
            self.fail(live.stage.step(), Cause::Misbehaved(Misbehaviour::NoCredits));
        }
    }

    fn fail(&mut self, step: Step, cause: Cause) {
        tracing::debug!(%step, ?cause, "failed");
        self.live = None;
        self.events.push_back(HandshakeEvent::Failed(Failure { step, cause }));
    }
}

impl Live {
    fn wants_token(&self) -> bool {
        matches!(&self.stage, Stage::LogOn(log_on) if log_on.wanted().is_some())
    }
}

impl Stage {
    fn step(&self) -> Step {
        match self {
            Self::Negotiate(_) => Step::Negotiate,
            Self::LogOn(_) => Step::LogOn,
            Self::OpenPipe(open) => open.step(),
        }
    }

    /// Whether what comes may be an answer to the compound.
    fn is_in_compound(&self) -> bool {
        matches!(self, Self::OpenPipe(open) if open.is_in_compound())
    }
}

impl Machine for Handshake {
    type Event = HandshakeEvent;

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        // What comes after the deadline is too late, even if it was on its way before.
        self.handle_timeout(now);
        // Without a connection nothing would ever take the bytes out of the inbox again.
        if let Some(live) = &mut self.live {
            live.channel.push(bytes);
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
        if let Some(live) = &self.live
            && now >= self.config.deadline
        {
            self.fail(live.stage.step(), Cause::TimedOut);
        }
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.live.as_mut()?.channel.poll_transmit()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.live.is_some().then_some(self.config.deadline)
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
impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Negotiate(_) => "Negotiate",
            Self::LogOn(_) => "LogOn",
            Self::OpenPipe(_) => "OpenPipe",
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
        assert!(handshake.live.is_none());
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
    fn debug_output_names_the_stage_alone() {
        let handshake = handshake(Instant::now());
        assert_eq!(handshake.live.map(|live| format!("{:?}", live.stage)).as_deref(), Some("Negotiate"));
    }
}
