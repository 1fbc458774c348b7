use super::source::Crate;
use super::{cycles, graph};

fn cycles_of(text: &str) -> Vec<String> {
    let source = Crate::from_text(text);
    cycles::find(&source, &graph::imports(&source))
}

/// The first line of the only cycle.
fn cycle_of(text: &str) -> String {
    let cycles = cycles_of(text);
    assert_eq!(cycles.len(), 1, "{cycles:?}");
    cycles[0].lines().next().unwrap().to_owned()
}

#[test]
fn siblings_that_import_each_other_are_a_cycle() {
    let text = "mod a { use super::b::B; pub struct A; } mod b { use crate::a::A; pub struct B; }";
    assert_eq!(cycle_of(text), "in crate: a, b");
}

#[test]
fn cycle_through_a_third_module_is_found() {
    let text = "mod a { fn f() { super::b::g() } }
        mod b { pub fn g() { vec![crate::c::h()]; } }
        mod c { pub fn h(_: super::a::A) {} }
        mod d { use super::a; }";
    assert!(cycles_of(text).is_empty(), "there is no a::A");
    assert_eq!(cycle_of(&text.replace("mod a {", "mod a { pub struct A;")), "in crate: a, b, c");
}

#[test]
fn re_exported_item_counts_where_it_is_defined() {
    let text = "pub use a::A; mod a { use super::b::B; pub struct A; } mod b { use super::A; pub struct B; }";
    assert_eq!(cycle_of(text), "in crate: a, b");
}

#[test]
fn module_may_re_export_children_that_import_its_items() {
    let text = "pub use a::A; pub struct Own; mod a { use super::Own; pub struct A; }";
    assert!(cycles_of(text).is_empty());
}

#[test]
fn module_must_not_use_children_that_import_its_items() {
    let text = "pub use a::A; pub struct Own(A); mod a { use super::Own; pub struct A; }";
    assert_eq!(cycle_of(text), "in crate: its own code, a");
}

#[test]
fn folders_that_import_each_other_by_different_files_are_a_cycle() {
    let text =
        "mod a { mod one { pub struct X; } pub(crate) mod two { use crate::b::four::Y; } pub use one::X; }
        mod b { mod three { use crate::a::X; } pub(crate) mod four { pub struct Y; } }";
    assert_eq!(cycle_of(text), "in crate: a, b");
}

#[test]
fn tests_may_import_what_they_like() {
    let text = "mod a { #[cfg(test)] mod tests { use crate::b::B; } pub struct A; }
        mod b { use crate::a::A; pub struct B; impl A { #[cfg(test)] fn f(_: super::c::C) {} } }
        mod c { use crate::b::B; pub struct C; }";
    assert!(cycles_of(text).is_empty());
}
