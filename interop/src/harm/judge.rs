use std::time::Duration;

use netsession::{Dialect, Error, ErrorKind};

use super::attempt::Attempt;
use super::relay::Harmed;
use super::target::Target;

const NEGOTIATE: u16 = 0;
const SESSION_SETUP: u16 = 1;
/// How much later than its deadline an end may be: on a machine that is busy with other work threads wait for seconds. The
/// library's tests with a fake clock hold the deadline exactly.
const SLACK: Duration = Duration::from_secs(30);

/// Whether a connection ended as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing was harmed, and the listing is right.
    Unharmed,
    /// It was harmed, and ended with an error.
    Refused,
    /// An answer to the compound was harmed and not believed, and a second connection, unharmed, brought the listing.
    SecondConnection,
    /// What was harmed was neither signed nor encrypted nor hashed, and the listing is right: the time of day in
    /// a NEGOTIATE below 3.1.1, say.
    Immaterial,

    /// It took longer than the deadline and 30 s.
    Late,
    /// A harmed frame that was protected was taken for good.
    Accepted,
    /// An error that only a harmed frame has told was believed, though the frame was protected.
    Believed,
    /// A second connection after a frame that is no answer to the compound, or a third one.
    ConnectedAgain,
    /// A listing came that is not the server's.
    WrongListing,
    /// Nothing was harmed, and it failed.
    FailedUnharmed,
}

impl Verdict {
    /// Whether it may not be.
    pub fn is_wrong(self) -> bool {
        self >= Self::Late
    }
}

pub(super) fn judge(attempt: &Attempt, target: &Target) -> Verdict {
    if attempt.elapsed > attempt.deadline + SLACK {
        return Verdict::Late;
    }
    let begins = |harmed: &Harmed| matches!(harmed.command, Some(NEGOTIATE | SESSION_SETUP));
    // Each connection is a log-on.
    let again = attempt.connections > 1 && attempt.harmed.as_ref().is_none_or(begins);
    if again || attempt.connections > 2 {
        return Verdict::ConnectedAgain;
    }
    let (harmed, result) = match (&attempt.harmed, &attempt.result) {
        (_, Ok(listing)) if !target.has(&attempt.worker, listing) => return Verdict::WrongListing,
        (None, Ok(_)) => return Verdict::Unharmed,
        (None, Err(_)) => return Verdict::FailedUnharmed,
        (Some(harmed), result) => (harmed, result),
    };
    let begins = begins(harmed);
    match result {
        Ok(_) if attempt.connections > 1 => Verdict::SecondConnection,
        // The hash over the first messages covers them on 3.1.1 as a signature would.
        Ok(_) if harmed.protected || (begins && attempt.plan.mode.0 == Dialect::Smb311) => Verdict::Accepted,
        Ok(_) => Verdict::Immaterial,
        // An error reply to SESSION_SETUP is never signed, so a forged one is as good as a real one.
        Err(error) if harmed.protected && !begins && !is_about_the_frame(error) => Verdict::Believed,
        Err(_) => Verdict::Refused,
    }
}

/// Errors that say that the frame was no good, or that nothing good came. The others repeat what it said.
///
/// STATUS_USER_SESSION_DELETED is repeated by design: a server has no key any more to sign it with, and it says nothing
/// but that this connection is over.
fn is_about_the_frame(error: &Error) -> bool {
    const USER_SESSION_DELETED: u32 = 0xC000_0203;
    if error.code() == Some(USER_SESSION_DELETED) {
        return true;
    }
    matches!(
        error.kind(),
        ErrorKind::Integrity
            | ErrorKind::Malformed
            | ErrorKind::Misbehaved
            | ErrorKind::NotSmb
            | ErrorKind::Closed
            | ErrorKind::Connect
            | ErrorKind::TimedOut
            | ErrorKind::Limit
            | ErrorKind::Encryption
    )
}

#[cfg(test)]
mod tests {
    use netsession::{Dialect, Encryption, Error, Level, Listing, Session};

