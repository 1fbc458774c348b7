use std::io::Write;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use netsession::{Closed, Error, ErrorKind, FilterMismatch};
use serde::Serialize;

use crate::output::{ErrorTexts, Hints, Sink, error_line, json_error};
use crate::process::{Exit, say};
use crate::text::escaped;

/// The formats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// One array with an object for each thing that was to be closed
    Json,
    /// One object a line
    Jsonl,
}

/// A file or a session that was to be closed, and what became of it.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) what: What,
    pub(super) end: End,
}

/// What was to be closed.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum What {
    File { id: u32, path: Option<String>, user: Option<String> },
    Session { client: String, user: String, sessions: usize, opens: u64 },
}

/// What became of it.
#[derive(Debug)]
pub(super) enum End {
    Ended(Closed),
    /// No such id, or no such session, is listed. It may be that the server writes its names in another way.
    NotListed(Option<FilterMismatch>),
    /// It is not what the options say.
    OtherThanGiven(String),
    /// The person said no, or it is a dry run.
    LeftAlone,
    Failed(Error),
    /// The answer to the request did not come. `is_listed` is what a listing after it shows; `None`: there was none.
    Unknown {
        error: Error,
        is_listed: Option<bool>,
    },
}

/// As JSON has it.
#[derive(Serialize)]
struct Object<'a> {
    server: &'a str,
    closed: Option<bool>,
    outcome: &'static str,
    #[serde(flatten)]
    what: &'a What,
    message: Option<String>,
}

impl Attempt {
    /// `file 16: closed`
    pub(super) fn text(&self, dry_run: bool) -> String {
        format!("{}: {}", self.what.text(), self.end.text(dry_run))
    }
}

impl What {
    fn text(&self) -> String {
        match self {
            Self::File { id, path, user } => {
                let mut text = format!("file {id}");
                if let Some(path) = path {
                    text.push_str(&format!(": {path}"));
                }
                if let Some(user) = user.as_ref().filter(|user| !user.is_empty()) {
                    text.push_str(&format!(" of {user}"));
                }
                text
            }
            Self::Session { client, user, .. } => format!("session of {user} from {client}"),
        }
    }
}

impl End {
    /// What became of a request, where `is_listed` lists again if its answer did not come.
    pub(super) async fn new(
        result: Result<Closed, Error>,
        is_listed: impl AsyncFnOnce() -> Result<bool, Error>,
    ) -> Self {
        match result {
            Ok(closed) => Self::Ended(closed),
            Err(error) if error.kind() == ErrorKind::UnknownOutcome => {
                let is_listed = is_listed().await;
                if let Err(error) = &is_listed {
                    tracing::debug!(%error, "not listed again");
                }
                Self::Unknown { error, is_listed: is_listed.ok() }
            }
            Err(error) => Self::Failed(error),
        }
    }

    /// True: it is gone. False: it is not. None: it is not known.
    fn closed(&self) -> Option<bool> {
        match self {
            Self::Ended(Closed::Closed | Closed::AlreadyGone | Closed::Unverified) => Some(true),
            // Also where it is listed no longer: the server may have closed it for another reason.
            Self::Unknown { .. } => None,
            Self::Ended(_)
            | Self::NotListed(_)
            | Self::OtherThanGiven(_)
            | Self::LeftAlone
            | Self::Failed(_) => Some(false),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Ended(Closed::Closed) => "closed",
            Self::Ended(Closed::AlreadyGone) => "already_gone",
            Self::Ended(Closed::Unverified) => "unverified",
            Self::Ended(_) => "still_listed",
            Self::NotListed(_) => "not_listed",
            Self::OtherThanGiven(_) => "changed",
            Self::LeftAlone => "left_alone",
            Self::Failed(error) | Self::Unknown { error, .. } => error.kind().as_str(),
        }
    }

    fn text(&self, dry_run: bool) -> String {
        match self {
            Self::Ended(Closed::Closed) => "closed".to_owned(),
            Self::Ended(Closed::AlreadyGone) => "already closed".to_owned(),
            Self::Ended(Closed::Unverified) => "closed; the server could not be asked again".to_owned(),
            Self::Ended(_) => "the server says that it is closed, and still lists it".to_owned(),
            Self::NotListed(_) => "not listed by the server".to_owned(),
            Self::OtherThanGiven(text) => format!("left alone: {text}"),
            Self::LeftAlone if dry_run => "would be closed".to_owned(),
            Self::LeftAlone => "left alone".to_owned(),
            Self::Unknown { is_listed, .. } => format!("unknown outcome: {}", listed_again(*is_listed)),
            Self::Failed(_) => "not closed".to_owned(),
        }
    }
}

