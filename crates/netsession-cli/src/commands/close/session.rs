use anyhow::Result;
use netsession::{CheckedSession, CloseSession, Closed, Error, Level, Session, Sessions, UserName};

use super::attempt::{Attempt, End, What};
use super::talk::Confirm;
use crate::args::FilterBy;
use crate::shell::Connection;
use crate::text::{count, escaped};

/// Whose sessions to end.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) client: String,
    pub(super) user: String,
}

impl Wanted {
    /// An empty name would end the sessions of others, and is most likely a variable of a script that is not set.
    pub(super) fn check(&self) -> Result<()> {
        let both = "a computer and a user are both needed to end a session";
        FilterBy::Client.check_named(&self.client, both)?;
        FilterBy::User.check_named(&self.user, both)
    }

    /// What is not certain about the sessions that were found. A listing shows what may be meant: a user without a domain,
    /// or a computer without one, can be several, and the DNS name of a domain cannot be compared with a short name.
    fn uncertainty(&self, first: &Session, sessions: &[&Session]) -> Option<String> {
        let user = first.user().unwrap_or_default();
        if let Some(other) = sessions.iter().find(|session| session.user() != first.user()) {
            let other = other.user().unwrap_or_default();
            return Some(format!(
                "there are sessions of {user} and of {other}: name the user as it is listed"
            ));
        }
        if let Some(other) = sessions.iter().find(|session| session.client() != first.client()) {
            let (client, other) = (first.client(), other.client());
            return Some(format!(
                "there are sessions from {client} and from {other}: name the computer as it is listed"
            ));
        }
        let is_sure = UserName::new(&self.user).surely_matches(user);
        (!is_sure).then(|| format!("{user} may be another user than {}: name it as it is listed", self.user))
    }
}

/// Ends sessions, and says what became of them.
pub(super) async fn close(
    wanted: &Wanted,
    connection: &mut Connection,
    talk: &mut impl Confirm,
) -> Result<Vec<Attempt>, Error> {
    // Client and user, and the number of open files.
    let question = Sessions::new().level(Level::L1).client(&wanted.client).user(&wanted.user);
    let listing = connection.ask(&question).await?;
    let what = |sessions: &[&Session]| What::Session {
        client: sessions.first().map_or(wanted.client.as_str(), |session| session.client()).to_owned(),
        user: sessions.first().and_then(|session| session.user()).unwrap_or(&wanted.user).to_owned(),
        sessions: sessions.len(),
        opens: sessions.iter().filter_map(|session| session.opens()).map(u64::from).sum(),
    };
    let sessions: Vec<&Session> = listing.iter().collect();
    let Some(first) = sessions.first() else {
        let end = End::NotListed(listing.filter_mismatch().cloned());
        return Ok(vec![Attempt { what: what(&[]), end }]);
    };
    if let Some(text) = wanted.uncertainty(first, &sessions) {
        return Ok(vec![Attempt { what: what(&sessions), end: End::OtherThanGiven(text) }]);
    }
    let request = CloseSession::new(first)?;
    let what = what(&sessions);
    // The safeguard of the request itself, which needs all sessions: before a person is asked, and in a dry run.
    match connection.ask(&request.check()).await? {
        CheckedSession::Listed => {}
        CheckedSession::NotListed => return Ok(vec![Attempt { what, end: End::Ended(Closed::AlreadyGone) }]),
        CheckedSession::MaybeOwn => {
            let text = "it is the session of this program, or cannot be told from it".to_owned();
            return Ok(vec![Attempt { what, end: End::OtherThanGiven(text) }]);
        }
    }
    if !talk.confirm(&question_text(&connection.server(), &what)).await {
        return Ok(vec![Attempt { what, end: End::LeftAlone }]);
    }
    let result = connection.ask(&request).await;
    let end = End::new(result, async || is_listed(&request, connection).await).await;
    Ok(vec![Attempt { what, end }])
}

async fn is_listed(request: &CloseSession, connection: &mut Connection) -> Result<bool, Error> {
    Ok(connection.ask(&request.check()).await? != CheckedSession::NotListed)
}

fn question_text(server: &str, what: &What) -> String {
    let What::Session { client, user, sessions, opens } = what else { return String::new() };
    let text = format!(
        "{server}: {} of {user} from {client} will be ended, with {}; what is not saved is lost.",
        count(sessions, "session"),
        count(opens, "open file"),
    );
    let samba = "A Samba server ends every session of that connection, also of other users.";
    format!("{}\n{samba}\n", escaped(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(client: &str, user: &str) -> String {
        let wanted = Wanted { client: client.into(), user: user.into() };
        wanted.check().err().map(|error| error.to_string()).unwrap_or_default()
    }

    /// Also those that a filter accepts, such as `\`: they would end the sessions of others.
    #[test]
    fn names_that_name_nobody_are_refused() {
        for client in ["", r"\", r"\\", "[]", r"\\[]", " "] {
            assert!(refusal(client, "bob").starts_with("--client is empty: "), "{client:?}");
        }
        for user in ["", r"\", r"\\", "[]", " "] {
            assert!(refusal("10.0.0.5", user).starts_with("--user is empty: "), "{user:?}");
        }
        assert_eq!(refusal("10.0.0.5", r"LAB\"), r"--user LAB\: there is no user behind the domain");
        assert_eq!(refusal(r"\\[fe80::1]", r"LAB\bob"), "");
    }
}
