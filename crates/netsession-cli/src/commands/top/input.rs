//! Keys, clicks and sizes, from a thread of its own: reading blocks.

use std::io;
use std::thread;

use anyhow::{Context as _, Result};
use ratatui::crossterm::event::{self, Event};
use tokio::sync::mpsc::{Receiver, channel};

/// Keys that wait.
const WAITING: usize = 256;

/// What the terminal reports, until it is gone. The thread ends with the program.
pub(super) fn start() -> Result<Receiver<io::Result<Event>>> {
    let (sender, receiver) = channel(WAITING);
    let reads = move || {
        loop {
            let event = event::read();
            let is_over = event.is_err();
            if sender.blocking_send(event).is_err() || is_over {
                return;
            }
        }
    };
    thread::Builder::new().name("keys".to_owned()).spawn(reads).context("cannot start a thread for keys")?;
    Ok(receiver)
}
