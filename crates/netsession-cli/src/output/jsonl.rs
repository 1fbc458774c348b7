use anyhow::Result;
use serde::Serialize;

use super::record::{records, size_hint};
use crate::outcome::Outcome;

/// One session a line; a server that failed is one line, too.
pub(crate) fn jsonl(outcome: &Outcome) -> Result<Vec<u8>> {
    let server = &outcome.server;
    let mut bytes = Vec::new();
    match &outcome.result {
        Ok(answer) => {
            bytes.reserve(size_hint([answer].into_iter()));
            for record in records(server, answer) {
                serde_json::to_writer(&mut bytes, &record)?;
                bytes.push(b'\n');
            }
        }
        Err(error) => {
            let error = Error {
                kind: error.kind().as_str(),
                code: error.code(),
                name: error.name(),
                message: error.to_string(),
            };
            serde_json::to_writer(&mut bytes, &Failed { server, error })?;
            bytes.push(b'\n');
        }
    }
    Ok(bytes)
}

#[derive(Serialize)]
struct Failed<'a> {
    server: &'a str,
    error: Error,
}

/// Code and name are null when the server sent none.
#[derive(Serialize)]
struct Error {
    kind: &'static str,
    code: Option<u32>,
    name: Option<&'static str>,
    message: String,
}

#[cfg(test)]
mod tests {
    use netsession::{ErrorKind, Level};

    use super::*;
    use crate::outcome::tests::{answer, answered, denied, failed, few};

    fn text(outcome: &Outcome) -> String {
        String::from_utf8(jsonl(outcome).unwrap()).unwrap()
    }

    #[test]
    fn sessions() {
        insta::assert_snapshot!(text(&answered("fs1", answer(Level::L1, few()))));
        assert_eq!(text(&answered("fs1", answer(Level::L1, vec![]))), "");
    }

    #[test]
    fn a_server_that_failed() {
        let line: serde_json::Value = serde_json::from_str(&text(&denied("fs1"))).unwrap();
        assert_eq!(line["server"], "fs1");
        assert_eq!(line["error"]["kind"], "access_denied");
        assert_eq!(line["error"]["code"], 5);
        assert!(line["error"]["message"].as_str().unwrap().starts_with("fs1: "));
    }

    #[test]
    fn code_and_name_are_null_where_there_is_none() {
        let text = text(&failed("fs1", ErrorKind::Closed));
        assert!(text.contains(r#""kind":"closed","code":null,"name":null,"message":"#), "{text}");
        assert!(text.ends_with("}}\n"));
    }
}
