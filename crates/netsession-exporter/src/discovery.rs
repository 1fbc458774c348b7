//! `/targets`: the servers of the configuration, for Prometheus to scrape.

use netsession::ServerName;
use serde_json::json;

/// A list in the format of Prometheus' HTTP service discovery: one group with all targets, or no group.
///
/// Each target is the value of the parameter of `/probe`. A relabelling makes it that, and the address of the exporter
/// the one to scrape.
pub(crate) fn render(names: impl Iterator<Item = ServerName>) -> Vec<u8> {
    let targets: Vec<_> = names.map(|name| name.to_string()).collect();
    let groups = if targets.is_empty() { json!([]) } else { json!([{ "targets": targets, "labels": {} }]) };
    groups.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_group_with_all_targets() {
        let rendered = |names: &[&str]| {
            String::from_utf8(render(names.iter().map(|name| name.parse().unwrap()))).unwrap()
        };
        assert_eq!(rendered(&[]), "[]");
        assert_eq!(
            rendered(&["fs1", "[fe80::1]:4455", "a\u{202e}"]),
            "[{\"labels\":{},\"targets\":[\"fs1\",\"[fe80::1]:4455\",\"a\u{202e}\"]}]"
        );
    }
}
