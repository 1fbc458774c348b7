//! Closing what was chosen, with the question on the screen.

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::screen::{Ending, Failure, Target, What};
use crate::commands::close::{self, Chosen, Confirm, close_one};
use crate::shell::LiveServers;

/// The screen's end of a question.
pub(super) struct Questions {
    pub(super) questions: Receiver<String>,
    pub(super) answers: Sender<bool>,
}

/// Asks on the screen.
struct OnScreen {
    questions: Sender<String>,
    answers: Receiver<bool>,
}

impl Confirm for OnScreen {
    async fn confirm(&mut self, what: &str) -> bool {
        // Where the screen is gone, it is not yes.
        self.questions.send(what.to_owned()).await.is_ok() && self.answers.recv().await == Some(true)
    }
}

/// The work, which is to be polled, and the screen's end of its question.
pub(super) fn start(servers: &LiveServers, target: Target) -> (impl Future<Output = Ending>, Questions) {
    let (questions, to_screen) = channel(1);
    let (from_screen, answers) = channel(1);
    let work = async move {
        let Some(mut connection) = servers.connection(target.server) else {
            return Ending::AsWanted(String::new());
        };
        let chosen = match target.what {
            What::Session { client, user } => Chosen::Session { client, user },
            What::File { id, path, user } => Chosen::File { id, path, user },
        };
        ending(close_one(chosen, &mut connection, &mut OnScreen { questions, answers }).await)
    };
    (work, Questions { questions: to_screen, answers: from_screen })
}

fn ending(ending: close::Ending) -> Ending {
    let close::Ending { text, is_as_wanted, error } = ending;
    if is_as_wanted {
        return Ending::AsWanted(text);
    }
    Ending::Problem { text, failure: error.as_ref().map(Failure::from) }
}
