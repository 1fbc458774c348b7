use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::identity::is_stdin;
use crate::output::escape::escaped;

/// No list of servers is longer; `/dev/zero` is.
const LIMIT: u64 = 64 << 20;

/// A server as a list has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// As typed.
    pub(crate) server: String,
    /// Where: the file and the line.
    pub(crate) place: String,
}

/// The servers in a file, one a line; `-` is stdin. What follows a `#` is a comment.
pub(crate) fn read(path: &Path, stdin: &mut dyn Read) -> Result<Vec<Listed>> {
    let name = if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
    let text = if is_stdin(path) {
        text_of(stdin)
    } else {
        File::open(path).map_err(Into::into).and_then(|mut file| text_of(&mut file))
    };
    let text = text.with_context(|| format!("--servers-from: cannot read {name}"))?;
    let servers = parse(&text, &name)?;
    if servers.is_empty() {
        bail!("--servers-from: {name} names no server");
    }
    Ok(servers)
}

fn text_of(reader: &mut dyn Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(LIMIT.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read)? > LIMIT {
        bail!("it has more than {} MiB", LIMIT >> 20);
    }
    Ok(bytes)
}

fn parse(bytes: &[u8], name: &str) -> Result<Vec<Listed>> {
    // Notepad puts a mark in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut servers = Vec::new();
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1_u32..) {
        let place = || format!("{name}:{number}");
        let line = std::str::from_utf8(line).ok().with_context(|| format!("{}: it is not UTF-8", place()))?;
        let server = line.split('#').next().unwrap_or_default().trim();
        if server.contains(char::is_whitespace) {
            bail!("{}: {}: one server a line", place(), escaped(server));
        }
        if !server.is_empty() {
            servers.push(Listed { server: server.to_owned(), place: place() });
        }
    }
    Ok(servers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &[u8]) -> Result<Vec<(String, String)>, String> {
        let servers = read(Path::new("-"), &mut &*text).map_err(|error| format!("{error:#}"))?;
        Ok(servers.into_iter().map(|listed| (listed.server, listed.place)).collect())
    }

    #[test]
    fn one_a_line_and_comments() {
        let text = b"\xef\xbb\xbf# file servers\n\n  fs1 \r\n@nas # all of them\n\\\\fs2\n[fe80::1%eth0]:4455\n#\nfs3";
        let expected = [
            ("fs1", "stdin:3"),
            ("@nas", "stdin:4"),
            (r"\\fs2", "stdin:5"),
            ("[fe80::1%eth0]:4455", "stdin:6"),
            ("fs3", "stdin:8"),
        ];
        assert_eq!(listed(text).unwrap(), expected.map(|(server, place)| (server.into(), place.into())));
    }

    #[test]
    fn what_is_no_list() {
        assert_eq!(listed(b"# none\n").unwrap_err(), "--servers-from: stdin names no server");
        assert_eq!(listed(b"fs1\nfs2 fs3\n").unwrap_err(), "stdin:2: fs2 fs3: one server a line");
        assert_eq!(listed(b"fs1\n\xff\xfe\n").unwrap_err(), "stdin:2: it is not UTF-8");
        let missing = read(Path::new("/nonexistent/list"), &mut std::io::empty()).unwrap_err();
        let text = format!("{missing:#}");
        assert!(text.starts_with("--servers-from: cannot read /nonexistent/list: "), "{text}");
        let endless = read(Path::new("-"), &mut std::io::repeat(b'#')).unwrap_err();
        assert_eq!(format!("{endless:#}"), "--servers-from: cannot read stdin: it has more than 64 MiB");
    }
}
