//! Hints on stderr, under the output: what to do about an answer that is no error.

use netsession::FilterMismatch;

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
    /// A filter of this server found nothing although there may be something.
    pub(crate) fn add(&mut self, server: &str, mismatch: &FilterMismatch) {
        self.add_text(server, text(mismatch));
    }

    fn add_text(&mut self, server: &str, text: String) {
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

/// What to do where a filter found nothing although there may be something.
fn text(mismatch: &FilterMismatch) -> String {
    let text = match mismatch {
        FilterMismatch::ServerListsAddresses => {
            "--client is a name, and the server lists its clients by address: give the address of that computer"
        }
        FilterMismatch::ServerListsNames => {
            "--client is an address, and the server lists its clients by name: give the name of that computer"
        }
        FilterMismatch::NameNotFound => {
            "the server found no client of that name: most servers list addresses, so give --client the address of that \
             computer"
        }
        FilterMismatch::OtherSeparator(user) => {
            return format!(
                "the server lists a user {user}: give --user the name as it is listed, or DOMAIN\\USER"
            );
        }
        FilterMismatch::SessionsNotListed => {
            "the server does not list its sessions to this account, so that no file has a client: leave --client out"
        }
        FilterMismatch::SeveralClients => {
            "a user of that computer has sessions from others as well, and the server does not say which one a file is \
             open on: use --user in place of --client"
        }
        FilterMismatch::SharesNotListed => {
            "the server does not list the paths of its shares to this account, so that no file has a share: use --path in \
             place of --share"
        }
        // The library may learn more reasons.
        _ => "the server writes the names of clients or users in another way than the filter",
    };
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_hint_is_given_once() {
        let mut hints = Hints::default();
        assert_eq!(hints.text(), "");
        for (server, text) in [("fs1", "a"), ("fs2", "b\u{1b}"), ("fs3", "a"), ("fs4", "a")] {
            hints.add_text(server, text.into());
        }
        assert_eq!(hints.text(), "netsession: fs1 and 2 other servers: a\nnetsession: fs2: b\\u{1b}\n");
    }
}
