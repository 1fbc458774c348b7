//! What Prometheus has read is read back through its HTTP API.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::ADMIN;
use netsession_interop::fleet::SESSIONS_OF_EACH;
use netsession_interop::http;
use netsession_interop::netsession::List;
use netsession_interop::prometheus::promtool;
use netsession_interop::suite::{Need, Suite};

use crate::stage::{self, DOUBLES, FILES};

type Test = fn() -> Result<()>;

pub(crate) fn add(suite: &mut Suite) {
    let tests: [(&str, Test); 6] = [
        ("scrape::a_thousand_doubles", thousand),
        ("scrape::a_samba_as_the_program_lists_it", samba),
        ("scrape::a_server_that_is_down", down),
        ("scrape::the_exporter_itself", itself),
        ("scrape::promtool_finds_nothing_wrong_with_the_metrics", metrics),
        ("scrape::every_expression_of_the_dashboard_has_data", crate::contrib::dashboard),
    ];
    for (name, test) in tests {
        suite.test(&[Need::Program, Need::TestServer, Need::Prometheus, Need::Samba], name, test);
    }
}

fn thousand() -> Result<()> {
    let stage = stage::shared()?;
    let doubles = r#"{instance=~"127[.]77[.].*"}"#;
    let wait = |metric: &str, wanted: f64| {
        stage.prometheus.wait_for(&metric.replace("{}", doubles), |value| value == wanted)
    };
    let count = DOUBLES as f64;
    wait("count(netsession_up{} == 1)", count)?;
    wait("sum(netsession_sessions{})", count * SESSIONS_OF_EACH)?;
    wait("sum(netsession_guest_sessions{})", count)?;
    wait("sum(netsession_level{})", count * 502.0)?;
    // Three users have a label, and the rest is one sum: no session is lost.
    wait(
        "sum(netsession_user_sessions{}) + sum(netsession_user_sessions_remainder{})",
        count * SESSIONS_OF_EACH,
    )?;
    wait("max(count by (instance) (netsession_user_sessions{}))", 3.0)?;
    // The connections are kept: a probe has no other phase than the question, and each server lists one session of the
    // exporter.
    wait("count(count by (phase) (netsession_probe_duration_seconds{}))", 1.0)?;
    wait("sum(netsession_own_sessions{})", count)?;
    // On a busy machine some are always in use: those are not counted as kept.
    let connected = "netsession_exporter_kept_connections + netsession_exporter_queries_in_flight";
    stage.prometheus.wait_for(connected, |connected| connected > count)
}

fn samba() -> Result<()> {
    let stage = stage::shared()?;
    let of = |metric: &str| format!("{metric}{{instance=\"samba\"}}");
    stage.prometheus.wait_for(&of("netsession_open_files"), |files| files >= FILES as f64)?;
    let mut rows = List::new(stage.samba.address().to_string())?.login(ADMIN).rows()?;
    // The exporter stays connected, and is listed. The program itself was not there when Prometheus scraped.
    let own = rows.iter().enumerate().filter(|(_, row)| row.user.as_deref() == Some("admin"));
    let own = own.min_by_key(|(_, row)| row.connected_seconds).map(|(index, _)| index);
    rows.remove(own.context("the program does not list itself")?);
    let users: BTreeSet<_> = rows.iter().filter_map(|row| row.user.clone()).collect();
    let opens: u32 = rows.iter().filter_map(|row| row.opens).sum();
    for (metric, listed) in [
        ("netsession_sessions", rows.len() as f64),
        ("netsession_users", users.len() as f64),
        ("netsession_open_files", f64::from(opens)),
        ("netsession_level", 1.0),
        ("netsession_user_open_files", FILES as f64),
    ] {
        let selector = match metric {
            "netsession_user_open_files" => format!("{metric}{{instance=\"samba\", user=\"alice\"}}"),
            _ => of(metric),
        };
        // A scrape may have come while the program was connected: the one after it shows what stays.
        let is_listed = stage.prometheus.wait_for(&selector, |value| value == listed);
        is_listed.with_context(|| format!("{listed} is listed: {rows:?}"))?;
    }
    Ok(())
}

fn down() -> Result<()> {
    let stage = stage::shared()?;
    let error = r#"netsession_error{instance="down", kind="connect"}"#;
    stage.prometheus.wait_for(error, |value| value == 1.0)?;
    stage.prometheus.wait_for(r#"netsession_up{instance="down"}"#, |value| value == 0.0)?;
    ensure!(
        stage.prometheus.query(r#"netsession_sessions{instance="down"}"#)?.is_empty(),
        "a target without sessions"
    );
    // The scrape itself went well, and the rule that waits for such a server has seen it.
    stage.prometheus.wait_for(r#"up{job="netsession", instance="down"}"#, |value| value == 1.0)?;
    stage
        .prometheus
        .wait_for(r#"ALERTS{alertname="NetsessionServerDown", instance="down"}"#, |value| value == 1.0)
}

fn itself() -> Result<()> {
    let stage = stage::shared()?;
    stage.prometheus.wait_for(r#"up{job="netsession-exporter"}"#, |value| value == 1.0)?;
    let probes = r#"netsession_exporter_probes_total{result="success"}"#;
    stage.prometheus.wait_for(probes, |value| value > DOUBLES as f64)?;
    stage.prometheus.wait_for("process_open_fds{job=\"netsession-exporter\"}", |value| value > 5.0)
}

fn metrics() -> Result<()> {
    let stage = stage::shared()?;
    let get = |path: &str| http::get(stage.exporter.address(), path, &[]);
    for path in ["/metrics", "/probe?target=samba", "/probe?target=down"] {
        let response = get(path)?;
        ensure!(response.status == 200, "{path}: {response:?}");
        let said = promtool(&["check", "metrics"], &response.body).with_context(|| path.to_owned())?;
        ensure!(said.is_empty(), "{path}: {said}");
    }
    Ok(())
}
