use std::io;

/// Ctrl-C, from now on: a signal that arrives before it is waited for is not lost.
pub(crate) struct Interrupt(
    #[cfg(unix)] tokio::signal::unix::Signal,
    #[cfg(windows)] tokio::signal::windows::CtrlC,
);

impl Interrupt {
    /// Within a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        let listener = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        #[cfg(windows)]
        let listener = tokio::signal::windows::ctrl_c()?;
        Ok(Self(listener))
    }

    pub(crate) async fn wait(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}
