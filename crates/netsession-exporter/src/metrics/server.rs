use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::families::{Families, Seconds};
use crate::file_stats::{FileStats, ShareFiles};
use crate::query::ProbeResult;
use crate::stats::{DurationStats, ListingStats, TopUsage, Usage};

/// The metrics of one server, from the result of a probe.
#[derive(Debug)]
pub(crate) struct ServerMetrics(pub(crate) Arc<ProbeResult>);

impl Collector for ServerMetrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut families = Families::new(encoder);
        let ProbeResult { stats, timings, .. } = self.0.as_ref();
        families.gauge(
            "netsession_up",
            "1 if the last probe listed the sessions, 0 if it failed.",
            u32::from(stats.is_ok()),
        )?;
        families.labelled_gauges(
            "netsession_probe_duration_seconds",
            "Duration of each phase of the probe. A phase that was not reached has no sample.",
            "phase",
            timings.phases().filter_map(|(phase, took)| Some((phase, Seconds(took?)))),
        )?;
        match stats {
            Ok(stats) => encode_stats(&mut families, stats),
            Err(kind) => families.labelled_gauges(
                "netsession_error",
                "1 for the kind of error that made the last probe fail.",
                "kind",
                [(kind.as_str(), 1_u32)],
            ),
        }
    }
}

/// What the level does not carry has no sample, and not 0: a 0 would be a number that the server never sent.
fn encode_stats(families: &mut Families<'_>, stats: &ListingStats) -> fmt::Result {
    let ListingStats { sessions, clients, users, open_files, guests, .. } = stats;
    families.gauge(
        "netsession_level",
        "Level of NetrSessionEnum that the server answered: 502, 2, 1, 10 or 0.",
        stats.level,
    )?;
    families.gauge("netsession_sessions", "Sessions, including that of this question.", *sessions)?;
    families.gauge_if(
        "netsession_own_sessions",
        "Sessions of the account that asks, from the machine that asks: its own connection among them.",
        stats.own_sessions,
    )?;
    families.gauge("netsession_clients", "Distinct clients that have a session.", *clients)?;
    families.gauge_if("netsession_users", "Distinct users that have a session.", *users)?;
    families.gauge_if(
        "netsession_open_files",
        "Open files, devices and pipes of all sessions.",
        *open_files,
    )?;
    families.gauge_if("netsession_guest_sessions", "Sessions that are logged on as guest.", *guests)?;
    if let Some(idle) = &stats.idle {
        encode_durations(families, &IDLE, idle)?;
    }
    if let Some(connected) = &stats.connected {
        encode_durations(families, &CONNECTED, connected)?;
    }
    if let Some(usage) = &stats.by_user {
        encode_usage(families, &USERS, usage, stats.has_opens())?;
    }
    if let Some(usage) = &stats.by_client {
        encode_usage(families, &CLIENTS, usage, stats.has_opens())?;
    }
    stats.files.as_ref().map_or(Ok(()), |files| encode_files(families, files))
}

fn encode_files(families: &mut Families<'_>, files: &FileStats) -> fmt::Result {
    families.gauge_if("netsession_file_locks", "Locks on open files.", files.locks)?;
    families.labelled_gauges(
        "netsession_share_open_files",
        "Open files of each share that the configuration names, and of all others together.",
        "share",
        files.by_share.iter().flat_map(ShareFiles::samples),
    )
}

/// The name of a metric and its HELP text.
type Described = (&'static str, &'static str);

struct DurationMetrics {
    longer: Described,
    median: Described,
    longest: Described,
}

const IDLE: DurationMetrics = DurationMetrics {
    longer: (
        "netsession_idle_sessions",
        "Sessions that have been idle for longer than the limit in the label.",
    ),
    median: ("netsession_idle_median_seconds", "Median idle time of the sessions."),
    longest: ("netsession_idle_longest_seconds", "Longest idle time of any session."),
};

const CONNECTED: DurationMetrics = DurationMetrics {
    longer: (
        "netsession_connected_sessions",
        "Sessions that have been connected for longer than the limit in the label.",
    ),
    median: ("netsession_connected_median_seconds", "Median time that the sessions have been connected."),
    longest: ("netsession_connected_longest_seconds", "Longest time that any session has been connected."),
};

fn encode_durations(
    families: &mut Families<'_>,
    metrics: &DurationMetrics,
    stats: &DurationStats,
) -> fmt::Result {
    let DurationMetrics { longer, median, longest } = metrics;
    let counts = stats.longer.iter().map(|(limit, count)| (limit.as_secs_f64().to_string(), *count));
    families.labelled_gauges(longer.0, longer.1, "longer_than_seconds", counts)?;
    families.gauge_if(median.0, median.1, stats.median.map(Seconds))?;
    families.gauge_if(longest.0, longest.1, stats.longest.map(Seconds))
}

