//! Errors, and advice for administrators.

mod cause;
mod classify;
mod code;
// Not under Wine: there the snapshot is not found. The texts are the same everywhere.
#[cfg(test)]
#[cfg(not(windows))]
mod explained;
mod kind;
mod step;
#[cfg(any(test, feature = "testing"))]
mod testing;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use cause::{
    Attempt, Cause, Changed, ConnectFailure, FileOfUser, InvalidRequest, LocalError, ResolveError,
};
pub use kind::{ErrorKind, ParseErrorKindError};
pub use step::{Operation, Step};

use std::borrow::Cow;
use std::fmt;

use netsession_proto::client::{self, Failure};
use netsession_proto::erref::NtStatus;
#[cfg(any(windows, test))]
use netsession_proto::erref::Win32Error;

use crate::logon_guard::Reason;
use crate::{Account, ParseAccountError, ParseServerNameError, Timings};
use classify::{Blames, Place, Verdict, classify};
use code::Code;

/// Why a request failed: which server, at which step, with which code.
///
/// `Display` is one line, such as
/// `fs1: log-on as LAB\admin: refused (STATUS_LOGON_FAILURE 0xC000006D)`; [`advice`](Self::advice) has
/// the usual cause and what to do.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Credentials, ErrorKind, Level, Password, blocking::Client};
///
/// let who = Credentials::ntlm(r"LAB\alice".parse()?, Password::new("Wonderland1"));
/// let client = Client::builder(server).credentials(who).connect()?;
/// // Level 1 is for administrators.
/// let error = client.sessions().level(Level::L1).list().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::AccessDenied);
/// assert_eq!((error.server(), error.code()), (Some(client.server()), Some(5)));
/// assert!(!error.is_retryable());
/// eprintln!("{error}\n{}", error.advice().unwrap_or_default());
/// # Ok(())
/// # }
/// ```
// Boxed: a `Result` of this crate stays small.
#[derive(Clone)]
pub struct Error(Box<Inner>);

/// What a log-on that was sent and failed says about the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogOnBlame {
    /// The account or its secret was refused: another log-on may lock the account.
    Account(Reason),
    /// The server, this machine or a domain controller failed, and no password was counted as wrong.
    Server,
    /// The password may have been counted as wrong: there is no answer that can be trusted, or one that does not tell.
    /// With the status, where there is one.
    Unknown(Option<Reason>),
}

#[derive(Clone)]
struct Inner {
    server: Option<String>,
    step: Option<Step>,
    account: Option<Account>,
    /// Whether the account was proved with a Kerberos ticket.
    by_ticket: bool,
    cause: Cause,
    timings: Timings,
}

impl Error {
    /// The kind of error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.verdict().kind
    }

    /// What went wrong, without server, step and account: `refused (STATUS_LOGON_FAILURE 0xC000006D)`.
    #[must_use]
    pub fn detail(&self) -> String {
        self.0.detail().into_owned()
    }

    /// What went wrong, at which step and for whom, without the server, for a line that names it already.
    #[must_use]
    pub fn without_server(&self) -> String {
        WithoutServer(&self.0).to_string()
    }

    /// The server, as [`Client::server`](crate::blocking::Client::server) has it; as given, where it could
    /// not be parsed.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.0.server.as_deref()
    }

    /// The step that failed. `None` if the request was invalid before the first packet.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        self.0.step
    }

    /// The number that the server sent: an NTSTATUS, a Win32 code or the status of an RPC fault. `None` when
    /// it sent none.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        Code::from_cause(&self.0.cause).map(Code::number)
    }

    /// The name of [`code`](Self::code), such as `ERROR_ACCESS_DENIED` or `STATUS_LOGON_FAILURE`, where it
    /// has one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        Code::from_cause(&self.0.cause).and_then(Code::name)
    }

    /// The duration of each phase that was reached, including the failed one. Empty for the Windows backend, and if the
    /// request was invalid before the first packet.
    #[must_use]
    pub fn timings(&self) -> Timings {
        self.0.timings
    }

    /// Whether a retry without any change can help. Never true for a call that changes something if its answer is
    /// missing: it may have been carried out.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.verdict().is_retryable
    }

    /// The usual cause and what to do, in one or two sentences.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        self.0.verdict().advice.map(Cow::into_owned)
    }

    /// Whether the server ended the session because the ticket that it was opened with has expired
    /// (\[MS-SMB2\] 3.3.5.2.9). The request was not carried out.
    pub(crate) fn is_session_expired(&self) -> bool {
        Code::from_cause(&self.0.cause) == Some(Code::Status(NtStatus::NETWORK_SESSION_EXPIRED))
    }

    /// What a log-on that was sent and failed says about the account. For the log-on guard.
    pub(crate) fn log_on_blame(&self) -> LogOnBlame {
        let reason = match Code::from_cause(&self.0.cause) {
            Some(Code::Status(status)) => Some(Reason::Status(status)),
            Some(Code::Kerberos(code)) => Some(Reason::Kerberos(code)),
            // The system's own call (Win32) passes no guard.
            Some(Code::Win32(_) | Code::Fault(_)) | None => None,
        };
        match (self.0.verdict().blames, reason) {
            (Blames::Account, Some(reason)) => LogOnBlame::Account(reason),
            // No code, no refusal: the account is only blamed for a code.
            (Blames::Account | Blames::Unknown, reason) => LogOnBlame::Unknown(reason),
            (Blames::Server | Blames::None, _) => LogOnBlame::Server,
        }
    }

    /// Whether the server answered the call, and refused it: the connection is good for another one.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(&self.0.cause, Cause::Conversation(cause) if cause.is_answer())
    }

    /// The error that a failed conversation is.
    pub(crate) fn from_failure(failure: Failure) -> Self {
        Self::new(Step::from_wire(failure.step), Cause::Conversation(failure.cause))
    }

    /// The error that a return code of the system's own call is.
    ///
    /// A code that the server may have answered with is the same error as over the wire.
    #[cfg(any(windows, test))]
    pub(crate) fn from_system(operation: client::Operation, code: Win32Error) -> Self {
        let call = Step::for_call(operation);
        match classify::system_step(code, call) {
            Some(step) => Self::new(step, Cause::System(code)),
            None => Self::new(call, Cause::Conversation(client::Cause::Refused(client::Refusal::Code(code)))),
        }
    }

    /// The deadline passed at this step.
    pub(crate) fn timed_out(step: Step) -> Self {
        Self::new(step, Cause::TimedOut(Vec::new()))
    }

    /// The connection ended with an earlier error, or with a question that was dropped, before this step.
    pub(crate) fn client_closed(step: Step) -> Self {
        Self::new(step, Cause::ClientClosed)
    }

    pub(crate) fn new(step: Step, cause: Cause) -> Self {
        let mut error = Self::without_step(cause);
        error.0.step = Some(step);
        error
    }

    /// An error found before the first packet.
    pub(crate) fn invalid(request: impl Into<InvalidRequest>) -> Self {
        Self::without_step(Cause::InvalidRequest(request.into()))
    }

    /// What was to be closed is another one now.
    pub(crate) fn changed(step: Step, changed: Changed) -> Self {
        Self::new(step, Cause::Changed(changed))
    }

    fn without_step(cause: Cause) -> Self {
        let timings = Timings::default();
        Self(Box::new(Inner { server: None, step: None, account: None, by_ticket: false, cause, timings }))
    }

    /// The same error, after this much time in each phase.
    pub(crate) fn after(mut self, timings: Timings) -> Self {
        self.0.timings = timings;
        self
    }

    /// The same error, of this server.
    pub(crate) fn with_server(mut self, server: impl Into<String>) -> Self {
        self.0.server = Some(server.into());
        self
    }

    /// The same error, met with a Kerberos ticket or without.
    pub(crate) fn by_ticket(mut self, by_ticket: bool) -> Self {
        self.0.by_ticket = by_ticket;
        self
    }

    /// The same error, met by this account.
    pub(crate) fn with_account(mut self, account: Option<Account>) -> Self {
        self.0.account = account;
        self
    }
}

