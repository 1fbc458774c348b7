//! The servers that are asked, and the objects that a command prints.

use std::process::Output;

use netsession_testserver::scenario::{Access, LevelNumber, shipped};
use netsession_testserver::{Scenario, Server, ServerHandle};
use serde_json::Value;

use crate::support::{stderr, stdout};

pub(super) fn windows() -> Scenario {
    shipped("windows").unwrap()
}

/// A server that shows as little as there is: level 0, and of files the ids alone.
pub(super) fn least() -> Scenario {
    let mut least = windows();
    least.session_enum.levels = [(LevelNumber::L0, Access::Anyone)].into();
    least.files.levels = vec![2];
    least
}

pub(super) fn start(scenario: Scenario) -> (String, ServerHandle) {
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

/// What is printed: the elements of an array, or a line each.
pub(super) fn objects(output: &Output) -> Vec<Value> {
    let text = stdout(output);
    let objects: Vec<Value> = if text.starts_with('[') {
        serde_json::from_str(&text).unwrap()
    } else {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert!(!objects.is_empty(), "no object: {}", stderr(output));
    objects
}
