//! Two Prometheus servers, each with an exporter of its own, share a thousand targets by `hashmod`.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use netsession_interop::exporter::Exporter;
use netsession_interop::fleet::{ACCOUNTS, Fleet};
use netsession_interop::prometheus::{Prometheus, configuration, rules};
use netsession_interop::suite::{Need, Suite};

use crate::stage::DOUBLES;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Program, Need::TestServer, Need::Prometheus],
        "sharded::each_target_is_scraped_by_one_of_two",
        test,
    );
}

fn test() -> Result<()> {
    let fleet = Fleet::start(DOUBLES)?;
    let shard = |number: &str| -> Result<(Prometheus, Exporter)> {
        let exporter = Exporter::start(&fleet.listed(), &ACCOUNTS)?;
        let replace = [
            ("127.0.0.1:9945", exporter.address()),
            ("shard: \"0\"", &format!("shard: \"{number}\"")),
            ("regex: \"0\"", &format!("regex: \"{number}\"")),
        ];
        let configuration = configuration("sharded.yml", &replace)?;
        let rules = rules()?;
        // The only list of targets is that of the exporter.
        Ok((Prometheus::start(&configuration, &[], &[("rules.yml", &rules)])?, exporter))
    };
    let shards = [shard("0")?, shard("1")?];
    let mut seen = BTreeSet::new();
    let mut counts = Vec::new();
    for (prometheus, _) in &shards {
        // All that it has: none is without an answer.
        let targets = prometheus.value("count(up{job=\"netsession\"})")?.unwrap_or_default();
        prometheus.wait_for("count(up{job=\"netsession\"})", |count| {
            count >= DOUBLES as f64 / 3.0 && count >= targets
        })?;
        prometheus.wait_for("count(up{job=\"netsession\"}) - count(netsession_up == 1)", |without| {
            without == 0.0
        })?;
    }
    // Once the first scrapes are through, no share grows any more.
    for (prometheus, _) in &shards {
        prometheus
            .wait_for("scalar(count(netsession_up)) - scalar(count(netsession_up offset 31s))", |grown| {
                grown == 0.0
            })?;
        // Its alerts know its own exporter.
        prometheus.wait_for(r#"up{job="netsession-exporter"}"#, |value| value == 1.0)?;
        prometheus.wait_for("job:netsession_up:avg", |value| value == 1.0)?;
        let instances = prometheus.query("netsession_up == 1")?;
        counts.push(instances.len());
        for (labels, _) in instances {
            let instance = labels.get("instance").cloned().unwrap_or_default();
            ensure!(seen.insert(instance.clone()), "{instance} is scraped by both");
        }
    }
    ensure!(seen.len() == DOUBLES, "{counts:?}");
    ensure!(counts.iter().all(|count| *count > DOUBLES / 3), "no fair shares: {counts:?}");
    Ok(())
}
