//! Which module imports what from which.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Crate;

/// From one module to another, with the names of the items.
pub(super) type Imports = BTreeMap<(usize, usize), BTreeSet<String>>;

/// Where a path ends: the module that defines the item, and its name; none where the module itself is meant.
type Found = (usize, Option<String>);

/// Names that are being looked up, each in a module.
type Open = BTreeSet<(usize, String)>;

pub(super) fn imports(source: &Crate) -> Imports {
    let mut edges = Imports::new();
    for (from, module) in source.modules.iter().enumerate() {
        let mut add = |(to, item): Found| {
            if to != from {
                edges.entry((from, to)).or_default().insert(item.unwrap_or_else(|| "*".to_owned()));
            }
        };
        for import in &module.imports {
            // Of a module and a function of one name the code below says which is used.
            let found = source.find(from, &import.path, !import.is_reexport, &mut Open::new());
            let Some(found) = found else { continue };
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
            .filter_map(|path| source.find(from, path, false, &mut Open::new()))
            .filter(|found| found.1.is_some())
            .for_each(add);
    }
    edges
}

impl Crate {
    /// Follows a path as it is written in a module; none where it leads to another crate or to a local name. More may
    /// follow behind its end.
    fn find(&self, from: usize, path: &[String], more_follows: bool, open: &mut Open) -> Option<Found> {
        let mut at = from;
        let mut names = path.iter().enumerate().peekable();
        while let Some((place, name)) = names.next() {
            at = match name.as_str() {
                "crate" if place == 0 => 0,
                // Also at the end: `a::{self, b}`.
                "self" => at,
                "super" => self.modules[at].parent?,
                _ => match self.look_up(at, name, more_follows || names.peek().is_some(), open)? {
                    (module, None) => module,
                    // What follows is a variant or a method.
                    item => return Some(item),
                },
            };
        }
        Some((at, None))
    }

    /// What a name is in a module: a child, a definition, or what an import brings in. A module and a function may have
    /// the same name: the module is meant where more follows.
    fn look_up(&self, module: usize, name: &str, more_follows: bool, open: &mut Open) -> Option<Found> {
        let at = &self.modules[module];
        let child = at.children.get(name).map(|child| (*child, None));
        let item = at.items.contains(name).then(|| (module, Some(name.to_owned())));
        let mut found: Vec<Found> = child.into_iter().chain(item).collect();
        let key = (module, name.to_owned());
        // No import is found by itself: `use a::b as a` begins with another crate, and so does a glob whose first name
        // comes from globs alone.
        if open.insert(key.clone()) {
            self.imported(module, name, more_follows, open, &mut found);
            open.remove(&key);
        }
        let meant = found.iter().position(|(_, item)| item.is_none() == more_follows).unwrap_or(0);
        (!found.is_empty()).then(|| found.swap_remove(meant))
    }

    /// What the imports of a module bring in under a name.
    fn imported(
        &self,
        module: usize,
        name: &str,
        more_follows: bool,
        open: &mut Open,
        found: &mut Vec<Found>,
    ) {
        let (globs, named): (Vec<_>, Vec<_>) =
            self.modules[module].imports.iter().partition(|import| import.name.is_none());
        for import in named.iter().filter(|import| import.name.as_deref() == Some(name)) {
            found.extend(self.find(module, &import.path, more_follows, open));
        }
        for import in globs {
            // The variants of an enum are none of its module's names.
            if let Some((from, None)) = self.find(module, &import.path, true, open) {
                found.extend(self.look_up(from, name, more_follows, open));
            }
        }
    }
}
