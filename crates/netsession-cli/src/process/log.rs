//! `-v`: the protocol steps on stderr, each on a line.

use std::collections::HashSet;
use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::text::escaped;

/// Logs what a service has to report, and with `steps` every protocol step as well.
#[cfg(feature = "exporter")]
pub(crate) fn start_for_service(steps: bool) {
    let level = if steps { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let ours = Targets::new().with_target("netsession", level);
    // Fails where there is a subscriber already, which then has them.
    let _ = tracing_subscriber::registry().with(Lines(write_to_stderr).with_filter(ours)).try_init();
}

/// As [`start_for_service`], to the end of a file, each line with its time.
#[cfg(all(windows, feature = "exporter"))]
pub(crate) fn start_to_file(steps: bool, path: &std::path::Path) -> anyhow::Result<()> {
    use anyhow::Context as _;

    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let file = file.with_context(|| format!("cannot write the log: {}", path.display()))?;
    let level = if steps { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let write = move |line: &str| {
        // In one write, so that lines stay whole. There is no other place for what cannot be written.
        let _ = (&file).write_all(format!("{:.3} {line}", jiff::Timestamp::now()).as_bytes());
    };
    let ours = Targets::new().with_target("netsession", level);
    // Fails where there is a subscriber already, which then has them.
    let _ = tracing_subscriber::registry().with(Lines(write).with_filter(ours)).try_init();
    Ok(())
}

/// Logs the protocol steps of this program, and nothing of other crates.
pub(crate) fn start() {
    let ours = Targets::new()
        .with_target("netsession", LevelFilter::DEBUG)
        .with_target("netsession_proto", LevelFilter::DEBUG);
    // Fails where there is a subscriber already, which then has them.
    let _ = tracing_subscriber::registry().with(Lines(write_to_stderr).with_filter(ours)).try_init();
}

/// Logs warnings alone, each once: what one server gives away is the same for a hundred.
pub(crate) fn start_warnings(write: impl Fn(&str) + Send + Sync + 'static) {
    let ours = Targets::new()
        .with_target("netsession", LevelFilter::WARN)
        .with_target("netsession_proto", LevelFilter::WARN);
    let lines = Warnings { write, told: Mutex::new(HashSet::new()) };
    // Fails where there is a subscriber already, which then has them.
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}

fn write_to_stderr(line: &str) {
    // Where stderr cannot be written to, there is no other place.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Writes `debug: fs1: what key=value`: without the names of spans and modules, which say nothing to an administrator.
struct Lines<F>(F);

impl<S, F> Layer<S> for Lines<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    F: Fn(&str) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut found = Fields::default();
        attributes.record(&mut found);
        if let (Some(server), Some(span)) = (found.server, context.span(id)) {
            span.extensions_mut().insert(Server(server));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut found = Fields::default();
        event.record(&mut found);
        let spans = context.event_scope(event).into_iter().flatten();
        let of_span =
            spans.filter_map(|span| span.extensions().get::<Server>().map(|server| server.0.clone())).next();
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        let server = found.server.or(of_span).map(|server| format!("{server}: ")).unwrap_or_default();
        let Fields { message, fields, .. } = found;
        let separator = if message.is_empty() { "" } else { " " };
        let line = format!(
            "{level}: {server}{message}{}",
            fields.strip_prefix(' ').map(|f| format!("{separator}{f}")).unwrap_or_default()
        );
        (self.0)(&format!("{}\n", escaped(&line)));
    }
}

/// Writes `netsession: warning: fs1: what`, once for each text apart from the server.
struct Warnings<F> {
    write: F,
    told: Mutex<HashSet<String>>,
}

impl<S, F> Layer<S> for Warnings<F>
where
    S: Subscriber,
    F: Fn(&str) + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut found = Fields::default();
        event.record(&mut found);
        let Fields { server, message, fields } = found;
        let text = format!("{message}{fields}");
        let line =
            format!("warning: {}{text}", server.map(|server| format!("{server}: ")).unwrap_or_default());
        if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(text) {
            (self.write)(&line);
        }
    }
}

/// The server that a span is about.
struct Server(String);

/// The fields of a span or an event.
#[derive(Default)]
struct Fields {
    server: Option<String>,
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
            "server" => write!(self.server.get_or_insert_default(), "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn logged(steps: impl FnOnce()) -> String {
        let lines = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&lines);
        let layer = Lines(move |line: &str| sink.lock().unwrap().push_str(line));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), steps);
        let lines = lines.lock().unwrap();
        lines.clone()
    }

    #[test]
    fn a_line_for_each_step() {
        let logged = logged(|| {
            let span = tracing::debug_span!("ask", server = %"fs1");
            let _entered = span.enter();
            let _inner = tracing::debug_span!("inner", step = 1).entered();
            tracing::debug!(dialect = %"3.1.1", credits = 8, "negotiated");
            tracing::debug!(frames = 2);
            tracing::debug!(server = "fs2", "of another one");
        });
        insta::assert_snapshot!(logged, @r"
        debug: fs1: negotiated dialect=3.1.1 credits=8
        debug: fs1: frames=2
        debug: fs2: of another one
        ");
    }

    #[test]
    fn each_warning_is_told_once() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let write = move |line: &str| sink.lock().unwrap().push(line.to_owned());
        let layer = Warnings { write, told: Mutex::new(HashSet::new()) };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::warn!(server = "fs1", "log-on with NTLM");
            tracing::warn!(server = "fs2", "log-on with NTLM");
            tracing::warn!(server = "fs2", "wrong signature");
        });
        let lines = lines.lock().unwrap();
        assert_eq!(*lines, ["warning: fs1: log-on with NTLM", "warning: fs2: wrong signature"]);
    }

    #[test]
    fn control_characters_are_escaped() {
        let logged = logged(|| tracing::debug!(name = "\u{1b}[2J\n\u{202e}", "a\rb"));
        assert_eq!(logged, "debug: a\\u{d}b name=\\u{1b}[2J\\u{a}\\u{202e}\n");
    }
}
