//! The log of one probe, for `/probe?debug=true`.

use std::fmt::{self, Write as _};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

use crate::hostile::is_hostile;

/// Maximum bytes of a log. A probe has some twenty lines.
const MAX_BYTES: usize = 64 << 10;

/// Collects what the library and the exporter log while it is the subscriber of a task. Clones are the same log.
#[derive(Debug, Clone)]
pub(crate) struct ProbeLog {
    begun: Instant,
    lines: Arc<Mutex<String>>,
}

impl ProbeLog {
    pub(crate) fn new() -> Self {
        LazyLock::force(&SECOND);
        Self { begun: Instant::now(), lines: Arc::default() }
    }

    /// The lines so far.
    pub(crate) fn lines(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A subscriber that lives as long as the process.
///
/// RACE: while there is only one, `tracing` asks the subscriber of the current thread, instead of that one, whether an event
/// is of interest, and remembers the answer. A probe of another thread would take events from the log.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Disabled));

struct Disabled;

impl Subscriber for Disabled {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }

    fn event(&self, _: &Event<'_>) {}

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Subscriber for ProbeLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Only what an administrator reads with -v: the level below it has messages of the protocol.
        metadata.is_event()
            && *metadata.level() <= Level::DEBUG
            && metadata.target().split("::").next().is_some_and(|krate| krate.starts_with("netsession"))
    }

    fn event(&self, event: &Event<'_>) {
        let mut found = Fields::default();
        event.record(&mut found);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() > MAX_BYTES {
            return;
        }
        let Fields { message, fields } = found;
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        // Writing to a string does not fail.
        let _ = writeln!(
            lines,
            "{:>8.3} s  {level}: {}{}",
            self.begun.elapsed().as_secs_f64(),
            escape(&message),
            escape(&fields)
        );
    }

    // Events alone are of interest, and they name the server.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The fields of an event.
#[derive(Default)]
struct Fields {
    message: String,
    fields: String,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

/// A server may have any character in a name.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            c if is_hostile(c) => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_our_crates_alone() {
        let log = ProbeLog::new();
        tracing::subscriber::with_default(log.clone(), || {
            let _span = tracing::debug_span!("ask", server = "fs1").entered();
            tracing::debug!(server = "fs1", name = "a\n\u{1b}", "listed");
            tracing::trace!("not this");
            tracing::warn!(target: "hyper", "nor this");
            tracing::warn!("a warning");
        });
        let lines = log.lines();
        let lines: Vec<_> = lines.lines().map(|line| line.split_once(" s  ").unwrap().1).collect();
        assert_eq!(lines, ["debug: listed server=fs1 name=a\\u{a}\\u{1b}", "warn: a warning"]);
    }
}
