use std::future::poll_fn;
use std::io;
use std::task::Poll;

#[cfg(unix)]
use tokio::signal::unix::{Signal as Listener, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC as Listener, ctrl_c};

/// A signal that ends the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndSignal {
    /// Ctrl-C.
    Interrupt,
    #[cfg(unix)]
    Terminate,
    /// The terminal is gone.
    #[cfg(unix)]
    Hangup,
}

impl EndSignal {
    /// The exit code, as shells have it.
    pub(crate) const fn code(self) -> u8 {
        const SIGNAL: u8 = 128;
        match self {
            Self::Interrupt => SIGNAL + 2,
            #[cfg(unix)]
            Self::Terminate => SIGNAL + 15,
            #[cfg(unix)]
            Self::Hangup => SIGNAL + 1,
        }
    }
}

/// Signals that end the program, from now on: one that arrives before it is waited for is not lost. Without a listener
/// they end it at once.
pub(crate) struct Interrupt(Vec<(EndSignal, Listener)>);

impl Interrupt {
    /// Ctrl-C. Within a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        let listener = signal(SignalKind::interrupt())?;
        #[cfg(windows)]
        let listener = ctrl_c()?;
        Ok(Self(vec![(EndSignal::Interrupt, listener)]))
    }

    /// Every signal that ends a program from outside, while there is something to put right first. Within a runtime.
    pub(crate) fn listen_to_all() -> io::Result<Self> {
        #[cfg_attr(windows, expect(unused_mut, reason = "Windows has no further ones"))]
        let mut all = Self::listen()?;
        #[cfg(unix)]
        for (end, kind) in
            [(EndSignal::Terminate, SignalKind::terminate()), (EndSignal::Hangup, SignalKind::hangup())]
        {
            // nohup had them ignored: a listener would undo that.
            if !is_ignored(kind) {
                all.0.push((end, signal(kind)?));
            }
        }
        Ok(all)
    }

    pub(crate) async fn wait(&mut self) -> EndSignal {
        poll_fn(|context| {
            let mut arrived = self.0.iter_mut().filter_map(|(end, listener)| {
                matches!(listener.poll_recv(context), Poll::Ready(Some(()))).then_some(*end)
            });
            arrived.next().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

/// The signal that ends the program, once it has arrived; `listening` from before, or Ctrl-C from now on. Within a runtime.
pub(crate) async fn interrupted(listening: Option<Interrupt>) -> EndSignal {
    match listening.map_or_else(Interrupt::listen, Ok) {
        Ok(mut interrupt) => interrupt.wait().await,
        // Then the signal does what it does by default, and ends the process.
        Err(_) => std::future::pending().await,
    }
}

/// Whether this process was started with the signal ignored; no where the system does not report it.
#[cfg(unix)]
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let bit = u32::try_from(kind.as_raw_value()).ok().and_then(|number| number.checked_sub(1));
    bit.and_then(|bit| mask.checked_shr(bit)).is_some_and(|mask| mask & 1 == 1)
}
