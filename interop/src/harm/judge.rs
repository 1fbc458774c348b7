use netsession::{Dialect, ErrorKind};

use super::DEADLINE;
use super::attempt::Attempt;
use super::target::Target;

const NEGOTIATE: u16 = 0;
const SESSION_SETUP: u16 = 1;

/// Whether a connection ended as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing was harmed, and the listing is right.
    Unharmed,
    /// It was harmed, and ended with an error.
    Refused,
    /// A connection was cut off, and a second one, unharmed, brought the listing.
    SecondConnection,
    /// What was harmed was neither signed nor encrypted nor hashed, and the listing is right: the time of day in
    /// a NEGOTIATE below 3.1.1, say.
    Immaterial,

    /// It took longer than the deadline and a tenth.
    Late,
    /// A harmed frame that was protected was taken for good.
    Accepted,
    /// An error that only a harmed frame has told was believed, though the frame was protected.
    Believed,
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
    if attempt.elapsed > DEADLINE + DEADLINE / 10 {
        return Verdict::Late;
    }
    let (harmed, result) = match (&attempt.harmed, &attempt.result) {
        (_, Ok(listing)) if !target.has(&attempt.worker, listing) => return Verdict::WrongListing,
        (None, Ok(_)) => return Verdict::Unharmed,
        (None, Err(_)) => return Verdict::FailedUnharmed,
        (Some(harmed), result) => (harmed, result),
    };
    let begins = matches!(harmed.command, Some(NEGOTIATE | SESSION_SETUP));
    match result {
        Ok(_) if attempt.connections > 1 => Verdict::SecondConnection,
        // The hash over the first messages covers them on 3.1.1 as a signature would.
        Ok(_) if harmed.protected || (begins && attempt.plan.mode.0 == Dialect::Smb311) => Verdict::Accepted,
        Ok(_) => Verdict::Immaterial,
        // An error reply to SESSION_SETUP is never signed, so a forged one is as good as a real one.
        Err(error) if harmed.protected && !begins && !is_about_the_frame(error.kind()) => Verdict::Believed,
        Err(_) => Verdict::Refused,
    }
}

/// Kinds that say that the frame was no good, or that nothing good came. The others repeat what it said.
fn is_about_the_frame(kind: ErrorKind) -> bool {
    matches!(
        kind,
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
