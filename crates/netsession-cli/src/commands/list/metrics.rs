//! `-f prometheus`: the metrics of the exporter, for servers that are asked once.

use anyhow::Result;
use netsession::Level;
use netsession_exporter::{Settings, Textfile};

use super::row::SessionRow;
use crate::config;
use crate::output::ServerRows;

/// With the limits and labels of `[exporter]` in the user's configuration.
pub(super) fn render(servers: &[ServerRows<SessionRow>]) -> Result<Vec<u8>> {
    let exporter = config::load()?.exporter;
    let mut settings = Settings::default();
    settings.idle_limits = exporter.idle_limits.unwrap_or(settings.idle_limits);
    settings.connected_limits = exporter.connected_limits.unwrap_or(settings.connected_limits);
    settings.user_labels = exporter.user_labels.unwrap_or_default();
    settings.client_labels = exporter.client_labels.unwrap_or_default();
    let mut file = Textfile::new(settings);
    for ServerRows { server, result } in servers {
        match result {
            Ok(rows) => {
                let level = rows.level.unwrap_or(Level::L0);
                let sessions = rows.rows.iter().map(|row| &row.session);
                file.add(server, level, rows.own_sessions, rows.timings, sessions);
            }
            Err(error) => file.add_error(server, error.kind(), error.timings()),
        }
    }
    Ok(file.render())
}
