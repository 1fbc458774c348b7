//! What an administrator reads about each failure: text, kind, code, and what to do.

mod failures;

use std::error::Error as _;
use std::fmt::Write as _;

use netsession_proto::client::{self, Limit, Refusal};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{
    ConnectionEnumRequest, FileCloseRequest, FileEnumRequest, FileGetInfoRequest, RemoteTodRequest,
    RpcCall as _, ServerGetInfoRequest, ShareEnumRequest,
};
use netsession_proto::wire::DecodeError;

use super::{Cause, Error, ErrorKind, Step};
use crate::Account;
use failures::failures;

const DOCUMENTATION: &str = include_str!("../../../../docs/errors.md");

#[test]
fn each_failure_explains_itself() {
    let mut said = String::new();
    for (name, error) in failures() {
        let error = error.with_server("fs1").with_account(Some(Account::new("admin").in_domain("LAB")));
        let code = error.code().map_or("-".into(), |code| format!("{code:#x}"));
        let retry = if error.is_retryable() { ", another try can help" } else { "" };
        let (kind, of_code) = (error.kind(), error.name().unwrap_or("-"));
        writeln!(said, "# {name}\n{error}").unwrap();
        writeln!(said, "  {}", error.advice().unwrap_or_else(|| "-".into())).unwrap();
        writeln!(said, "  [{kind}, code {code}, name {of_code}{retry}]\n").unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn text_of_each_source_is_part_of_the_error() {
    for (name, error) in failures() {
        let text = error.to_string();
        let mut next = error.source();
        while let Some(source) = next {
            assert!(text.contains(&source.to_string()), "{name}: {source:?} is not in {text:?}");
            next = source.source();
        }
    }
}

#[test]
fn no_kind_is_forgotten_and_every_one_but_a_wrong_request_says_what_to_do() {
    for &kind in ErrorKind::ALL {
        let failures = failures();
        let of_kind: Vec<_> = failures.iter().filter(|(_, error)| error.kind() == kind).collect();
        assert!(!of_kind.is_empty(), "{kind}");
        for (name, error) in of_kind {
            assert_eq!(error.advice().is_none(), kind == ErrorKind::InvalidRequest, "{name}");
        }
    }
}

/// Rights, levels and filters of a session listing help with no other question.
#[test]
fn advice_fits_the_question() {
    let of_sessions = ["list sessions", "SrvsvcSessionInfo", "levels 0 and 10", "by client", "end them"];
    for operation in [
        FileEnumRequest::OPERATION,
        FileGetInfoRequest::OPERATION,
        FileCloseRequest::OPERATION,
        ShareEnumRequest::OPERATION,
        RemoteTodRequest::OPERATION,
        ServerGetInfoRequest::OPERATION,
        ConnectionEnumRequest::OPERATION,
    ] {
        let statuses = [NtStatus::ACCESS_DENIED, NtStatus::NOT_SUPPORTED, NtStatus::PIPE_DISCONNECTED];
        let causes = [
            client::Cause::TimedOut,
            client::Cause::Closed,
            client::Cause::Limit(Limit::Entries(1)),
            client::Cause::Malformed(DecodeError::invalid("Level", 4, 7)),
            client::Cause::Refused(Refusal::Fault(FaultStatus::OP_RNG_ERROR)),
            client::Cause::Refused(Refusal::Fault(FaultStatus::ACCESS_DENIED)),
        ];
        // Every code that servers send, and some that no server sends.
        let codes = (0..3_000).map(|code| client::Cause::Refused(Refusal::Code(Win32Error(code))));
        for cause in causes.into_iter().chain(statuses.map(client::Cause::Status)).chain(codes) {
            let error = Error::new(Step::for_call(operation), Cause::Conversation(cause));
            let advice = error.advice().unwrap_or_default();
            for words in of_sessions {
                assert!(!advice.contains(words), "{error}: {advice}");
            }
        }
    }
}

#[test]
fn the_documentation_has_a_paragraph_for_each_kind() {
    let headings: Vec<_> =
        DOCUMENTATION.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    let kinds: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(headings, kinds);
}

#[test]
fn the_paragraph_of_its_kind_names_the_code_of_each_failure() {
    for (name, error) in failures() {
        let kind = error.kind();
        let (_, section) = DOCUMENTATION.split_once(&format!("\n## `{kind}`\n")).unwrap();
        let section = section.split("\n## ").next().unwrap_or(section);
        // An account that was refused before has the code of that refusal.
        if let Some(code) =
            error.name().filter(|_| !matches!(kind, ErrorKind::LogOnBlocked | ErrorKind::LogOnUnanswered))
        {
            assert!(section.contains(code), "{name}: {code} is not in the paragraph {kind}");
        }
    }
}
