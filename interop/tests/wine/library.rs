//! The library's own tests, built for Windows: what cannot be seen from outside of a process.

use anyhow::{Context, Result, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_interop::wine;

use crate::support::prefix;

/// Tests of this name need the double: they must be there, and have run.
const OF_THE_DOUBLE: [&str; 12] = [
    "a_panic_frees_the_buffer",
    "what_is_read_outlives_the_buffer",
    "the_deadline_ends_the_wait_and_not_the_clean_up",
    "an_abandoned_question_asks_for_no_further_page",
    "limits_are_those_of_the_builder",
    "a_client_can_be_asked_again_and_tells_what_it_knows",
    "the_level_is_remembered_until_the_server_refuses_it",
    "connections_are_copied_page_by_page",
    "a_name_with_a_nul_is_not_cut",
    "on_tokio::the_runtime_goes_on_during_the_call_and_ends_without_it",
    "on_tokio::a_dropped_question_asks_for_no_further_page",
    "on_tokio::both_apis_list_the_same",
];

pub(crate) fn add(suite: &mut Suite) {
    if wine::library_tests().is_some() {
        suite.test(&[Need::Wine], "library::its_own_tests", its_own_tests);
    }
}

fn its_own_tests() -> Result<()> {
    let tests = wine::library_tests().context("not built")?;
    let outcome = wine::run_library_tests(&*prefix()?, &tests)?;
    let text = String::from_utf8_lossy(&outcome.stdout);
    for name in OF_THE_DOUBLE {
        let passed = format!("backend::windows::tests::{name} ... ok");
        ensure!(text.contains(&passed), "no {passed:?} in {text}");
    }
    ensure!(text.contains("test result: ok. ") && text.contains(" 0 ignored;"), "{text}");
    Ok(())
}
