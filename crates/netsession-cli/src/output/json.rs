use anyhow::Result;

use super::answers;
use super::record::{records, size_hint};
use crate::outcome::Outcome;

/// One array of sessions, each on a line of its own.
pub(crate) fn json(outcomes: &[Outcome]) -> Result<Vec<u8>> {
    let mut bytes =
        Vec::with_capacity(size_hint(answers(outcomes).map(|(_, answer)| answer)).saturating_add(8));
    let mut before: &[u8] = b"[\n";
    for (server, answer) in answers(outcomes) {
        for record in records(server, answer) {
            bytes.extend_from_slice(before);
            serde_json::to_writer(&mut bytes, &record)?;
            before = b",\n";
        }
    }
    bytes.extend_from_slice(if bytes.is_empty() { b"[]\n" } else { b"\n]\n" });
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use netsession::{Level, SessionFlags};

    use super::*;
    use crate::outcome::tests::{answer, answered, denied, few, info, levels};

    fn text(outcomes: &[Outcome]) -> String {
        String::from_utf8(json(outcomes).unwrap()).unwrap()
    }

    #[test]
    fn every_level() {
        let outcomes: Vec<_> = levels().map(|level| answered("fs1", answer(level, few()))).collect();
        insta::assert_snapshot!(text(&outcomes));
    }

    #[test]
    fn as_the_contract_has_it() {
        let session = info("10.0.0.5", "alice", 3, 3600, 12).flags(SessionFlags::from_bits(1));
        let text = text(&[answered("fs1", answer(Level::L502, vec![session]))]);
        let expected = r#"{"server":"fs1","level":502,"client":"10.0.0.5","user":"alice","opens":3,"connected_seconds":3600,"idle_seconds":12,"flags":["guest"],"client_type":"","transport":"\\Device\\NetbiosSmb","client_name":null}"#;
        assert_eq!(text, format!("[\n{expected}\n]\n"));
    }

    #[test]
    fn names_are_data() {
        let session = info("WS\u{202e}\u{1b}[31m\"", "=cmd|'/c calc'!A1", 0, 0, 0)
            .flags(SessionFlags::from_bits(7))
            .transport("\u{fffd}");
        let text = text(&[answered("fs1", answer(Level::L502, vec![session]))]);
        insta::assert_snapshot!(text);
        assert!(text.contains('\u{202e}') && text.contains(r"\u001b[31m"));
    }

    #[test]
    fn nobody_is_an_empty_array() {
        assert_eq!(text(&[answered("fs1", answer(Level::L1, vec![]))]), "[]\n");
        assert_eq!(text(&[denied("fs1")]), "[]\n");
    }

    #[test]
    fn servers_as_given_without_those_that_failed() {
        let outcomes = [
            answered("fs2", answer(Level::L0, vec![info("b", "", 0, 0, 0)])),
            denied("fs3"),
            answered("fs1", answer(Level::L0, vec![info("a", "", 0, 0, 0)])),
        ];
        let servers: Vec<_> =
            text(&outcomes).lines().filter_map(|line| line.get(11..14).map(String::from)).collect();
        assert_eq!(servers, ["fs2", "fs1"]);
    }
}