/// The metrics that have the name of a user or a client as a label.
struct UsageMetrics {
    label: &'static str,
    sessions: Described,
    sessions_remainder: Described,
    open_files: Described,
    open_files_remainder: Described,
}

const USERS: UsageMetrics = UsageMetrics {
    label: "user",
    sessions: ("netsession_user_sessions", "Sessions of each user, for the users with the most sessions."),
    sessions_remainder: ("netsession_user_sessions_remainder", "Sessions of all other users together."),
    open_files: (
        "netsession_user_open_files",
        "Open files of each user, for the users with the most sessions.",
    ),
    open_files_remainder: ("netsession_user_open_files_remainder", "Open files of all other users together."),
};

const CLIENTS: UsageMetrics = UsageMetrics {
    label: "client",
    sessions: (
        "netsession_client_sessions",
        "Sessions of each client, for the clients with the most sessions.",
    ),
    sessions_remainder: ("netsession_client_sessions_remainder", "Sessions of all other clients together."),
    open_files: (
        "netsession_client_open_files",
        "Open files of each client, for the clients with the most sessions.",
    ),
    open_files_remainder: (
        "netsession_client_open_files_remainder",
        "Open files of all other clients together.",
    ),
};

fn encode_usage(
    families: &mut Families<'_>,
    metrics: &UsageMetrics,
    usage: &TopUsage,
    has_opens: bool,
) -> fmt::Result {
    let UsageMetrics { label, sessions, sessions_remainder, open_files, open_files_remainder } = metrics;
    let TopUsage { top, remainder } = usage;
    let samples = top.iter().map(|(name, Usage { sessions, .. })| (name, *sessions));
    families.labelled_gauges(sessions.0, sessions.1, label, samples)?;
    families.gauge(sessions_remainder.0, sessions_remainder.1, remainder.sessions)?;
    if !has_opens {
        return Ok(());
    }
    let samples = top.iter().map(|(name, Usage { open_files, .. })| (name, *open_files));
    families.labelled_gauges(open_files.0, open_files.1, label, samples)?;
    families.gauge(open_files_remainder.0, open_files_remainder.1, remainder.open_files)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use netsession::{ErrorKind, Level, Listing, Session, SessionFlags, Timings};

    use super::*;
    use crate::metrics::ExpositionFormat;
    use crate::settings::Settings;

    fn session(client: &str, user: &str, seconds: u32, opens: u32, flags: u32) -> Session {
        Session::builder(client)
            .user(user)
            .opens(opens)
            .connected(Duration::from_secs(seconds.into()))
            .idle(Duration::from_secs((seconds / 2).into()))
            .flags(SessionFlags::from_bits(flags))
            .build()
    }

    fn text(settings: &Settings, level: Level, sessions: Vec<Session>) -> String {
        let listing = Listing::builder("fs1", level).sessions(sessions).build();
        let mut timings = timings();
        timings.question = Some(Duration::from_micros(1500));
        rendered(ProbeResult::new(Ok(ListingStats::new(&listing, settings)), timings))
    }

    fn rendered(result: ProbeResult) -> String {
        String::from_utf8(ExpositionFormat::Text.render(ServerMetrics(Arc::new(result)))).unwrap()
    }

    fn timings() -> Timings {
        let each = |milliseconds| Some(Duration::from_millis(milliseconds));
        let mut timings = Timings::default();
        (timings.resolve, timings.connect, timings.negotiate) = (each(1), each(2), each(3));
        timings
    }

    fn sessions() -> Vec<Session> {
        vec![
            session("10.0.0.5", "alice", 3600, 3, 0),
            session("10.0.0.5", "ALICE", 100_000, 1, 0),
            session("10.0.0.6", "bob", 20_000, 2, 1),
            session("SCANNER", "", 7, 0, 3),
        ]
    }

    #[test]
    fn level_502_has_every_metric() {
        insta::assert_snapshot!(text(&Settings::default(), Level::L502, sessions()));
    }

    #[test]
    fn names_are_labels_if_configured() {
        let settings = Settings { user_labels: 2, client_labels: 1, ..Settings::default() };
        let text = text(&settings, Level::L1, sessions());
        let named = text.lines().filter(|line| line.contains("_user_") || line.contains("_client_"));
        insta::assert_snapshot!(named.collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn names_are_in_no_metric_by_default() {
        let text = text(&Settings::default(), Level::L502, sessions());
        assert!(!text.contains("alice") && !text.contains("10.0.0.5"), "{text}");
    }

    #[test]
    fn poor_level_and_empty_listing_omit_what_is_unknown() {
        insta::assert_snapshot!(text(&Settings::default(), Level::L0, vec![session("a", "", 0, 0, 0)]));
        insta::assert_snapshot!(text(&Settings::default(), Level::L10, vec![]));
    }

    #[test]
    fn failed_probe() {
        insta::assert_snapshot!(rendered(ProbeResult::new(Err(ErrorKind::LogOnBlocked), timings())));
    }
}
