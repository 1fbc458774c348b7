use std::sync::Arc;

use netsession::{ErrorKind, Level, Session, SessionFold as _, Timings};

use crate::metrics::{ExpositionFormat, ServerMetrics, with_label};
use crate::query::ProbeResult;
use crate::settings::Settings;
use crate::sums::SessionSums;

/// The metrics of servers that were asked once, for a program that another exporter reads the file of, such as the
/// textfile collector of node_exporter. They are those of `/probe`, except the metrics of files, with the label
/// `server`.
///
/// ```
/// use netsession::{Level, Session, Timings};
/// use netsession_exporter::{Settings, Textfile};
///
/// let mut file = Textfile::new(Settings::default());
/// let session = Session::builder("10.0.0.5").user("alice").build();
/// let timings = Timings::default();
/// file.add("fs1", Level::L10, 0, timings, [&session]);
/// file.add_error("fs2", netsession::ErrorKind::TimedOut, timings);
/// let text = String::from_utf8(file.render())?;
/// assert!(text.contains("netsession_sessions{server=\"fs1\"} 1\n"));
/// assert!(text.contains("netsession_error{server=\"fs2\",kind=\"timeout\"} 1\n"));
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
#[derive(Debug)]
pub struct Textfile {
    settings: Settings,
    /// Each server with its metrics, as text.
    servers: Vec<(String, String)>,
}

impl Textfile {
    /// A file without servers. Of the settings the limits and the labels count.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, servers: Vec::new() }
    }

    /// Adds a server that listed its sessions at this level, `own_sessions` of them of the account that asked from the
    /// address that it asked from ([`Listing::own_sessions`](netsession::Listing::own_sessions)).
    pub fn add<'a>(
        &mut self,
        server: &str,
        level: Level,
        own_sessions: usize,
        timings: Timings,
        sessions: impl IntoIterator<Item = &'a Session>,
    ) {
        let mut sums = SessionSums::new(&self.settings);
        sessions.into_iter().for_each(|session| sums.add(session));
        let stats = sums.into_stats(level, own_sessions, &self.settings);
        self.push(server, ProbeResult::new(Ok(stats), timings));
    }

    /// Adds a server that could not be asked, with the phases that it reached.
    pub fn add_error(&mut self, server: &str, kind: ErrorKind, timings: Timings) {
        self.push(server, ProbeResult::new(Err(kind), timings));
    }

    /// The file, in the text format 0.0.4.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        with_label("server", &self.servers).into_bytes()
    }

    fn push(&mut self, server: &str, result: ProbeResult) {
        let text = ExpositionFormat::Text.render(ServerMetrics(Arc::new(result)));
        self.servers.push((server.to_owned(), String::from_utf8_lossy(&text).into_owned()));
    }
}
