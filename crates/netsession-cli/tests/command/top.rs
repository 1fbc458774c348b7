//! `netsession top` without a terminal. With one it is tested through tmux, in `interop/tests/double/top.rs`.

use crate::support::{netsession, stderr};

#[test]
fn without_a_terminal_it_points_to_watch() {
    for arguments in [&["top", "fs1"][..], &["top", "-U", "admin", "--read-only", "fs1"]] {
        let output = netsession(arguments).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), [].as_slice()));
        let said = stderr(&output);
        assert!(said.contains("stdout is none") && said.contains("netsession watch"), "{said}");
    }
}

#[cfg(feature = "demo")]
#[test]
fn neither_does_the_demo() {
    let output = netsession(&["demo", "--top"]).output().unwrap();
    assert!(stderr(&output).contains("netsession watch"));
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), [].as_slice()));
}

#[test]
fn arguments_are_checked() {
    for arguments in
        [&["top", "--interval", "0", "fs1"][..], &["top", "-f", "json", "fs1"], &["top", "--yes", "fs1"]]
    {
        assert_eq!(netsession(arguments).output().unwrap().status.code(), Some(2), "{arguments:?}");
    }
}
