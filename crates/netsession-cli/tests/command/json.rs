//! The schemas in `docs/schema` and the tables in `docs/json.md`, held against the output of every command.
//!
//! A new command needs a schema, a section in `docs/json.md` with the same name, and a line in [`COMMANDS`].
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

mod recorded;
mod servers;
mod watched;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

use netsession::ErrorKind;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use serde_json::Value;

use crate::support::recording::history;
use crate::support::{QUESTIONS, netsession, refusing_port, stdout};
use servers::{objects, start, windows};

/// Runs a command, and gives the objects that it prints.
type Objects = fn() -> Vec<Value>;

/// The name of each schema, and what is held against it.
const COMMANDS: &[(&str, Objects)] = &[
    ("list", list),
    ("files", files),
    ("shares", shares),
    ("time", time),
    ("info", info),
    ("close-file", close_file),
    ("close-session", close_session),
    ("watch-session", || watched::lines(SESSION_EVENTS)),
    ("watch-file", || watched::lines(FILE_EVENTS)),
    ("watch-server", || watched::lines(SERVER_EVENTS)),
    ("history-session", recorded::sessions),
    ("history-file", recorded::files),
    ("history-stats", recorded::stats),
    ("error", errors),
];

/// Each command whose help has JSON as a format, and what its objects are.
const FORMATS: &[(&str, &[&str])] = &[
    ("list", &["list"]),
    ("files", &["files"]),
    ("shares", &["shares"]),
    ("close file", &["close-file"]),
    ("close session", &["close-session"]),
    ("history", &["history-session", "history-file"]),
    ("history stats", &["history-stats"]),
    ("history export", &["history-session", "history-file"]),
    ("time", &["time"]),
    ("info", &["info"]),
    ("watch", &["watch-session", "watch-file", "watch-server"]),
];

const SESSION_EVENTS: &[&str] = &["connected", "disconnected", "idle", "active"];
const FILE_EVENTS: &[&str] = &["opened", "closed"];
const SERVER_EVENTS: &[&str] = &["unreachable", "reachable"];

/// Types that no server of the tests causes: a time after the year 9999 does not fit into what the call carries. Only
/// `list` and `files` look names up: the other commands have the key with its type, so that one reader reads all.
const NEVER_SEEN: &[(&str, &str, &str)] = &[
    ("time", "time", "null"),
    ("watch-session", "client_name", "string"),
    ("watch-file", "client_name", "string"),
    ("history-session", "client_name", "string"),
    ("history-file", "client_name", "string"),
];

#[test]
fn output_of_every_command_matches_its_schema() {
    for (name, objects) in COMMANDS {
        let objects = objects();
        let validator = jsonschema::validator_for(&strict(schema(name))).unwrap();
        for object in &objects {
            let faults: Vec<String> = validator.iter_errors(object).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{name}: {object}: {faults:?}");
        }
        every_type_is_seen(name, &schema(name), &objects.iter().collect::<Vec<_>>());
    }
}

/// Adds each command below this one whose help has JSON as a format.
fn add_commands_with_json(command: &[&str], found: &mut BTreeSet<String>) {
    let help = stdout(&netsession(&[command, &["--help"]].concat()).output().unwrap());
    if help.lines().any(|line| line.trim_start().starts_with("- json")) {
        found.insert(command.join(" "));
    }
    let commands =
        help.split_once("\nCommands:\n").map_or("", |(_, rest)| rest.split("\n\n").next().unwrap());
    for name in commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()) {
        if !["", "help"].contains(&name) {
            add_commands_with_json(&[command, &[name]].concat(), found);
        }
    }
}

#[test]
fn every_command_that_prints_json_has_its_schemas() {
    let mut found = BTreeSet::new();
    add_commands_with_json(&[], &mut found);
    assert_eq!(found, FORMATS.iter().map(|(command, _)| (*command).to_owned()).collect());
    let questions: BTreeSet<&str> =
        FORMATS.iter().filter(|(command, names)| *names == [*command]).map(|(command, _)| *command).collect();
    assert_eq!(questions, BTreeSet::from(QUESTIONS));
    let mut printed: BTreeSet<&str> = FORMATS.iter().flat_map(|(_, names)| *names).copied().collect();
    // Beside what each of them prints.
    printed.insert("error");
    assert_eq!(printed, COMMANDS.iter().map(|(name, _)| *name).collect());
}

