//! Hints on stderr, under the output: what to do about an answer that is no error.

use super::errors::line;
use crate::text::count;

/// The hints of one run, in the order in which they came. The same hint is given once: a hundred servers can have it for
/// one reason.
#[derive(Debug, Default)]
pub(crate) struct Hints(Vec<Hint>);

#[derive(Debug)]
struct Hint {
    /// The first server that has it.
    server: String,
    others: usize,
    text: String,
}

impl Hints {
    pub(crate) fn add(&mut self, server: &str, text: String) {
        match self.0.iter_mut().find(|hint| hint.text == text) {
            Some(hint) => hint.others = hint.others.saturating_add(1),
            None => self.0.push(Hint { server: server.to_owned(), others: 0, text }),
        }
    }

    /// A line for each.
    pub(crate) fn text(&self) -> String {
        let line = |Hint { server, others, text }: &Hint| match others {
            0 => line(&format!("{server}: {text}")),
            others => line(&format!("{server} and {}: {text}", count(*others, "other server"))),
        };
        self.0.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_hint_is_given_once() {
        let mut hints = Hints::default();
        assert_eq!(hints.text(), "");
        for (server, text) in [("fs1", "a"), ("fs2", "b\u{1b}"), ("fs3", "a"), ("fs4", "a")] {
            hints.add(server, text.into());
        }
        assert_eq!(hints.text(), "netsession: fs1 and 2 other servers: a\nnetsession: fs2: b\\u{1b}\n");
    }
}
