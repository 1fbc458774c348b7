//! Which module imports what from which.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Crate;

/// From one module to another, with the names of the items.
pub(super) type Imports = BTreeMap<(usize, usize), BTreeSet<String>>;

/// Where a path ends: the module that defines the item, and its name; none where the module itself is meant.
type Found = (usize, Option<String>);

/// Re-exports that are followed from one to the next.
const DEPTH: usize = 16;

pub(super) fn imports(source: &Crate) -> Imports {
    let mut edges = Imports::new();
    for (from, module) in source.modules.iter().enumerate() {
        let mut add = |(to, item): Found| {
            if to != from {
                edges.entry((from, to)).or_default().insert(item.unwrap_or_else(|| "*".to_owned()));
            }
        };
        for import in &module.imports {
            let Some(found) = source.find(from, &import.path, DEPTH) else { continue };
            let is_below = source.line(found.0).contains(&from);
            match (&import.name, &found.1) {
                // A module hands on what its children define.
                _ if import.is_reexport && is_below => {}
                // A module by itself says nothing yet; what is taken from it does.
                (Some(_), None) => {}
                _ => add(found),
            }
        }
        let paths = module.paths.iter().filter(|path| !path.is_empty());
        paths
            .filter_map(|path| source.find(from, path, DEPTH))
            .filter(|found| found.1.is_some())
            .for_each(add);
    }
    edges
}

impl Crate {
    /// Follows a path as it is written in a module; none where it leads to another crate or to a local name.
    fn find(&self, from: usize, path: &[String], depth: usize) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        let at = &self.modules[from];
        match first.as_str() {
            "crate" => self.descend(0, rest, depth),
            "self" => self.descend(from, rest, depth),
            "super" => self.descend(at.parent?, rest, depth),
            _ => self.descend(from, path, depth),
        }
    }

    /// Follows a path through children, definitions and re-exports.
    fn descend(&self, from: usize, path: &[String], depth: usize) -> Option<Found> {
        let depth = depth.checked_sub(1)?;
        let at = &self.modules[from];
        let Some((first, rest)) = path.split_first() else { return Some((from, None)) };
        if first == "super" {
            return self.descend(at.parent?, rest, depth);
        }
        if let Some(child) = at.children.get(first) {
            return self.descend(*child, rest, depth);
        }
        if at.items.contains(first) {
            return Some((from, Some(first.clone())));
        }
        let named = at.imports.iter().filter(|import| import.name.as_ref() == Some(first));
        let globs = at.imports.iter().filter(|import| import.name.is_none());
        named.chain(globs).find_map(|import| {
            let glob = import.name.is_none().then(|| first.clone());
            let path: Vec<String> = import.path.iter().chain(&glob).chain(rest).cloned().collect();
            // Where a glob leads is not looked for by globs: most of them name other crates, and with two of
            // them each step would be two, for ever.
            if import.name.is_none() && !self.starts_here(from, &path) {
                return None;
            }
            // A `use` that names another crate's module like one of its own would lead back here for ever.
            self.find(from, &path, depth)
        })
    }

    /// Whether the first name of a path is one of this module's own, and not of a glob or of another crate.
    fn starts_here(&self, module: usize, path: &[String]) -> bool {
        let Some(first) = path.first() else { return false };
        let at = &self.modules[module];
        matches!(first.as_str(), "crate" | "self" | "super")
            || at.children.contains_key(first)
            || at.imports.iter().any(|import| import.name.as_ref() == Some(first))
    }
}