/// What the listing after a request without an answer says.
fn listed_again(is_listed: Option<bool>) -> &'static str {
    match is_listed {
        Some(false) => "it is listed no longer",
        Some(true) => "it is still listed",
        None => "the server could not be asked again",
    }
}

/// Shows the attempts: data to `out`, errors to `err`.
pub(super) fn show(
    server: &str,
    result: Result<Vec<Attempt>, Error>,
    dry_run: bool,
    format: Format,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
) -> Exit {
    let (mut errors, mut hints) = (ErrorTexts::default(), Hints::default());
    let (bytes, exit) = match &result {
        Err(error) => {
            let bytes = match format {
                Format::Jsonl => json_error(server, error),
                // An array in any case, as in every command.
                Format::Json => Ok(b"[]\n".to_vec()),
                Format::Table => Ok(Vec::new()),
            };
            if format != Format::Jsonl {
                say(err, &errors.text(server, error));
            }
            (bytes, Exit::Failure)
        }
        Ok(attempts) => {
            for attempt in attempts {
                match &attempt.end {
                    End::Failed(error) | End::Unknown { error, .. } => {
                        say(err, &errors.text(server, error));
                    }
                    // As after a listing.
                    End::NotListed(Some(mismatch)) if format != Format::Jsonl => hints.add(server, mismatch),
                    _ => {}
                }
            }
            say(err, &hints.text());
            let is_done =
                |end: &End| end.closed() == Some(true) || (dry_run && matches!(end, End::LeftAlone));
            let all = attempts.iter().all(|attempt| is_done(&attempt.end));
            (render(server, attempts, dry_run, format), if all { Exit::Success } else { Exit::Failure })
        }
    };
    match bytes.and_then(|bytes| out.write(&bytes).context("cannot write the output")) {
        Ok(()) => exit,
        Err(error) => {
            say(err, &error_line(&format!("{error:#}")));
            Exit::Failure
        }
    }
}

fn render(server: &str, attempts: &[Attempt], dry_run: bool, format: Format) -> Result<Vec<u8>> {
    let object = |attempt: &Attempt| -> Result<Vec<u8>> {
        let Attempt { what, end } = attempt;
        let message = match end {
            End::Failed(error) => Some(error.to_string()),
            End::Unknown { error, is_listed } => Some(format!("{error}; {}", listed_again(*is_listed))),
            End::OtherThanGiven(text) => Some(text.clone()),
            End::Ended(_) | End::NotListed(_) | End::LeftAlone => None,
        };
        let object = Object { server, closed: end.closed(), outcome: end.name(), what, message };
        Ok(serde_json::to_vec(&object)?)
    };
    let mut bytes = Vec::new();
    match format {
        Format::Table => {
            for attempt in attempts {
                bytes.extend_from_slice(escaped(&attempt.text(dry_run)).as_bytes());
                bytes.push(b'\n');
            }
        }
        Format::Json => {
            let objects = attempts.iter().map(object).collect::<Result<Vec<_>>>()?;
            bytes.extend_from_slice(b"[\n");
            bytes.extend_from_slice(&objects.join(&b",\n"[..]));
            bytes.extend_from_slice(b"\n]\n");
        }
        Format::Jsonl => {
            for attempt in attempts {
                bytes.extend_from_slice(&object(attempt)?);
                bytes.push(b'\n');
            }
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_outcome_says_what_is_listed_afterwards() {
        for (is_listed, text) in [
            (Some(false), "unknown outcome: it is listed no longer"),
            (Some(true), "unknown outcome: it is still listed"),
            (None, "unknown outcome: the server could not be asked again"),
        ] {
            let error = Error::for_testing(ErrorKind::UnknownOutcome, "fs1");
            let end = End::Unknown { error, is_listed };
            assert_eq!(end.text(false), text);
            assert_eq!((end.closed(), end.name()), (None, "unknown_outcome"));
        }
    }
}
