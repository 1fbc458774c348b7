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
fn item_that_a_macro_defines_counts_as_its_own() {
    for definition in ["m! { pub struct A; }", "m! { A; X = 1, \"x\" }"] {
        let text =
            format!("mod a {{ {definition} use super::b::B; }} mod b {{ use super::a::A; pub struct B; }}");
        assert_eq!(cycle_of(&text), "in crate: a, b", "{definition}");
    }
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

#[test]
fn attribute_imports_what_its_arguments_name() {
    let text = "mod a { use crate::b; struct A { #[arg(value_parser = b::parse)] a: u8 } pub fn f() {} }
        mod b { pub fn parse() { crate::a::f() } }";
    assert_eq!(cycle_of(text), "in crate: a, b");
    let nested = text.replace("b::parse)", "format!(\"{}\", b::parse()))");
    assert_eq!(cycle_of(&nested), "in crate: a, b");
    let on_item = text.replace("struct A", "#[command(about = b::parse)] struct A").replacen(
        "#[arg(value_parser = b::parse)]",
        "",
        1,
    );
    assert_eq!(cycle_of(&on_item), "in crate: a, b");
}

#[test]
fn strings_of_serde_are_paths() {
    let text = "mod a { use crate::b::B; #[serde(deserialize_with = \"B::parse\")] struct S; }
        mod b { pub struct B; }";
    assert!(cycles_of(text).is_empty());
    let module = "mod a { use crate::b; struct A { #[serde(default, with = \"b::c\")] a: u8 } pub fn f() {} }
        mod b { pub mod c { fn g() { crate::a::f() } } pub fn c() {} }";
    assert_eq!(cycle_of(module), "in crate: a, b");
    assert!(cycles_of(&module.replace("serde", "doc")).is_empty(), "a text");
}

#[test]
fn group_of_paths_in_a_macro_names_each_of_them() {
    for named in [
        "crate::b::{c, B}",
        "crate::{b::{self, B}, c}",
        "use crate::b::{self as other}; other::B",
        "$crate::b::B",
    ] {
        let text = format!(
            "mod a {{ fn f() {{ take!({{ {named} }}) }} pub struct A; }} mod b {{ use crate::a::A; pub struct B; }}"
        );
        assert_eq!(cycle_of(&text), "in crate: a, b", "{named}");
    }
}

#[test]
fn path_of_another_crate_in_a_macro_is_no_import() {
    for named in ["::b::B", "<A>::B", "S { field: ::b::B }", "use ::b::B;"] {
        let text = format!(
            "mod a {{ use crate::b; fn f() {{ take!({named}) }} pub struct A; }} mod b {{ use crate::a::A; pub struct B; }}"
        );
        assert!(cycles_of(&text).is_empty(), "{named}");
    }
}

#[test]
fn module_and_function_of_the_same_name_are_told_apart() {
    // A definition, and a module that is imported.
    let text = "mod a { use crate::{b, c}; pub fn b() { b::f() } pub fn g() {} }
        mod b { pub fn f() { crate::a::g() } } mod c {}";
    assert_eq!(cycle_of(text), "in crate: a, b");
    // Both at once, of which one is used.
    let text = "mod a { mod b { pub fn g() {} } pub fn b() {} mod c { use super::b; fn f() { b::g() } pub fn h() {} }
        fn f() { c::h() } }";
    assert!(cycles_of(text).is_empty());
    assert_eq!(cycle_of(&text.replace("b::g()", "b()")), "in crate::a: its own code, c");
    // A function that is re-exported from its module.
    let text = "mod a { mod f { pub fn f() { crate::b::g() } } pub use f::f; } mod b { pub fn g() { super::a::f() } }";
    assert_eq!(cycle_of(text), "in crate: a, b");
}

#[test]
fn import_is_followed_however_long_the_way_is() {
    let modules =
        (0..40).fold("pub struct A;".to_owned(), |inner, _| format!("pub mod m {{ {inner} }} pub use m::A;"));
    let path = vec!["m"; 40].join("::");
    for path in [&*path, "A"] {
        let path = if path == "A" { "A".to_owned() } else { format!("{path}::A") };
        let text =
            format!("mod a {{ {modules} use crate::b::B; }} mod b {{ use crate::a::{path}; pub struct B; }}");
        assert_eq!(cycle_of(&text), "in crate: a, b", "{path}");
    }
}

#[test]
fn import_of_another_crate_leads_nowhere() {
    let text = "mod a { use anyhow::anyhow; use tokio; use tokio::*; use clap::*; use super::b::*; fn f() { anyhow!(tokio::f()) } }
        mod b { pub use super::a::*; use super::other; fn f() { nothing::of(); other::f() } }";
    assert_eq!(cycle_of(text), "in crate: a, b", "by their globs");
    assert!(cycles_of(&text.replace("use super::b::*;", "")).is_empty());
}
