//! `netsession list -f prometheus`, read by Debian's node_exporter, scraped by Debian's Prometheus with the configuration
//! and the rules of `contrib/`.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::faulty;
use netsession_interop::netsession::List;
use netsession_interop::node_exporter::NodeExporter;
use netsession_interop::prometheus::{Prometheus, configuration, promtool, rules};
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::{Server, scenario};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Program, Need::Prometheus, Need::NodeExporter],
        "textfile::node_exporter_and_the_rules_have_each_server",
        test,
    );
}

fn test() -> Result<()> {
    let (up, _server) = Server::start(scenario::shipped("windows")?)?;
    let (up, down) = (up.to_string(), faulty::refusing().to_string());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("netsession.prom");
    let path = file.display().to_string();
    let list = List::new(&up)?.login(DOUBLE_ADMIN).args(&[&down, "-f", "prometheus", "--output", &path]);
    let run = list.run()?;
    ensure!(run.outcome.code == Some(1), "one server is down: {run:?}");
    let written = std::fs::read_to_string(&file)?;
    promtool(&["check", "metrics"], &written)?;

    let node = NodeExporter::start(folder.path())?;
    let shown = node.metrics()?;
    ensure!(shown.contains("\nnode_textfile_scrape_error 0\n"), "{shown}");
    ensure!(shown.contains("node_textfile_mtime_seconds{file=\""), "{shown}");
    let samples = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("netsession_"));
        // Labels are in another order there.
        let mut samples: Vec<String> = lines.map(sorted_labels).collect();
        samples.sort_unstable();
        samples
    };
    ensure!(samples(&shown) == samples(&written), "{shown}\ninstead of\n{written}");

    let configuration = configuration("textfile.yml", &[("127.0.0.1:9100", node.address())])?;
    let prometheus = Prometheus::start(&configuration, &[], &[("rules.yml", &rules()?)])?;
    prometheus.wait_for("job:netsession_up:avg{job=\"netsession\"}", |value| value == 0.5)?;
    for (expression, wanted) in [
        (format!("netsession_up{{job=\"netsession\", instance=\"{up}\"}}"), 1.0),
        (format!("netsession_sessions{{instance=\"{up}\"}}"), 5.0),
        (format!("netsession_error{{instance=\"{down}\", kind=\"connect\"}}"), 1.0),
        // What the alert for a file that is old looks at.
        ("time() - node_textfile_mtime_seconds{file=~\".*netsession[.]prom\"} < bool 600".to_owned(), 1.0),
    ] {
        let value = prometheus.value(&expression)?.with_context(|| format!("no {expression}"))?;
        ensure!(value == wanted, "{expression} is {value}");
    }
    Ok(())
}

fn sorted_labels(sample: &str) -> String {
    let Some((name, rest)) = sample.split_once('{') else { return sample.to_owned() };
    let Some((labels, value)) = rest.rsplit_once("} ") else { return sample.to_owned() };
    let mut labels: Vec<&str> = labels.split(',').collect();
    labels.sort_unstable();
    // 0.000012 there is 1.2e-05 here.
    let value = value.parse::<f64>().map_or(value.to_owned(), |value| value.to_string());
    format!("{name}{{{}}} {value}", labels.join(","))
}
