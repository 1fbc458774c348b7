//! A module: what it defines, what it imports, and every path in its code.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, Meta, UseTree, Visibility};

use super::tokens::paths_in;

/// A module, in a file of its own or in braces.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) name: String,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    /// Names that are defined here, without those of `use`.
    pub(super) items: BTreeSet<String>,
    /// What `use` brings in.
    pub(super) imports: Vec<Import>,
    /// Every other path in the code, as it is written.
    pub(super) paths: BTreeSet<Vec<String>>,
}

/// One name of a `use`.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// As it is called here; `None` is `*`.
    pub(super) name: Option<String>,
    /// It has a visibility of its own: others take it from here.
    pub(super) is_reexport: bool,
}

/// Adds what an item defines, imports and names to its module; one for tests alone adds nothing.
pub(super) fn collect(item: &Item, module: &mut Module) {
    if is_test(attributes(item)) {
        return;
    }
    if let Item::Use(item) = item {
        // A leading `::` is another crate.
        if item.leading_colon.is_none() {
            let is_reexport = !matches!(item.vis, Visibility::Inherited);
            flatten(&item.tree, &mut Vec::new(), is_reexport, &mut module.imports);
        }
        return;
    }
    module.items.extend(name(item).map(Ident::to_string));
    if let Item::Macro(item) = item {
        module.items.extend(defined_by(item.mac.tokens.clone()));
    }
    Paths(module).visit_item(item);
}

fn flatten(tree: &UseTree, before: &mut Vec<String>, is_reexport: bool, imports: &mut Vec<Import>) {
    let mut leaf = |path: Vec<String>, name| imports.push(Import { path, name, is_reexport });
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, is_reexport, imports);
            before.pop();
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| flatten(tree, before, is_reexport, imports));
        }
        UseTree::Glob(_) => leaf(before.clone(), None),
        // `use a::b::{self}` is `use a::b`.
        UseTree::Name(name) if name.ident == "self" => {
            leaf(with(before, &name.ident), before.last().cloned())
        }
        UseTree::Name(name) => leaf(with(before, &name.ident), Some(name.ident.to_string())),
        UseTree::Rename(rename) => leaf(with(before, &rename.ident), Some(rename.rename.to_string())),
    }
}

fn with(before: &[String], last: &Ident) -> Vec<String> {
    before.iter().cloned().chain([last.to_string()]).collect()
}

struct Paths<'a>(&'a mut Module);

impl Visit<'_> for Paths<'_> {
    fn visit_path(&mut self, path: &syn::Path) {
        if path.leading_colon.is_none() {
            self.0.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_impl_item_fn(&mut self, method: &syn::ImplItemFn) {
        if !is_test(&method.attrs) {
            visit::visit_impl_item_fn(self, method);
        }
    }

    /// A `use` within a function.
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        if item.leading_colon.is_none() {
            flatten(&item.tree, &mut Vec::new(), false, &mut self.0.imports);
        }
    }

    /// The arguments of a macro are no syntax yet.
    fn visit_macro(&mut self, called: &syn::Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone(), false);
    }

    /// Nor are those of an attribute: `value_parser = duration::parse` names a function that is called.
    fn visit_meta_list(&mut self, list: &syn::MetaList) {
        self.visit_path(&list.path);
        self.tokens(list.tokens.clone(), list.path.is_ident("serde"));
    }
}

impl Paths<'_> {
    fn tokens(&mut self, tokens: TokenStream, has_paths_in_strings: bool) {
        let found = paths_in(tokens, has_paths_in_strings);
        self.0.paths.extend(found.paths);
        for tree in &found.uses {
            flatten(tree, &mut Vec::new(), false, &mut self.0.imports);
        }
    }
}

fn name(item: &Item) -> Option<&Ident> {
    Some(match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    })
}

/// What a macro that is called among the items most likely defines: a name behind the word for its kind, and one that is alone
/// before a semicolon, as in `code_table! { NtStatus; … }`.
fn defined_by(tokens: TokenStream) -> Vec<String> {
    const KINDS: [&str; 8] = ["const", "enum", "fn", "static", "struct", "trait", "type", "union"];
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut names = Vec::new();
    for pair in tokens.windows(2) {
        match pair {
            [TokenTree::Ident(kind), TokenTree::Ident(name)] if KINDS.iter().any(|known| kind == known) => {
                names.push(name.to_string());
            }
            _ => {}
        }
    }
    if let [TokenTree::Ident(name), TokenTree::Punct(end), ..] = tokens.as_slice()
        && end.as_char() == ';'
    {
        names.push(name.to_string());
    }
    names
}

/// Of the items that `#[cfg(test)]` stands on.
fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether `#[cfg(test)]` is among the attributes, also as `all(test, …)`.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    let words = |stream: TokenStream| stream.into_iter().any(|token| is_word_test(&token));
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        let within_all = list.tokens.to_string().starts_with("all");
        list.tokens.clone().into_iter().any(|token| match token {
            TokenTree::Group(group) => within_all && words(group.stream()),
            token => is_word_test(&token),
        })
    })
}

fn is_word_test(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if word == "test")
}
