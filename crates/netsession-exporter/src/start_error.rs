use std::io;

/// Why the exporter does not begin to serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is in use, not available on this machine, or not permitted.
    #[error("cannot listen")]
    Listen(#[source] io::Error),
    /// The system has no thread: the limit of processes (`ulimit -u`, or TasksMax of systemd) is reached.
    #[error("cannot start the thread that reloads the configuration")]
    Thread(#[source] io::Error),
    /// Handlers for signals cannot be installed.
    #[error("cannot listen to signals")]
    Signals(#[source] io::Error),
}
