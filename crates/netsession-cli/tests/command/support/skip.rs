use std::io::Write as _;

/// Names the test of this thread as one that this machine cannot run. With NETSESSION_INTEROP_REQUIRED in the environment
/// that is a failure.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("NETSESSION_INTEROP_REQUIRED").is_none(), "{why}");
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    // Not by `eprintln!`, which a test that passes does not show.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}
