use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::identity::is_stdin;
use crate::text::escaped;

/// No list of servers is longer; `/dev/zero` is.
const LIMIT: u64 = 64 << 20;

/// The servers in a file, one a line. What follows a `#` is a comment.
#[derive(Debug)]
pub(super) struct ServerList {
    name: String,
    text: String,
}

impl ServerList {
    /// From a file; `-` is stdin.
    pub(super) fn read(path: &Path, stdin: &mut dyn Read) -> Result<Self> {
        let name = if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
        let bytes = if is_stdin(path) {
            bytes_of(stdin)
        } else {
            File::open(path).map_err(Into::into).and_then(|mut file| bytes_of(&mut file))
        };
        let bytes = bytes.with_context(|| format!("--servers-from: cannot read {name}"))?;
        let list = Self { text: text_of(bytes, &name)?, name };
        for (server, line) in list.servers() {
            if server.contains(char::is_whitespace) {
                bail!("{}: {}: one server a line", list.position(line), escaped(server));
            }
        }
        if list.servers().next().is_none() {
            bail!("--servers-from: {} names no server", list.name);
        }
        Ok(list)
    }

    /// Each server as typed, and its line.
    pub(super) fn servers(&self) -> impl Iterator<Item = (&str, u32)> {
        let servers = self.text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        servers.zip(1..).filter(|(server, _)| !server.is_empty())
    }

    /// `FILE:LINE`
    pub(super) fn position(&self, line: u32) -> String {
        format!("{}:{line}", self.name)
    }
}

fn bytes_of(reader: &mut dyn Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(LIMIT.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read)? > LIMIT {
        bail!("it has more than {} MiB", LIMIT >> 20);
    }
    Ok(bytes)
}

/// Without the byte order mark that Notepad puts in front.
fn text_of(bytes: Vec<u8>, name: &str) -> Result<String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = good.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
        anyhow::anyhow!("{name}:{line}: it is not UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &[u8]) -> Result<Vec<(String, String)>, String> {
        let list = ServerList::read(Path::new("-"), &mut &*text).map_err(|error| format!("{error:#}"))?;
        Ok(list.servers().map(|(server, line)| (server.to_owned(), list.position(line))).collect())
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
    fn malformed_lists_are_refused() {
        assert_eq!(listed(b"# none\n").unwrap_err(), "--servers-from: stdin names no server");
        assert_eq!(listed(b"fs1\nfs2 fs3\n").unwrap_err(), "stdin:2: fs2 fs3: one server a line");
        assert_eq!(listed(b"fs1\n\xff\xfe\n").unwrap_err(), "stdin:2: it is not UTF-8");
        let missing = ServerList::read(Path::new("/nonexistent/list"), &mut std::io::empty()).unwrap_err();
        let text = format!("{missing:#}");
        assert!(text.starts_with("--servers-from: cannot read /nonexistent/list: "), "{text}");
        let endless = ServerList::read(Path::new("-"), &mut std::io::repeat(b'#')).unwrap_err();
        assert_eq!(format!("{endless:#}"), "--servers-from: cannot read stdin: it has more than 64 MiB");
    }
}
