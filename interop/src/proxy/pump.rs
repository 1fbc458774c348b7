//! Moves frames between two sockets: for each direction one thread that reads and tampers, and one that waits
//! and writes.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::trace::{Side, Trace};
use super::{Action, Tamper, frame};
use crate::shared::lock;

struct Direction {
    from: Side,
    source: TcpStream,
    target: TcpStream,
    delay: Duration,
    tamper: Arc<Mutex<Box<dyn Tamper>>>,
    trace: Arc<Mutex<Trace>>,
}

pub(super) fn both_ways(
    client: TcpStream,
    server: TcpStream,
    delay: Duration,
    tamper: Box<dyn Tamper>,
    trace: Arc<Mutex<Trace>>,
) -> Result<()> {
    let tamper = Arc::new(Mutex::new(tamper));
    let up = Direction {
        from: Side::Client,
        source: client.try_clone()?,
        target: server.try_clone()?,
        delay: Duration::ZERO,
        tamper: Arc::clone(&tamper),
        trace: Arc::clone(&trace),
    };
    let down = Direction { from: Side::Server, source: server, target: client, delay, tamper, trace };
    for direction in [up, down] {
        let (sender, receiver) = mpsc::channel();
        let (from, target, trace) =
            (direction.from, direction.target.try_clone()?, Arc::clone(&direction.trace));
        thread::spawn(move || direction.read(&sender));
        thread::spawn(move || write(from, target, &trace, &receiver));
    }
    Ok(())
}

/// More than a client writes at once.
const MOST: usize = 1 << 16;

impl Direction {
    fn read(self, sender: &Sender<(Instant, Action)>) {
        let mut source = BufReader::with_capacity(MOST, &self.source);
        // The end of the channel is the end of the connection: the writer closes the other side.
        while let Ok(Some(frame)) = frame::read(&mut source) {
            let mut frames = vec![frame];
            // RACE: what a client writes at once is recorded before any of it goes on. This thread may be held up after the
            // first frame for longer than the delay, and its answer would stand before the others.
            while let Ok(Some(frame)) = frame::read(&mut source.buffer()) {
                source.consume(4 + frame.len());
                frames.push(frame);
            }
            if self.from == Side::Client {
                let mut trace = lock(&self.trace);
                for frame in &frames {
                    trace.record(Side::Client, frame);
                }
            }
            for frame in frames {
                if !self.pass_on(frame, sender) {
                    return;
                }
            }
        }
    }

    /// Whether there is still somebody to pass it on to.
    fn pass_on(&self, frame: Vec<u8>, sender: &Sender<(Instant, Action)>) -> bool {
        let original = frame.clone();
        let action = {
            let mut tamper = lock(&self.tamper);
            match self.from {
                Side::Client => tamper.client_frame(frame),
                Side::Server => tamper.server_frame(frame),
            }
        };
        if !matches!(&action, Action::Pass(frame) if *frame == original) {
            lock(&self.trace).tampered += 1;
        }
        sender.send((Instant::now() + self.delay, action)).is_ok()
    }
}

fn write(from: Side, mut target: TcpStream, trace: &Mutex<Trace>, receiver: &Receiver<(Instant, Action)>) {
    for (due, action) in receiver {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let written = match action {
            Action::Pass(frame) => {
                // Before the write: the client's next frame must not come first in the trace.
                if from == Side::Server {
                    lock(trace).record(Side::Server, &frame);
                }
                frame::write(&mut target, &frame)
            }
            Action::Cut(bytes) => {
                let _ = target.write_all(&bytes);
                break;
            }
            Action::Stall => {
                // Until one of the two gives up.
                while receiver.recv().is_ok() {}
                break;
            }
        };
        if written.is_err() {
            break;
        }
    }
    let _ = target.shutdown(Shutdown::Both);
}