#[test]
fn schemas_of_watch_have_every_event() {
    for (name, events) in
        [("watch-session", SESSION_EVENTS), ("watch-file", FILE_EVENTS), ("watch-server", SERVER_EVENTS)]
    {
        assert_eq!(schema(name)["properties"]["event"]["enum"], Value::from(events), "{name}");
        let seen: BTreeSet<_> = watched::lines(events).iter().map(|line| line["event"].to_string()).collect();
        assert_eq!(seen.len(), events.len(), "{name}: {seen:?}");
    }
}

/// A row of a watch or of a store has all keys of `list` or `files`, with a type that their readers know.
#[test]
fn keys_have_the_same_type_in_every_command() {
    for (of, names) in
        [("list", ["watch-session", "history-session"]), ("files", ["watch-file", "history-file"])]
    {
        for name in names {
            let (known, other) = (schema(of), schema(name));
            for (key, property) in known["properties"].as_object().unwrap() {
                let (known, other) = (types(property), types(&other["properties"][key]));
                assert!(!other.is_empty() && other.iter().all(|one| known.contains(one)), "{name}: {key}");
            }
        }
    }
}

#[test]
fn every_schema_has_a_command_and_a_table() {
    let folder = fs::read_dir(docs("schema")).unwrap();
    let files: BTreeSet<String> =
        folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, COMMANDS.iter().map(|(name, _)| format!("{name}.json")).collect());
    for (name, _) in COMMANDS {
        assert_eq!(keys(&schema(name)), keys_in_table(name), "{name} in docs/json.md");
    }
}

#[test]
fn schemas_are_valid_and_require_every_key() {
    for (name, _) in COMMANDS {
        let schema = schema(name);
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        let properties: BTreeSet<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(required(&schema).into_iter().collect::<BTreeSet<_>>(), properties, "{name}");
    }
}

#[test]
fn schema_has_every_kind_of_error() {
    let expected: Vec<&str> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    for name in ["error", "watch-server"] {
        let kinds = schema(name)["properties"]["error"]["properties"]["kind"]["enum"].clone();
        assert_eq!(kinds, Value::from(expected.clone()), "{name}");
    }
    for name in ["close-file", "close-session"] {
        let outcomes = schema(name)["properties"]["outcome"]["enum"].clone();
        assert!(expected.iter().all(|kind| outcomes.as_array().unwrap().contains(&(*kind).into())), "{name}");
    }
}

/// The keys in their order, in CSV as well.
#[test]
fn csv_has_the_keys_as_its_header() {
    let (fs1, _handle) = start(windows());
    for name in QUESTIONS {
        let csv = stdout(&run(&[name, "-f", "csv", &fs1]));
        assert_eq!(csv.lines().next().unwrap(), keys(&schema(name)).join(","), "{name}");
    }
    recorded::with_store(|store| {
        for (name, options) in [("history-session", &[][..]), ("history-file", &["--files"])] {
            for command in [&["-f", "csv"][..], &["export", "-f", "csv"]] {
                let csv = stdout(&history(store, &[command, options].concat()));
                assert_eq!(csv.lines().next().unwrap(), keys(&schema(name)).join(","), "{name}");
            }
        }
        // Nothing is found.
        assert_eq!(stdout(&history(store, &["-f", "json", "--user", "zoe"])), "[]\n");
    });
}

