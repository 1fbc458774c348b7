use anyhow::Result;
use netsession::{CheckedFile, CloseFile, Error, FileListing, Files, OpenFile};

use super::attempt::{Attempt, End, What};
use super::talk::Confirm;
use crate::args::FilterBy;
use crate::shell::Connection;
use crate::text::{count, escaped};

/// Which files to close.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) ids: Vec<u32>,
    pub(super) path: Option<String>,
    pub(super) user: Option<String>,
}

impl Wanted {
    /// An empty check is most likely a variable of a script that is not set, and no file would be the one that is meant.
    pub(super) fn check(&self) -> Result<()> {
        let instead = "leave it out to close by the id alone";
        for (by, name) in [(FilterBy::Path, &self.path), (FilterBy::User, &self.user)] {
            if let Some(name) = name {
                by.check_named(name, instead)?;
            }
        }
        Ok(())
    }

    /// Why a listed file is left alone.
    fn objection(&self, file: &OpenFile, listing: &FileListing) -> Option<&'static str> {
        match CloseFile::new(file).check(listing) {
            CheckedFile::SeveralFiles => return Some("the server lists several files with this id"),
            CheckedFile::NoPath => {
                return Some(
                    "the server lists no path with it, and the id alone does not say what would be closed",
                );
            }
            // The file is of this listing; the request looks at the next one.
            CheckedFile::Listed | CheckedFile::NotListed | CheckedFile::OtherFile => {}
        }
        if self.path.as_ref().is_some_and(|path| !file.has_path(path)) {
            return Some("it is not the path that --path gives");
        }
        let is_of_other = self.user.as_ref().is_some_and(|user| !file.is_of_user(user));
        is_of_other.then_some("it is not of the user that --user gives")
    }
}

/// Closes files, and says what became of each.
pub(super) async fn close(
    wanted: &Wanted,
    connection: &mut Connection,
    talk: &mut impl Confirm,
) -> Result<Vec<Attempt>, Error> {
    let mut question = Files::new();
    if wanted.path.is_none() {
        question = question.without_shares();
    }
    let listing = connection.ask(&question).await?;
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut to_close = Vec::new();
    let mut seen = Vec::new();
    for id in &wanted.ids {
        if seen.contains(id) {
            continue;
        }
        seen.push(*id);
        let file = listing.files().iter().find(|file| file.id() == *id);
        let end = match file {
            None => End::NotListed(None),
            Some(file) => match wanted.objection(file, &listing) {
                Some(text) => End::OtherThanGiven(text.to_owned()),
                None => {
                    to_close.push((attempts.len(), file));
                    End::LeftAlone
                }
            },
        };
        let text = |text: Option<&str>| text.map(str::to_owned);
        let what = What::File {
            id: *id,
            path: file.and_then(|file| text(file.path())),
            user: file.and_then(|file| text(file.user())),
        };
        attempts.push(Attempt { what, end });
    }
    if to_close.is_empty() || !talk.confirm(&question_text(&connection.server(), &to_close)).await {
        return Ok(attempts);
    }
    for (index, file) in to_close {
        let request = CloseFile::new(file);
        let result = connection.ask(&request).await;
        let end = End::new(result, async || is_listed(&request, connection).await).await;
        if let Some(attempt) = attempts.get_mut(index) {
            attempt.end = end;
        }
    }
    Ok(attempts)
}

async fn is_listed(request: &CloseFile, connection: &mut Connection) -> Result<bool, Error> {
    Ok(request.is_in(&connection.ask(&Files::new().without_shares().without_clients()).await?))
}

fn question_text(server: &str, files: &[(usize, &OpenFile)]) -> String {
    let mut text = format!(
        "{}: {} will be closed; what is not saved is lost:\n",
        escaped(server),
        count(files.len(), "file")
    );
    for (_, file) in files {
        let client = file.client().map(|client| format!(" on {client}")).unwrap_or_default();
        let locks = file.locks().filter(|locks| *locks > 0);
        let locks = locks.map(|locks| format!(", {}", count(locks, "lock"))).unwrap_or_default();
        let line = format!(
            "  {} {} of {}{client}{locks}",
            file.id(),
            file.path().unwrap_or_default(),
            file.user().filter(|user| !user.is_empty()).unwrap_or("(user not listed)"),
        );
        text.push_str(&escaped(&line));
        text.push('\n');
    }
    text
}
