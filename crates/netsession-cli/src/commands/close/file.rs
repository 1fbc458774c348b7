use netsession::{CloseFile, Error, Files, OpenFile};

use super::attempt::{Attempt, End, What};
use super::talk::Confirm;
use crate::shell::Connection;
use crate::text::{count, escaped};

/// Which files to close.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) ids: Vec<u32>,
    pub(super) path: Option<String>,
    pub(super) user: Option<String>,
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
        let mut same_id = listing.files().iter().filter(|file| file.id() == *id);
        let file = same_id.next();
        let end = match file {
            None => End::NotListed(None),
            Some(_) if same_id.next().is_some() => {
                End::OtherThanGiven("the server lists several files with this id".to_owned())
            }
            // Level 2, which has ids alone.
            Some(file) if file.path().is_none_or(str::is_empty) => End::OtherThanGiven(
                "the server lists no path with it, and the id alone does not say what would be closed"
                    .to_owned(),
            ),
            Some(file) if !has_path(wanted.path.as_deref(), file) => {
                End::OtherThanGiven("it is not the path that --path gives".to_owned())
            }
            Some(file) if wanted.user.as_ref().is_some_and(|user| !file.is_of_user(user)) => {
                End::OtherThanGiven("it is not of the user that --user gives".to_owned())
            }
            Some(file) => {
                to_close.push((attempts.len(), file));
                End::LeftAlone
            }
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
        let result = connection.ask(&CloseFile::new(file)).await;
        let end = End::new(result, async || is_listed(file, connection).await).await;
        if let Some(attempt) = attempts.get_mut(index) {
            attempt.end = end;
        }
    }
    Ok(attempts)
}

/// Whether the file is still listed. The id of another file by now: this one is gone.
async fn is_listed(file: &OpenFile, connection: &mut Connection) -> Result<bool, Error> {
    let listing = connection.ask(&Files::new().without_shares().without_clients()).await?;
    let is_same =
        |now: &OpenFile| (now.id(), now.path(), now.user()) == (file.id(), file.path(), file.user());
    Ok(listing.files().iter().any(is_same))
}

/// Without regard to case, with either slash, on the server or for users.
fn has_path(wanted: Option<&str>, file: &OpenFile) -> bool {
    let same = |path: &str| path.to_lowercase().replace('/', r"\");
    wanted.is_none_or(|wanted| {
        [file.path(), file.unc()].into_iter().flatten().any(|path| same(path) == same(wanted))
    })
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
