//! Keys, answers, signals and time, one after the other.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use netsession::WatchControl;
use ratatui::crossterm::event::Event;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::closing::{self, Questions};
use super::feed::Feed;
use super::input;
use super::screen::{Ending, Palette, Request, Screen, action};
use super::terminal::WholeScreen;
use crate::process::{EndSignal, Exit, Interrupt, log};
use crate::shell::LiveServers;

/// Times connected are drawn in seconds.
const SECOND: Duration = Duration::from_secs(1);
/// Answers are drawn at most so often: ten times a second.
const FRAME: Duration = Duration::from_millis(100);
/// A frame is drawn after this many times its own duration: drawing takes at most 2 % of a core, but for keys.
const SHARE: u32 = 50;

/// What the screen is to be.
pub(super) struct Settings {
    pub(super) interval: Duration,
    pub(super) read_only: bool,
    pub(super) is_coloured: bool,
}

/// Shows these servers until it is quit.
pub(super) fn show(
    servers: &LiveServers,
    runtime: &Runtime,
    interrupt: Option<Interrupt>,
    settings: &Settings,
) -> Result<Exit> {
    let (sender, warnings) = unbounded_channel();
    // On stderr they would stand across the screen. An error is the end of it.
    log::start_warnings(move |line| {
        let _ = sender.send(line.to_owned());
    });
    runtime.block_on(async {
        let interrupt = interrupt.map_or_else(Interrupt::listen_to_all, Ok);
        let interrupt = interrupt.context("cannot listen to signals")?;
        let continued = Continued::listen()?;
        let mut screen = Screen::new(servers.names(), settings.interval, SystemTime::now())
            .palette(Palette::new(settings.is_coloured));
        if settings.read_only {
            screen = screen.read_only();
        }
        // Before the first byte to a server: the screen is there at once.
        let terminal = WholeScreen::take()?;
        let keys = input::start()?;
        let feed = Feed::start(servers, settings.interval);
        let control = feed.control();
        let now = Instant::now();
        let mut shown = Shown {
            servers,
            screen,
            terminal,
            keys,
            feed,
            control,
            interrupt,
            continued,
            warnings,
            closing: None,
            is_changed: true,
            drawn: now,
            took: Duration::ZERO,
        };
        shown.run().await
    })
}

/// The work of a closing, and the screen's end of its question.
type Closing<'a> = (Pin<Box<dyn Future<Output = Ending> + 'a>>, Questions);

struct Shown<'a> {
    servers: &'a LiveServers,
    screen: Screen,
    terminal: WholeScreen,
    keys: Receiver<io::Result<Event>>,
    feed: Feed,
    control: WatchControl,
    interrupt: Interrupt,
    continued: Continued,
    warnings: UnboundedReceiver<String>,
    closing: Option<Closing<'a>>,
    /// Since it was drawn last.
    is_changed: bool,
    drawn: Instant,
    took: Duration,
}