    use super::super::plan::{DEADLINE, HarmPlan};
    use super::super::relay::Harmed;
    use super::super::target::{Which, Worker};
    use super::*;

    const SEALED: Option<Harmed> = Some(Harmed { protected: true, command: None });
    const PLAIN: Option<Harmed> = Some(Harmed { protected: false, command: Some(NEGOTIATE) });

    fn target() -> Target {
        Target { which: Which::Samba, address: ([127, 0, 0, 1], 1).into(), level: Level::L1 }
    }

    fn attempt(dialect: Dialect, result: Result<Listing, Error>, harmed: Option<Harmed>) -> Attempt {
        let plan = HarmPlan::harmless((dialect, Encryption::Off));
        let worker = Worker::some(1).remove(0);
        let (deadline, elapsed) = (DEADLINE, DEADLINE);
        Attempt { plan, worker, deadline, result, elapsed, frames: 1, connections: 1, harmed }
    }

    fn listing(user: &str) -> Result<Listing, Error> {
        let session = Session::builder("10.0.0.5").user(user).build();
        Ok(Listing::builder("fs1", Level::L1).sessions([session]).build())
    }

    fn failed(kind: ErrorKind) -> Result<Listing, Error> {
        Err(Error::for_testing(kind, "fs1"))
    }

    #[test]
    fn accepting_a_harmed_protected_frame_is_wrong() {
        let v311 = Dialect::Smb311;
        assert_eq!(judge(&attempt(v311, listing("harm0"), SEALED), &target()), Verdict::Accepted);
        // Hashed on 3.1.1, and below that the time of day may be another one.
        assert_eq!(judge(&attempt(v311, listing("harm0"), PLAIN), &target()), Verdict::Accepted);
        let below = attempt(Dialect::Smb202, listing("harm0"), PLAIN);
        assert_eq!(judge(&below, &target()), Verdict::Immaterial);
    }

    #[test]
    fn believing_an_error_of_a_harmed_frame_is_wrong() {
        let denied = || failed(ErrorKind::AccessDenied);
        let v311 = Dialect::Smb311;
        assert_eq!(judge(&attempt(v311, denied(), SEALED), &target()), Verdict::Believed);
        assert_eq!(judge(&attempt(v311, denied(), PLAIN), &target()), Verdict::Refused);
        assert_eq!(judge(&attempt(v311, failed(ErrorKind::TimedOut), SEALED), &target()), Verdict::Refused);
        assert_eq!(judge(&attempt(v311, denied(), None), &target()), Verdict::FailedUnharmed);
    }

    #[test]
    fn second_connection_is_for_answers_to_the_compound() {
        let connected = |connections, harmed| {
            let attempt = Attempt { connections, ..attempt(Dialect::Smb311, listing("harm0"), harmed) };
            judge(&attempt, &target())
        };
        assert_eq!(connected(2, SEALED), Verdict::SecondConnection);
        for (connections, harmed) in [(2, PLAIN), (2, None), (3, SEALED)] {
            assert_eq!(connected(connections, harmed), Verdict::ConnectedAgain);
        }
        assert!(Verdict::ConnectedAgain.is_wrong());
    }

    #[test]
    fn wrong_listings_and_late_ends_are_wrong() {
        let strange = attempt(Dialect::Smb311, listing("mallory"), None);
        assert_eq!(judge(&strange, &target()), Verdict::WrongListing);
        let mut late = attempt(Dialect::Smb311, failed(ErrorKind::TimedOut), SEALED);
        late.elapsed = DEADLINE + SLACK;
        assert_eq!(judge(&late, &target()), Verdict::Refused);
        late.elapsed += Duration::from_millis(1);
        assert_eq!(judge(&late, &target()), Verdict::Late);
        for verdict in [Verdict::Accepted, Verdict::Believed, Verdict::WrongListing, Verdict::Late] {
            assert!(verdict.is_wrong(), "{verdict:?}");
        }
    }
}
