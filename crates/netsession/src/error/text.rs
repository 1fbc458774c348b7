use std::fmt::{self, Formatter};

use netsession_proto::client;

use super::code::Code;
use super::{Attempt, Cause, ErrorKind, Inner, Step, kind_of};
use crate::logon_guard::{Reason, Refusal};

/// `server: step: what`, in one line.
pub(super) fn write(f: &mut Formatter<'_>, error: &Inner) -> fmt::Result {
    if let Some(server) = &error.server {
        write!(f, "{server}: ")?;
    }
    if let Some(step) = &error.step {
        write!(f, "{step}")?;
        if let Some(account) = error.account.as_ref().filter(|_| says_as_whom(error)) {
            write!(f, " as {account}")?;
            if error.by_ticket && *step == Step::Conversation(client::Step::LogOn) {
                f.write_str(" with a Kerberos ticket")?;
            }
        }
        f.write_str(": ")?;
    }
    match &error.cause {
        Cause::InvalidRequest(text) => f.write_str(text),
        Cause::Resolve(text) | Cause::Local(text) => f.write_str(text),
        Cause::Connect(tried) => attempts(f, tried),
        Cause::TimedOut(tried) => {
            f.write_str("timed out")?;
            if tried.is_empty() {
                return Ok(());
            }
            f.write_str(" (tried ")?;
            list(f, tried, |f, attempt| match &attempt.error {
                Some(error) => write!(f, "{}: {error}", attempt.address),
                None => write!(f, "{}", attempt.address),
            })?;
            f.write_str(")")
        }
        Cause::Blocked(refusal) => blocked(f, refusal),
        Cause::ClientClosed => {
            f.write_str("the connection ended with an earlier error or an abandoned listing")
        }
        Cause::System(code) => with_meaning(f, Code::Win32(*code)),
        Cause::Kerberos(error) => write!(f, "{error}"),
        Cause::Conversation(cause) => conversation(f, cause),
    }
}

/// Whether it depends on the account.
fn says_as_whom(error: &Inner) -> bool {
    matches!(error.step, Some(Step::Ticket | Step::Conversation(client::Step::LogOn)))
        || kind_of(&error.cause, error.step) == ErrorKind::AccessDenied
}

/// `refused (10.0.0.5:445)`, or one text for each address where they differ.
fn attempts(f: &mut Formatter<'_>, tried: &[Attempt]) -> fmt::Result {
    fn words(attempt: &Attempt) -> &str {
        attempt.error.as_deref().unwrap_or("no answer")
    }
    let Some(first) = tried.first() else { return f.write_str("no address to connect to") };
    if tried.iter().all(|attempt| words(attempt) == words(first)) {
        write!(f, "{} (", words(first))?;
        list(f, tried, |f, attempt| write!(f, "{}", attempt.address))?;
        return f.write_str(")");
    }
    list(f, tried, |f, attempt| write!(f, "{}: {}", attempt.address, words(attempt)))
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

fn blocked(f: &mut Formatter<'_>, refusal: &Refusal) -> fmt::Result {
    write!(f, "not tried, because {} ", refusal.server)?;
    match refusal.reason {
        Reason::Kerberos(code) => write!(f, "refused this account ({code})"),
        Reason::Status(status) => write!(f, "refused this account ({})", Code::Status(status)),
        Reason::Guest => f.write_str("took this account for a guest"),
    }
}

fn conversation(f: &mut Formatter<'_>, cause: &client::Cause) -> fmt::Result {
    if let Some(code) = Code::of_conversation(cause) {
        return match cause {
            client::Cause::Authentication(error) => write!(f, "{error}"),
            client::Cause::LogOnRefused(_) => write!(f, "refused ({code})"),
            client::Cause::LevelNotSupported { asked, works, .. } => {
                write!(f, "the server has no level {asked} ({code})")?;
                works.map_or(Ok(()), |level| write!(f, ", level {level} works"))
            }
            client::Cause::EncryptionDemanded(_) => {
                write!(f, "access denied ({code}), most likely because encryption is switched off")
            }
            _ if code.is_access_denied() => write!(f, "access denied ({code})"),
            client::Cause::Refused(client::Refusal::Fault(_)) => {
                write!(f, "the server answered with an RPC fault ({code})")
            }
            _ => with_meaning(f, code),
        };
    }
    match cause {
        client::Cause::NotSmb(said) => not_smb(f, said),
        cause => write!(f, "{cause}"),
    }
}

fn with_meaning(f: &mut Formatter<'_>, code: Code) -> fmt::Result {
    match code.meaning() {
        Some(meaning) => write!(f, "{meaning} ({code})"),
        None => write!(f, "the server answered with {code}"),
    }
}

/// The first bytes of what a server said, fit for a terminal.
fn not_smb(f: &mut Formatter<'_>, said: &[u8]) -> fmt::Result {
    const SHOWN: usize = 32;
    let shown = said.get(..SHOWN).unwrap_or(said);
    let line = shown.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or(shown);
    if line.is_empty() {
        return f.write_str("what answers is no SMB server");
    }
    write!(f, "what answers is no SMB server: it said \"{}\"", line.escape_ascii())
}