impl Shown<'_> {
    async fn run(&mut self) -> Result<Exit> {
        self.draw()?;
        loop {
            let next_frame = self.drawn + if self.is_changed { self.pause() } else { SECOND };
            tokio::select! {
                biased;
                signal = self.interrupt.wait() => return Ok(Exit::Signal(signal)),
                () = self.continued.wait() => self.clear()?,
                key = self.keys.recv() => {
                    if let Some(exit) = self.keys(key).await? {
                        return Ok(exit);
                    }
                }
                question = next_question(&mut self.closing) => match question {
                    Asked::Question(text) => {
                        if !self.screen.question(text) && let Some((_, questions)) = &self.closing {
                            // It was left meanwhile.
                            let _ = questions.answers.try_send(false);
                        }
                        self.draw()?;
                    }
                    Asked::Done(ending) => {
                        self.closing = None;
                        self.screen.closed(ending);
                        // What is gone leaves at once.
                        self.control.refresh_now();
                        self.draw()?;
                    }
                },
                Some(line) = self.warnings.recv() => {
                    self.screen.say(line);
                    self.is_changed = true;
                }
                update = self.feed.next() => {
                    self.screen.apply(update);
                    self.is_changed = true;
                }
                () = sleep_until(next_frame) => self.draw()?,
            }
        }
    }

    /// Until the next frame that no key asks for.
    fn pause(&self) -> Duration {
        FRAME.max(self.took.saturating_mul(SHARE)).min(SECOND)
    }

    /// One key, and those that wait already: a key that is held down is drawn once.
    async fn keys(&mut self, first: Option<io::Result<Event>>) -> Result<Option<Exit>> {
        let mut next = first;
        loop {
            let event = next.context("the terminal is gone")?.context("cannot read keys")?;
            if let Some(action) = action(&event, self.screen.mode(), self.screen.may_close())
                && let Some(request) = self.screen.perform(action)
                && let Some(exit) = self.carry_out(request).await?
            {
                return Ok(Some(exit));
            }
            match self.keys.try_recv() {
                Ok(event) => next = Some(event),
                Err(_) => break,
            }
        }
        self.draw()?;
        Ok(None)
    }

    async fn carry_out(&mut self, request: Request) -> Result<Option<Exit>> {
        match request {
            Request::Quit => return Ok(Some(Exit::Success)),
            Request::Interrupt => return Ok(Some(Exit::Signal(EndSignal::Interrupt))),
            Request::Suspend => self.suspend().await?,
            Request::Redraw => self.clear()?,
            Request::Pause(is_paused) => self.control.pause(is_paused),
            Request::SetInterval(interval) => self.control.set_interval(interval),
            Request::Refresh => self.control.refresh_now(),
            Request::ListFiles => {
                self.control.set_files(true);
                self.control.refresh_now();
            }
            Request::Close(target) => {
                let (work, questions) = closing::start(self.servers, target);
                self.closing = Some((Box::pin(work), questions));
            }
            Request::Answer(is_yes) => {
                if let Some((_, questions)) = &self.closing {
                    // The one that has been answered already takes no other one.
                    let _ = questions.answers.try_send(is_yes);
                }
            }
        }
        Ok(None)
    }

    fn draw(&mut self) -> Result<()> {
        let begun = Instant::now();
        self.screen.tick(SystemTime::now());
        let screen = &mut self.screen;
        self.terminal.draw(|frame| screen.render(frame.area(), frame.buffer_mut()))?;
        self.is_changed = false;
        self.drawn = Instant::now();
        self.took = self.drawn.saturating_duration_since(begun);
        Ok(())
    }

    fn clear(&mut self) -> Result<()> {
        self.terminal.clear()?;
        self.draw()
    }

    /// Gives the terminal to the shell, and takes it again when the shell lets this program go on.
    #[cfg(unix)]
    async fn suspend(&mut self) -> Result<()> {
        /// The signal may stop the process a moment after the call that sends it. Where it does not stop, as there is no
        /// shell, the screen comes back.
        const STOPPING: Duration = Duration::from_millis(100);
        self.terminal.suspend();
        tokio::time::sleep(STOPPING).await;
        self.clear()
    }

    #[cfg(windows)]
    async fn suspend(&mut self) -> Result<()> {
        self.screen.say("there is no Ctrl-Z on Windows".to_owned());
        Ok(())
    }
}

enum Asked {
    Question(String),
    Done(Ending),
}

/// What the closing says next; waits for ever where there is none.
async fn next_question(closing: &mut Option<Closing<'_>>) -> Asked {
    match closing {
        None => std::future::pending().await,
        Some((work, questions)) => tokio::select! {
            ending = work => Asked::Done(ending),
            Some(text) = questions.questions.recv() => Asked::Question(text),
        },
    }
}

/// The signal that this program goes on after it was stopped, by whichever signal: a shell has set the terminal as it likes
/// it meanwhile.
struct Continued {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Continued {
    #[cfg(unix)]
    fn listen() -> Result<Self> {
        let kind = rustix::process::Signal::CONT.as_raw();
        let kind = tokio::signal::unix::SignalKind::from_raw(kind);
        Ok(Self { signal: tokio::signal::unix::signal(kind).context("cannot listen to signals")? })
    }

    #[cfg(windows)]
    fn listen() -> Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn wait(&mut self) {
        if self.signal.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    #[cfg(windows)]
    async fn wait(&mut self) {
        std::future::pending::<()>().await;
    }
}
