//! What can go wrong, told so that an administrator knows what to do.

mod advice;
mod cause;
mod code;
// Not under Wine: there the snapshot is not found. The texts are the same everywhere.
#[cfg(test)]
#[cfg(not(windows))]
mod explained;
mod kind;
mod step;
mod system;
#[cfg(any(test, feature = "testing"))]
mod testing;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use cause::{Attempt, Cause};
pub(crate) use code::says_nothing_about_the_account;
pub use kind::{ErrorKind, ParseErrorKindError};
pub use step::Step;

use std::fmt;

use netsession_proto::auth::AuthError;
use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};
use netsession_proto::client::{self, Failure};
#[cfg(any(windows, test))]
use netsession_proto::erref::Win32Error;

use crate::{Account, ParseAccountError, ParseServerNameError, Timings};
use code::Code;

/// Why a listing failed: which server, at which step, with which code.
///
/// `Display` is one line, such as
/// `fs1: log-on as LAB\admin: refused (STATUS_LOGON_FAILURE 0xC000006D)`; [`advice`](Self::advice) says
/// what usually causes it and what to do.
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
    /// What sort of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        kind_of(&self.0.cause, self.0.step)
    }

    /// The server, as [`Client::server`](crate::blocking::Client::server) has it; as given, where it could
    /// not be parsed.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.0.server.as_deref()
    }

    /// What was being done. `None` when the request was wrong before the first packet.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        self.0.step
    }

    /// The number that the server sent: an NTSTATUS, a Win32 code or the status of an RPC fault. `None` when
    /// it sent none.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        Code::of(&self.0.cause).map(Code::number)
    }

    /// The name of [`code`](Self::code), such as `ERROR_ACCESS_DENIED` or `STATUS_LOGON_FAILURE`, where it
    /// has one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        Code::of(&self.0.cause).and_then(Code::name)
    }

    /// How far it came, and how long each phase took, the one that failed included. Nothing where Windows
    /// asked, or where the request was wrong before the first packet.
    #[must_use]
    pub fn timings(&self) -> Timings {
        self.0.timings
    }

    /// Whether another try with nothing changed can help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::TimedOut | ErrorKind::Closed | ErrorKind::Connect | ErrorKind::Local => true,
            ErrorKind::Resolve => {
                matches!(&self.0.cause, Cause::Resolve(text) if text.contains("emporary"))
            }
            ErrorKind::Kerberos => match &self.0.cause {
                Cause::Kerberos(error) => {
                    matches!(error.cause, KerberosCause::KdcUnreachable | KerberosCause::TimedOut)
                        || Code::of(&self.0.cause).is_some_and(Code::is_transient)
                }
                _ => false,
            },
            ErrorKind::Status => Code::of(&self.0.cause).is_some_and(Code::is_transient),
            _ => false,
        }
    }

    /// What usually causes it and what to do, in one or two sentences.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        advice::advice(&self.0)
    }

    /// The error that a failed conversation with `server` is.
    pub(crate) fn from_failure(
        server: impl Into<String>,
        account: Option<Account>,
        failure: Failure,
    ) -> Self {
        Self::new(Step::Conversation(failure.step), Cause::Conversation(failure.cause))
            .at(server)
            .with_account(account)
    }

    /// The error that a return code of the system's own call is.
    ///
    /// A code that the server may have answered with is the same error as over the wire.
    #[cfg(any(windows, test))]
    pub(crate) fn from_system(server: impl Into<String>, code: Win32Error) -> Self {
        let error = match system::step(code) {
            Some(step) => Self::new(step, Cause::System(code)),
            None => Self::new(
                Step::Conversation(client::Step::Enumerate),
                Cause::Conversation(client::Cause::Refused(code)),
            ),
        };
        error.at(server)
    }

    pub(crate) fn new(step: Step, cause: Cause) -> Self {
        Self::without_step(cause).with_step(step)
    }

    /// An error found before the first packet.
    pub(crate) fn invalid(text: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::without_step(Cause::InvalidRequest(text.into()))
    }

    fn without_step(cause: Cause) -> Self {
        let timings = Timings::default();
        Self(Box::new(Inner { server: None, step: None, account: None, by_ticket: false, cause, timings }))
    }

    fn with_step(mut self, step: Step) -> Self {
        self.0.step = Some(step);
        self
    }

    /// The same error, after this much time in each phase.
    pub(crate) fn after(mut self, timings: Timings) -> Self {
        self.0.timings = timings;
        self
    }

    /// The same error, of this server.
    pub(crate) fn at(mut self, server: impl Into<String>) -> Self {
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

fn kind_of(cause: &Cause, step: Option<Step>) -> ErrorKind {
    match cause {
        Cause::InvalidRequest(_) => ErrorKind::InvalidRequest,
        Cause::Resolve(_) => ErrorKind::Resolve,
        Cause::Connect(_) => ErrorKind::Connect,
        Cause::TimedOut(_) => ErrorKind::TimedOut,
        Cause::Blocked(_) => ErrorKind::LogOnBlocked,
        Cause::ClientClosed => ErrorKind::Closed,
        Cause::Local(_) => ErrorKind::Local,
        Cause::System(code) => system::kind(*code),
        Cause::Kerberos(error) => kerberos_kind(error),
        Cause::Conversation(cause) => conversation_kind(cause, step),
    }
}

fn kerberos_kind(error: &KerberosError) -> ErrorKind {
    if error.refuses_the_account() { ErrorKind::LogOnRefused } else { ErrorKind::Kerberos }
}

fn conversation_kind(cause: &client::Cause, step: Option<Step>) -> ErrorKind {
    let at_log_on = step == Some(Step::Conversation(client::Step::LogOn));
    match cause {
        client::Cause::TimedOut => ErrorKind::TimedOut,
        client::Cause::Closed | client::Cause::Reset => ErrorKind::Closed,
        client::Cause::Smb1Only => ErrorKind::Smb1Only,
        client::Cause::NotSmb(_) => ErrorKind::NotSmb,
        client::Cause::Malformed(_) => ErrorKind::Malformed,
        client::Cause::Misbehaved(_) => ErrorKind::Misbehaved,
        client::Cause::Integrity(_) => ErrorKind::Integrity,
        client::Cause::LogOnRefused(status) if says_nothing_about_the_account(*status) => ErrorKind::Status,
        client::Cause::LogOnRefused(_) => ErrorKind::LogOnRefused,
        client::Cause::Status(status) if at_log_on && !says_nothing_about_the_account(*status) => {
            ErrorKind::LogOnRefused
        }
        client::Cause::Guest => ErrorKind::Guest,
        client::Cause::Authentication(AuthError::Kerberos(error)) => kerberos_kind(error),
        client::Cause::Authentication(_) => ErrorKind::Authentication,
        client::Cause::Status(_) | client::Cause::Refused(_) | client::Cause::Fault(_) => {
            if Code::of_conversation(cause).is_some_and(Code::is_access_denied) {
                ErrorKind::AccessDenied
            } else {
                ErrorKind::Status
            }
        }
        client::Cause::LevelNotSupported { .. } => ErrorKind::LevelNotSupported,
        client::Cause::EncryptionUnavailable | client::Cause::EncryptionDemanded(_) => ErrorKind::Encryption,
        client::Cause::BindRefused(_) | client::Cause::Unsupported(_) => ErrorKind::Unsupported,
        client::Cause::Limit(..) => ErrorKind::Limit,
        client::Cause::InvalidRequest(_) => ErrorKind::InvalidRequest,
        // `client::Cause` can grow.
        _ => ErrorKind::Misbehaved,
    }
}

/// An error found before the first packet.
impl From<ParseAccountError> for Error {
    fn from(error: ParseAccountError) -> Self {
        Self::invalid(error.to_string())
    }
}

/// An error found before the first packet.
impl From<ParseServerNameError> for Error {
    fn from(error: ParseServerNameError) -> Self {
        Self::invalid(error.to_string()).at(error.input())
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, &self.0)
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
