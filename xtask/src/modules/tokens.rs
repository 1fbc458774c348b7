//! Paths in what is no syntax tree yet: the arguments of macros and attributes.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::UseTree;

/// What tokens name.
#[derive(Default)]
pub(super) struct Found {
    /// Everything that looks like a path: `a::b`, and both of `a::{b, c}`.
    pub(super) paths: Vec<Vec<String>>,
    /// What each `use` brings in.
    pub(super) uses: Vec<UseTree>,
}

/// The name of another crate's root, which no module has: `::a` and `<T>::a` are not a name of this module.
const ELSEWHERE: &str = "::";

/// With `has_paths_in_strings`, strings that are paths are read too, as in `#[serde(with = "a::b")]`.
pub(super) fn paths_in(tokens: TokenStream, has_paths_in_strings: bool) -> Found {
    let mut found = Found::default();
    read(tokens, &[], has_paths_in_strings, &mut found);
    found
}

/// Reads tokens in which every path continues `before`.
fn read(tokens: TokenStream, before: &[String], has_paths_in_strings: bool, found: &mut Found) {
    let begun = || (before.to_vec(), if before.is_empty() { 0 } else { 2 });
    let (mut path, mut colons) = begun();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Ident(word) if word == "use" => {
                found.paths.push(std::mem::take(&mut path));
                (path, colons) = begun();
                let end =
                    |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';');
                let imported: TokenStream = tokens.by_ref().take_while(|token| !end(token)).collect();
                match syn::parse2(without_dollars(imported.clone())) {
                    Ok(tree) => found.uses.push(tree),
                    Err(_) => read(imported, &[], has_paths_in_strings, found),
                }
            }
            TokenTree::Ident(word) => {
                // Three are a colon and a path that begins with two.
                if colons != 2 {
                    found.paths.push(std::mem::take(&mut path));
                }
                if colons > 1 && path.is_empty() {
                    path.push(ELSEWHERE.to_owned());
                }
                path.push(word.to_string());
                colons = 0;
            }
            TokenTree::Group(group) if colons == 2 && group.delimiter() == Delimiter::Brace => {
                read(group.stream(), &std::mem::take(&mut path), has_paths_in_strings, found);
                colons = 0;
            }
            other => {
                found.paths.push(std::mem::take(&mut path));
                (path, colons) = begun();
                match other {
                    TokenTree::Group(group) => read(group.stream(), &[], has_paths_in_strings, found),
                    TokenTree::Literal(text) if has_paths_in_strings => found.paths.extend(path_in(text)),
                    _ => {}
                }
            }
        }
    }
    found.paths.push(path);
}

/// The path that a string is, if it is one.
fn path_in(literal: proc_macro2::Literal) -> Option<Vec<String>> {
    let text = syn::parse2::<syn::LitStr>(TokenTree::from(literal).into()).ok()?;
    let path = text.parse_with(syn::Path::parse_mod_style).ok()?;
    let names = path.segments.iter().map(|segment| segment.ident.to_string());
    Some(path.leading_colon.map(|_| ELSEWHERE.to_owned()).into_iter().chain(names).collect())
}

/// `$crate` in the body of a macro is the crate.
fn without_dollars(tokens: TokenStream) -> TokenStream {
    let is_dollar = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '$');
    tokens.into_iter().filter(|token| !is_dollar(token)).collect()
}
