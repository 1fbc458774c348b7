use std::io;

/// This machine has no resources left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LocalError {
    /// No descriptors or no memory, in the system's words.
    #[error("{0}")]
    Exhausted(String),
    /// No thread for this purpose.
    #[error("no thread {purpose}: {error}")]
    NoThread { purpose: &'static str, error: String },
    /// A thread ended without a result.
    #[error("{0} died")]
    ThreadDied(&'static str),
    /// The limit of names that are looked up at the same time.
    #[error("{0} names are being looked up already")]
    TooManyLookups(usize),
    #[error("no randomness: {0}")]
    NoRandomness(getrandom::Error),
}

impl LocalError {
    /// The local cause of an error of a socket or of the resolver, if it is local: EMFILE, ENFILE, ENOMEM, ENOBUFS,
    /// and the same of Windows.
    pub(crate) fn from_io(error: &io::Error) -> Option<Self> {
        let code = error.raw_os_error();
        let is_local = error.kind() == io::ErrorKind::OutOfMemory
            || (cfg!(unix) && matches!(code, Some(23 | 24)))
            || (cfg!(target_os = "linux") && code == Some(105))
            || (cfg!(windows) && matches!(code, Some(10_024 | 10_055)));
        is_local.then(|| Self::Exhausted(error.to_string()))
    }

    /// For `map_err`: no thread could be started for this purpose, such as "for the resolver".
    pub(crate) fn no_thread(purpose: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::NoThread { purpose, error: error.to_string() }
    }
}
