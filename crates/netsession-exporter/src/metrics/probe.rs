use std::time::Duration;

use super::Exposition;
use crate::answer::Answer;
use crate::summary::{Share, Shares, Spread, Summary};

/// The metrics of one server.
pub(crate) fn exposition(answer: &Answer) -> Exposition {
    let mut metrics = Exposition::default();
    metrics.gauge("netsession_up", "Whether the server told its sessions.", answer.result.is_ok());
    let phases = answer.timings.phases().into_iter();
    metrics.gauges(
        "netsession_probe_duration_seconds",
        "How long each phase of the conversation took, as far as it came.",
        phases.filter_map(|(phase, took)| Some((vec![("phase", phase.to_owned())], took?.into()))),
    );
    match &answer.result {
        Ok(summary) => of_summary(&mut metrics, summary),
        Err(kind) => metrics.gauges(
            "netsession_error",
            "Why the server did not tell; there is one kind at a time.",
            [(vec![("kind", kind.as_str().to_owned())], true.into())],
        ),
    }
    metrics
}

fn of_summary(metrics: &mut Exposition, summary: &Summary) {
    let Summary { sessions, clients, users, open_files, guests, .. } = summary;
    metrics.gauge(
        "netsession_level",
        "The level of NetrSessionEnum that the server answered.",
        summary.level,
    );
    metrics.gauge("netsession_sessions", "Sessions, that of the exporter itself included.", *sessions);
    metrics.gauge("netsession_clients", "Different clients that have a session.", *clients);
    metrics.gauge_if("netsession_users", "Different users that have a session.", *users);
    metrics.gauge_if("netsession_open_files", "Open files, devices and pipes of all sessions.", *open_files);
    metrics.gauge_if("netsession_guest_sessions", "Sessions that were logged on as guests.", *guests);
    if let Some(idle) = &summary.idle {
        metrics.gauges(
            "netsession_idle_sessions",
            "Sessions that have been idle for longer than this.",
            longer(idle),
        );
        metrics.gauge_if(
            "netsession_idle_median_seconds",
            "Median of how long sessions are idle.",
            idle.median,
        );
        metrics.gauge_if(
            "netsession_idle_longest_seconds",
            "How long the idlest session is idle.",
            idle.longest,
        );
    }
    if let Some(connected) = &summary.connected {
        metrics.gauges(
            "netsession_connected_sessions",
            "Sessions that have been connected for longer than this.",
            longer(connected),
        );
        metrics.gauge_if(
            "netsession_connected_median_seconds",
            "Median of how long sessions are connected.",
            connected.median,
        );
        metrics.gauge_if(
            "netsession_connected_longest_seconds",
            "How long the oldest session is connected.",
            connected.longest,
        );
    }
    if let Some(shares) = &summary.by_user {
        of_shares(metrics, &USERS, shares, summary.has_opens());
    }
    if let Some(shares) = &summary.by_client {
        of_shares(metrics, &CLIENTS, shares, summary.has_opens());
    }
}

fn longer(spread: &Spread) -> impl Iterator<Item = (Vec<(&'static str, String)>, super::exposition::Value)> {
    let label = |limit: Duration| vec![("longer_than_seconds", limit.as_secs_f64().to_string())];
    spread.longer.iter().map(move |(limit, count)| (label(*limit), (*count).into()))
}

/// The names of the metrics that have a name as a label.
struct Names {
    label: &'static str,
    sessions: (&'static str, &'static str),
    open_files: (&'static str, &'static str),
    sessions_of_rest: (&'static str, &'static str),
    open_files_of_rest: (&'static str, &'static str),
}

const USERS: Names = Names {
    label: "user",
    sessions: ("netsession_user_sessions", "Sessions of the users that have the most."),
    open_files: ("netsession_user_open_files", "Open files of the users that have the most sessions."),
    sessions_of_rest: ("netsession_user_sessions_remainder", "Sessions of all users without a label."),
    open_files_of_rest: ("netsession_user_open_files_remainder", "Open files of all users without a label."),
};

const CLIENTS: Names = Names {
    label: "client",
    sessions: ("netsession_client_sessions", "Sessions of the clients that have the most."),
    open_files: ("netsession_client_open_files", "Open files of the clients that have the most sessions."),
    sessions_of_rest: ("netsession_client_sessions_remainder", "Sessions of all clients without a label."),
    open_files_of_rest: (
        "netsession_client_open_files_remainder",
        "Open files of all clients without a label.",
    ),
};

fn of_shares(metrics: &mut Exposition, names: &Names, shares: &Shares, has_opens: bool) {
    let each = |value: fn(&Share) -> super::exposition::Value| {
        let labels = |name: &str| vec![(names.label, name.to_owned())];
        shares.named.iter().map(move |(name, share)| (labels(name), value(share)))
    };
    metrics.gauges(names.sessions.0, names.sessions.1, each(|share| share.sessions.into()));
    metrics.gauge(names.sessions_of_rest.0, names.sessions_of_rest.1, shares.rest.sessions);
    if has_opens {
        metrics.gauges(names.open_files.0, names.open_files.1, each(|share| share.open_files.into()));
        metrics.gauge(names.open_files_of_rest.0, names.open_files_of_rest.1, shares.rest.open_files);
    }
}

#[cfg(test)]
mod tests {
    use netsession::{ErrorKind, Level, Listing, Session, SessionFlags, Timings};

    use super::*;
    use crate::Settings;
    use crate::metrics::Format;

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
        let mut answer = Answer::of(Ok(Summary::of(&listing, settings)), timings());
        answer.timings.enumerate = Some(Duration::from_micros(1500));
        String::from_utf8(Format::Text.render(exposition(&answer))).unwrap()
    }

    fn timings() -> Timings {
        let each = |milliseconds| Some(Duration::from_millis(milliseconds));
        Timings { resolve: each(1), connect: each(2), negotiate: each(3), ..Timings::default() }
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
    fn a_server_that_tells_everything() {
        insta::assert_snapshot!(text(&Settings::default(), Level::L502, sessions()));
    }

    #[test]
    fn names_are_labels_where_they_are_asked_for() {
        let settings = Settings { user_labels: 2, client_labels: 1, ..Settings::default() };
        let text = text(&settings, Level::L1, sessions());
        let named = text.lines().filter(|line| line.contains("_user_") || line.contains("_client_"));
        insta::assert_snapshot!(named.collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn names_are_in_no_metric_otherwise() {
        let text = text(&Settings::default(), Level::L502, sessions());
        assert!(!text.contains("alice") && !text.contains("10.0.0.5"), "{text}");
    }

    #[test]
    fn a_level_with_little_in_it_and_nobody_there() {
        insta::assert_snapshot!(text(&Settings::default(), Level::L0, vec![session("a", "", 0, 0, 0)]));
        insta::assert_snapshot!(text(&Settings::default(), Level::L10, vec![]));
    }

    #[test]
    fn a_server_that_fails() {
        let mut answer = Answer::without_server(ErrorKind::LogOnBlocked);
        answer.timings = timings();
        insta::assert_snapshot!(String::from_utf8(Format::Text.render(exposition(&answer))).unwrap());
    }
}