/// A program that reads JSON gets an array, also where nothing was found or every server failed.
#[test]
fn json_is_an_array_in_any_case() {
    let closed = refusing_port();
    let session = ["--client", "10.0.0.5", "--user", "alice", "--dry-run"];
    let mut commands: Vec<Vec<&str>> = QUESTIONS.map(|command| vec![command]).to_vec();
    commands.extend([vec!["close", "file", "--dry-run"], [&["close", "session"], &session[..]].concat()]);
    for command in &commands {
        let ids: &[&str] = if command.contains(&"file") { &["16"] } else { &[] };
        let output = run(&[&command[..], &["-f", "json", &closed], ids].concat());
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let json: Value = serde_json::from_str(&stdout(&output)).unwrap_or_default();
        assert_eq!(json, Value::Array(vec![]), "{command:?}: {output:?}");
    }
}

fn list() -> Vec<Value> {
    let (fs1, _handle) = start(windows());
    let levels = ["0", "1", "2", "10", "502", "auto"];
    let mut rows: Vec<Value> =
        levels.iter().flat_map(|level| both(&["list", "--resolve", "-l", level, &fs1])).collect();
    let (fs2, _handle) = start(shipped("samba").unwrap());
    rows.extend(both(&["list", "--resolve", &fs2]));
    rows
}

fn files() -> Vec<Value> {
    let (fs1, _handle) = start(windows());
    let mut only_ids = windows();
    only_ids.files.levels = vec![2];
    let (fs2, _other) = start(only_ids);
    let (fs3, _third) = start(from_loopback());
    [fs1, fs2, fs3].iter().flat_map(|server| both(&["files", "--resolve", server])).collect()
}

fn shares() -> Vec<Value> {
    let (fs1, _handle) = start(windows());
    let mut rows = both(&["shares", &fs1]);
    rows.extend(objects(&run_as(r"LAB\alice", "Wonderland1", &["shares", "-f", "jsonl", &fs1])));
    rows
}

fn time() -> Vec<Value> {
    let mut undefined = windows();
    // -1 on the wire, whose sign is the other one: no time zone.
    undefined.server.timezone_minutes = 1;
    let ((fs1, _one), (fs2, _two)) = (start(windows()), start(undefined));
    [fs1, fs2].iter().flat_map(|server| both(&["time", server])).collect()
}

fn info() -> Vec<Value> {
    let (fs1, _handle) = start(windows());
    both(&["info", &fs1])
}

fn close_file() -> Vec<Value> {
    let close = |scenario: Scenario, options: &[&str]| {
        let (fs1, _handle) = start(scenario);
        let formats = [["-f", "jsonl"], ["-f", "json"]];
        let run = |format: &[&str; 2]| objects(&run(&[&["close", "file", &fs1], options, format].concat()));
        formats.iter().flat_map(run).collect::<Vec<_>>()
    };
    let mut rows = close(windows(), &["16", "99", "--yes"]);
    rows.extend(close(windows(), &["16", "--yes", "--user", "bob"]));
    rows.extend(close(windows(), &["17", "--dry-run"]));
    rows.extend(close(cut_at(3), &["16", "--yes"]));
    rows
}

fn close_session() -> Vec<Value> {
    let alice = ["--client", "10.0.0.5", "--user", "alice"];
    let close = |scenario: Scenario, options: &[&str]| {
        let (fs1, _handle) = start(scenario);
        objects(&run(&[&["close", "session", &fs1, "-f", "jsonl"], options].concat()))
    };
    let mut rows = close(windows(), &[&alice[..], &["--yes"]].concat());
    rows.extend(close(windows(), &[&alice[..], &["--dry-run"]].concat()));
    rows.extend(close(windows(), &["--client", "10.9.9.9", "--user", "alice", "--yes"]));
    rows.extend(close(shipped("samba").unwrap(), &["--client", "127.0.0.1", "--user", "alice", "--yes"]));
    rows.extend(close(cut_at(3), &[&alice[..], &["--yes"]].concat()));
    rows
}

