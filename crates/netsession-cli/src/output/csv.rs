use anyhow::Result;
use csv::{Terminator, Writer, WriterBuilder};

use super::record::{Record, records, size_hint};
use crate::outcome::Answer;

/// The names of the columns, the same as the keys in JSON.
pub(crate) fn header() -> Result<Vec<u8>> {
    let mut writer = writer(128);
    writer.write_record(Record::KEYS)?;
    bytes(writer)
}

/// The sessions of one server (RFC 4180). Null is empty; flags are joined by `|`.
///
/// A name that a spreadsheet would take for a formula is data and stays as it is.
pub(crate) fn csv(server: &str, answer: &Answer) -> Result<Vec<u8>> {
    let mut writer = writer(size_hint([answer].into_iter()));
    for record in records(server, answer) {
        let flags = record.flags.map(|flags| flags.names().collect::<Vec<_>>().join("|"));
        writer.write_record([
            record.server,
            &number(record.level),
            record.client,
            record.user.unwrap_or_default(),
            &number(record.opens),
            &number(record.connected_seconds),
            &number(record.idle_seconds),
            &flags.unwrap_or_default(),
            record.client_type.unwrap_or_default(),
            record.transport.unwrap_or_default(),
            record.client_name.unwrap_or_default(),
        ])?;
    }
    bytes(writer)
}

fn writer(capacity: usize) -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::with_capacity(capacity))
}

fn bytes(writer: Writer<Vec<u8>>) -> Result<Vec<u8>> {
    Ok(writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
}

fn number(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use netsession::{Level, SessionFlags};

    use super::*;
    use crate::outcome::tests::{answer, few, info, levels};

    fn text(answer: &Answer) -> String {
        String::from_utf8(csv("fs1", answer).unwrap()).unwrap()
    }

    #[test]
    fn every_level() {
        let lines: Vec<_> = levels().map(|level| text(&answer(level, few()))).collect();
        insta::assert_snapshot!(lines.concat().replace("\r\n", "\n"));
    }

    #[test]
    fn header_and_lines_have_the_same_columns() {
        let header = String::from_utf8(header().unwrap()).unwrap();
        assert_eq!(
            header,
            "server,level,client,user,opens,connected_seconds,idle_seconds,flags,client_type,transport,client_name\r\n"
        );
        let line = text(&answer(Level::L0, vec![info("a", "b", 0, 0, 0)]));
        assert_eq!(line, "fs1,0,a,,,,,,,,\r\n");
    }

    #[test]
    fn names_are_data() {
        let session = info("a,\"b\"\r\nc", "=HYPERLINK(\"x\")", 1, 2, 3).flags(SessionFlags::from_bits(7));
        assert_eq!(
            text(&answer(Level::L1, vec![session])),
            "fs1,1,\"a,\"\"b\"\"\r\nc\",\"=HYPERLINK(\"\"x\"\")\",1,2,3,guest|no_encryption|0x4,,,\r\n"
        );
    }
}
