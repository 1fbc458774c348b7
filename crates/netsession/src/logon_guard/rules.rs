use std::time::Duration;

/// How many log-ons of one account may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(super) process: Process,
}

/// How long the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    /// One run over some servers: a password rarely changes while it lasts.
    OneRun,
    /// A process that stays, and asks the same servers again and again.
    Stays {
        /// Maximum unanswered log-ons of a proven secret: the last place is used only while the others stall.
        at_once: usize,
    },
}

impl Default for Rules {
    fn default() -> Self {
        Self { process: Process::OneRun }
    }
}

impl Rules {
    /// Log-ons of a secret without a success that may be unanswered.
    pub(super) const UNANSWERED: usize = 2;
    /// Log-ons of an account of a domain that may be refused or unanswered without a success.
    const WITHOUT_SUCCESS: usize = 3;
    /// Refusals of a proven secret that make it suspect, from servers that never took it.
    pub(super) const STRANGERS: usize = 2;
    /// How long nothing is sent after two unanswered log-ons: longer than the 30 minutes after which domains usually
    /// forget wrong log-ons.
    pub(super) const HOLD: Duration = Duration::from_secs(35 * 60);
    /// The time in which a process that stays asks each of its servers again: most ask every 15 s to 5 minutes.
    pub(super) const ASKED_AGAIN: Duration = Duration::from_secs(5 * 60);
    /// Servers that are remembered for each secret.
    pub(super) const SERVERS: usize = 100_000;

    pub(crate) fn stays(at_once: usize) -> Self {
        Self { process: Process::Stays { at_once: at_once.max(1) } }
    }

    pub(crate) fn is_one_run(self) -> bool {
        self.process == Process::OneRun
    }

    /// Maximum log-ons of an account of a domain without a success, whatever the secret.
    pub(super) fn without_success(self) -> usize {
        match self.process {
            Process::OneRun => Self::WITHOUT_SUCCESS,
            // More log-ons at once are more wrong ones when the password changes: the caller has chosen that.
            Process::Stays { at_once } => Self::WITHOUT_SUCCESS.max(at_once.saturating_add(1)),
        }
    }
}
