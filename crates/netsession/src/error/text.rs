use std::fmt::{self, Display, Formatter};

#[cfg(any(windows, test))]
use netsession_proto::client;

use super::{Attempt, Cause, Changed, FileOfUser, InvalidRequest};
use crate::logon_guard::{LogOnRefusal, Reason};

/// What went wrong, without server, step and account.
impl Display for Cause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(request) => invalid_request(f, request),
            Self::Changed(changed) => file_changed(f, changed),
            Self::Resolve(error) => error.fmt(f),
            Self::Local(error) => error.fmt(f),
            Self::Connect(tried) => attempts(f, tried),
            Self::TimedOut(tried) => timed_out(f, tried),
            Self::Blocked(refusal) => blocked(f, refusal),
            Self::Unanswered(refusal) => unanswered(f, refusal),
            Self::ClientClosed => {
                f.write_str("the connection ended with an earlier error or an abandoned listing")
            }
            #[cfg(any(windows, test))]
            // As where it is the server's own answer.
            Self::System(code) => client::Cause::Refused(client::Refusal::Code(*code)).fmt(f),
            Self::Kerberos(error) => error.fmt(f),
            Self::Conversation(cause) => cause.fmt(f),
        }
    }
}

fn invalid_request(f: &mut Formatter<'_>, request: &InvalidRequest) -> fmt::Result {
    f.write_str(match request {
        InvalidRequest::Server(error) => return error.fmt(f),
        InvalidRequest::ThisMachine => "only Windows can be asked about this machine without a name: name the server",
        InvalidRequest::Account(error) => return error.fmt(f),
        InvalidRequest::Name(error) => return error.fmt(f),
        InvalidRequest::NoCredentials => "no credentials",
        InvalidRequest::ZeroTimeout => "a timeout of zero",
        InvalidRequest::Dialects => "the lowest dialect is above the highest",
        InvalidRequest::NtlmAlone => "Kerberos is required, and the credentials are for NTLM alone",
        InvalidRequest::KerberosAlone => {
            "Kerberos is switched off, and there is no password to log on with"
        }
        InvalidRequest::Backend(conflict) => return conflict.fmt(f),
        InvalidRequest::Qualifier => "the name of the share or computer cannot be sent",
        InvalidRequest::FileWithoutPath => {
            "the server lists no path with the id, which alone does not say what would be closed: it is not closed"
        }
        InvalidRequest::NamelessSession => {
            "a session without a client or a user cannot be ended: the server would end those of others"
        }
        InvalidRequest::OwnSession => "it is the session of this program, or cannot be told from it",
    })
}

fn file_changed(f: &mut Formatter<'_>, changed: &Changed) -> fmt::Result {
    match changed {
        Changed::OtherFile { id, now, listed } => {
            write!(f, "file {id} is now ")?;
            file_of_user(f, now, ["another file", "another user"])?;
            f.write_str(", not ")?;
            file_of_user(f, listed, ["the file", "the user"])
        }
        Changed::SeveralFiles { id } => write!(f, "the server lists several files with the id {id}"),
    }
}

/// `PATH of USER`, with these words for what the server does not list.
fn file_of_user(
    f: &mut Formatter<'_>,
    file: &FileOfUser,
    [no_path, no_user]: [&'static str; 2],
) -> fmt::Result {
    let (path, user) = (file.path.as_deref(), file.user.as_deref());
    write!(f, "{} of {}", path.unwrap_or(no_path), user.unwrap_or(no_user))
}

/// `timed out (tried 10.0.0.5:445, [fe80::1]:445: refused)`.
fn timed_out(f: &mut Formatter<'_>, tried: &[Attempt]) -> fmt::Result {
    f.write_str("timed out")?;
    if tried.is_empty() {
        return Ok(());
    }
    f.write_str(" (tried ")?;
    list(f, tried, |f, attempt| match &attempt.failure {
        Some(failure) => write!(f, "{}: {failure}", attempt.address),
        None => write!(f, "{}", attempt.address),
    })?;
    f.write_str(")")
}

/// `refused (10.0.0.5:445)`, or one text for each address where they differ.
fn attempts(f: &mut Formatter<'_>, tried: &[Attempt]) -> fmt::Result {
    fn failure(attempt: &Attempt) -> String {
        attempt.failure.as_ref().map_or_else(|| "no answer".to_owned(), ToString::to_string)
    }
    let Some(first) = tried.first() else { return f.write_str("no address to connect to") };
    if tried.iter().all(|attempt| attempt.failure == first.failure) {
        write!(f, "{} (", failure(first))?;
        list(f, tried, |f, attempt| write!(f, "{}", attempt.address))?;
        return f.write_str(")");
    }
    list(f, tried, |f, attempt| write!(f, "{}: {}", attempt.address, failure(attempt)))
}

fn list(
    f: &mut Formatter<'_>,
    tried: &[Attempt],
    one: impl Fn(&mut Formatter<'_>, &Attempt) -> fmt::Result,
) -> fmt::Result {
    for (index, attempt) in tried.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        one(f, attempt)?;
    }
    Ok(())
}

fn blocked(f: &mut Formatter<'_>, refusal: &LogOnRefusal) -> fmt::Result {
    write!(f, "not tried, because {} ", refusal.server)?;
    match refusal.reason {
        Reason::Kerberos(code) => write!(f, "refused this account ({code})"),
        Reason::Status(status) => write!(f, "refused this account ({status})"),
        Reason::NoAnswer => f.write_str("left the log-on of this account unanswered, and others before"),
    }
}

fn unanswered(f: &mut Formatter<'_>, refusal: &LogOnRefusal) -> fmt::Result {
    write!(f, "not tried, because {} has not answered the log-on of this account", refusal.server)?;
    match refusal.reason {
        Reason::Kerberos(code) => write!(f, " clearly ({code})"),
        Reason::Status(status) => write!(f, " clearly ({status})"),
        Reason::NoAnswer => Ok(()),
    }
}