fn errors() -> Vec<Value> {
    let (fs1, _handle) = start(shipped("samba").unwrap());
    let closed = refusing_port();
    let mut lines = Vec::new();
    for command in QUESTIONS {
        lines.extend(objects(&run(&[command, "-f", "jsonl", &closed])));
    }
    lines.extend(objects(&run(&["close", "file", &closed, "16", "--yes", "-f", "jsonl"])));
    lines.extend(objects(&run_as(r"LAB\alice", "Wonderland1", &["list", "-f", "jsonl", &fs1])));
    lines
}

/// The client of each session has a name: in `--resolve`, no other address has one on every machine.
fn from_loopback() -> Scenario {
    let mut sessions = windows().sessions().to_vec();
    sessions.iter_mut().for_each(|session| session.client = "127.0.0.1".into());
    windows().with_sessions(sessions)
}

/// The connection is closed instead of the answer to the call after `skip` others.
fn cut_at(skip: u32) -> Scenario {
    windows().with_fault(Fault { skip, ..Fault::new(Step::Enumerate, FaultKind::Close) })
}

fn run(arguments: &[&str]) -> Output {
    run_as(r"LAB\admin", "Passw0rd!", arguments)
}

fn run_as(login: &str, password: &str, arguments: &[&str]) -> Output {
    let mut command = netsession(arguments);
    command.env("NETSESSION_LOGIN", login).env("NETSESSION_PASSWORD", password);
    command.output().unwrap()
}

/// The rows of `json`, and the same rows of `jsonl`.
fn both(arguments: &[&str]) -> Vec<Value> {
    ["json", "jsonl"]
        .iter()
        .flat_map(|format| objects(&run(&[arguments, &["-f", format]].concat())))
        .collect()
}

/// A schema that is wider than the program says nothing: each type of each key is in the output of some test.
fn every_type_is_seen(name: &str, schema: &Value, objects: &[&Value]) {
    for (key, property) in schema["properties"].as_object().unwrap() {
        let values: Vec<_> = objects.iter().map(|object| &object[key]).collect();
        for expected in types(property) {
            let is_seen = values.iter().any(|value| is_of(value, expected));
            let is_known = NEVER_SEEN.contains(&(name, key, expected));
            assert_ne!(is_seen, is_known, "{name}: {key} as {expected}");
        }
        if property["properties"].is_object() {
            let inner: Vec<_> = values.iter().filter(|value| value.is_object()).copied().collect();
            every_type_is_seen(name, property, &inner);
        }
        if property["items"]["properties"].is_object() {
            let inner: Vec<_> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
            every_type_is_seen(name, &property["items"], &inner);
        }
    }
}

fn types(property: &Value) -> Vec<&str> {
    match &property["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn is_of(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(_) => name == "integer" || name == "number",
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}

/// A key that the schema does not know is a fault in the tests; users may get one from a newer version.
fn strict(mut schema: Value) -> Value {
    for property in schema["properties"].as_object_mut().unwrap().values_mut() {
        for path in ["", "/items"] {
            if let Some(inner) = property.pointer_mut(path).filter(|inner| inner["properties"].is_object()) {
                *inner = strict(inner.take());
            }
        }
    }
    schema["additionalProperties"] = false.into();
    schema
}

/// As JSON has them; those of an object in an object as `error.kind`, those of objects in an array as `days[].day`.
fn keys(schema: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for key in required(schema) {
        let property = &schema["properties"][key];
        if property["properties"].is_object() {
            all.extend(required(property).iter().map(|inner| format!("{key}.{inner}")));
        } else {
            all.push(key.to_owned());
        }
        if property["items"]["properties"].is_object() {
            all.extend(required(&property["items"]).iter().map(|inner| format!("{key}[].{inner}")));
        }
    }
    all
}

fn required(schema: &Value) -> Vec<&str> {
    schema["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect()
}

/// The first column of the first table below the heading.
fn keys_in_table(name: &str) -> Vec<String> {
    let text = fs::read_to_string(docs("json.md")).unwrap();
    let (_, section) = text.split_once(&format!("\n## {name}\n")).unwrap();
    let rows =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| Some(row.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect()
}

fn schema(name: &str) -> Value {
    let text = fs::read_to_string(docs("schema").join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}
