use std::process::ExitCode;

use super::interrupt::EndSignal;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Every server answered, also with no session.
    Success,
    /// Some server failed or was skipped, or the output could not be written.
    Failure,
    /// Found wrong before the first packet: arguments, an unreadable file.
    Usage,
    /// A signal, such as Ctrl-C.
    Signal(EndSignal),
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Signal(signal) => signal.code(),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