impl Inner {
    fn verdict(&self) -> Verdict {
        classify(&self.cause, Place { step: self.step, by_ticket: self.by_ticket })
    }

    /// What went wrong.
    fn detail(&self) -> Cow<'static, str> {
        match (&self.cause, self.step) {
            // What a server does that has reached a limit of connections, or that speaks only SMB1.
            (Cause::Conversation(client::Cause::Closed), Some(Step::Negotiate)) => {
                "the server closed the connection before it answered".into()
            }
            (Cause::Conversation(client::Cause::Reset), Some(Step::Negotiate)) => {
                "the connection was reset before the server answered".into()
            }
            (cause, _) if self.verdict().kind == ErrorKind::UnknownOutcome => {
                format!("{cause}; it is not known whether the server has carried it out").into()
            }
            (cause, _) => cause.to_string().into(),
        }
    }

    /// Whether the account belongs into the text.
    fn depends_on_account(&self) -> bool {
        matches!(self.step, Some(Step::Ticket | Step::LogOn))
            || self.verdict().kind == ErrorKind::AccessDenied
    }
}

/// An error found before the first packet.
impl From<ParseAccountError> for Error {
    fn from(error: ParseAccountError) -> Self {
        Self::invalid(InvalidRequest::Account(error))
    }
}

/// An error found before the first packet.
impl From<ParseServerNameError> for Error {
    fn from(error: ParseServerNameError) -> Self {
        let server = error.input().to_owned();
        Self::invalid(InvalidRequest::Server(error)).with_server(server)
    }
}

/// `source` is the error underneath: of the request, the protocol, the resolver, Kerberos or this machine. Its text is
/// part of this error's `Display`.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.cause {
            Cause::Conversation(cause) => Some(cause),
            Cause::Resolve(error) => Some(error),
            Cause::Local(error) => Some(error),
            Cause::Kerberos(error) => Some(error),
            Cause::Connect(tried) | Cause::TimedOut(tried) => {
                let failure = tried.iter().find_map(|attempt| attempt.failure.as_ref())?;
                Some(failure)
            }
            Cause::InvalidRequest(request) => request.source(),
            Cause::Changed(_) | Cause::Blocked(_) | Cause::Unanswered(_) | Cause::ClientClosed => None,
            #[cfg(any(windows, test))]
            Cause::System(_) => None,
        }
    }
}

/// `server: step as account: what`, in one line.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(server) = &self.0.server {
            write!(f, "{server}: ")?;
        }
        WithoutServer(&self.0).fmt(f)
    }
}

/// An error without its server.
struct WithoutServer<'a>(&'a Inner);

impl fmt::Display for WithoutServer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { step, account, by_ticket, .. } = self.0;
        if let Some(step) = step {
            write!(f, "{step}")?;
            if let Some(account) = account.as_ref().filter(|_| self.0.depends_on_account()) {
                write!(f, " as {account}")?;
                if *by_ticket && *step == Step::LogOn {
                    f.write_str(" with a Kerberos ticket")?;
                }
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.0.detail())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("server", &self.0.server)
            .field("step", &self.0.step)
            .field("account", &self.0.account)
            .field("cause", &self.0.cause)
            .finish()
    }
}
