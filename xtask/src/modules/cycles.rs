//! Modules that reach each other.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Imports;
use super::source::Crate;

/// The cycles between the children of each module; the module's own code is one of them.
///
/// Every cycle of files is one between the children of the deepest module that has them all, and so are two folders
/// that import each other by different files.
pub(super) fn find(source: &Crate, imports: &Imports) -> Vec<String> {
    (0..source.modules.len()).flat_map(|parent| below(source, parent, imports)).collect()
}

fn below(source: &Crate, parent: usize, imports: &Imports) -> Vec<String> {
    let mut edges = BTreeMap::<usize, BTreeSet<usize>>::new();
    let mut reasons = BTreeMap::<(usize, usize), BTreeSet<String>>::new();
    for ((from, to), items) in imports {
        let (Some(a), Some(b)) = (part(source, parent, *from), part(source, parent, *to)) else { continue };
        if a != b {
            edges.entry(a).or_default().insert(b);
            let item = |item| format!("{} of {} in {}", item, source.path(*to), source.path(*from));
            reasons.entry((a, b)).or_default().extend(items.iter().map(item));
        }
    }
    let reached: BTreeMap<usize, BTreeSet<usize>> =
        edges.keys().map(|from| (*from, reach(*from, &edges))).collect();
    let mutual =
        |a: usize, b: usize| reached[&a].contains(&b) && reached.get(&b).is_some_and(|set| set.contains(&a));
    let mut groups = BTreeSet::new();
    for from in edges.keys().filter(|from| mutual(**from, **from)) {
        groups.insert(reached[from].iter().copied().filter(|to| mutual(*from, *to)).collect::<BTreeSet<_>>());
    }
    groups.iter().map(|group| describe(source, parent, group, &reasons)).collect()
}

/// The child of `parent` that has this module in it, or `parent` for its own code.
fn part(source: &Crate, parent: usize, module: usize) -> Option<usize> {
    let line = source.line(module);
    let place = line.iter().position(|id| *id == parent)?;
    Some(line.get(place + 1).copied().unwrap_or(parent))
}

fn reach(from: usize, edges: &BTreeMap<usize, BTreeSet<usize>>) -> BTreeSet<usize> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(next) = open.pop() {
        open.extend(edges.get(&next).into_iter().flatten().filter(|to| reached.insert(**to)));
    }
    reached
}

fn describe(
    source: &Crate,
    parent: usize,
    group: &BTreeSet<usize>,
    reasons: &BTreeMap<(usize, usize), BTreeSet<String>>,
) -> String {
    let name = |id: usize| if id == parent { "its own code" } else { source.modules[id].name.as_str() };
    let names: Vec<&str> = group.iter().map(|id| name(*id)).collect();
    let mut text = format!("in {}: {}", source.path(parent), names.join(", "));
    for ((from, to), items) in reasons {
        if group.contains(from) && group.contains(to) {
            let items: Vec<&str> = items.iter().map(String::as_str).collect();
            text.push_str(&format!("\n    {} -> {}: {}", name(*from), name(*to), items.join(", ")));
        }
    }
    text
}
