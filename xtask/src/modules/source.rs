//! The modules of a crate, from its files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::{Attribute, Expr, ExprLit, Item, Lit, Meta};

use super::module::{self, Module};

/// A target of cargo: its modules, the root first.
#[derive(Debug, Default)]
pub(super) struct Crate {
    pub(super) modules: Vec<Module>,
}

/// Where the files of a module's children are.
struct Place {
    /// Of the file, for `#[path]`.
    folder: PathBuf,
    /// Of the children that have no `#[path]`.
    children: PathBuf,
}

impl Crate {
    /// Reads a root file and every file that it declares.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        let mut found = Self::default();
        let file = parse(root)?;
        found.add("crate", None, file.items, &Place { folder: folder.clone(), children: folder })?;
        Ok(found)
    }

    /// One that lies in braces, for tests of the check itself.
    #[cfg(test)]
    pub(super) fn from_text(text: &str) -> Self {
        let mut found = Self::default();
        let place = Place { folder: PathBuf::new(), children: PathBuf::new() };
        found.add("crate", None, syn::parse_file(text).unwrap().items, &place).unwrap();
        found
    }

    fn add(&mut self, name: &str, parent: Option<usize>, items: Vec<Item>, place: &Place) -> Result<usize> {
        let id = self.modules.len();
        self.modules.push(Module { name: name.to_owned(), parent, ..Module::default() });
        for item in items {
            let Item::Mod(module) = item else {
                module::collect(&item, &mut self.modules[id]);
                continue;
            };
            if module::is_test(&module.attrs) {
                continue;
            }
            let name = module.ident.to_string();
            let children = place.children.join(&name);
            let child = if let Some((_, items)) = module.content {
                let place = Place { folder: children.clone(), children };
                self.add(&name, Some(id), items, &place)?
            } else {
                let (path, children) = file_of(&name, &module.attrs, place);
                let file = parse(&path).with_context(|| path.display().to_string())?;
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                self.add(&name, Some(id), file.items, &Place { folder, children })?
            };
            self.modules[id].children.insert(name, child);
        }
        Ok(id)
    }

    /// From the root down to the module, both included.
    pub(super) fn line(&self, module: usize) -> Vec<usize> {
        let mut line: Vec<usize> =
            std::iter::successors(Some(module), |id| self.modules[*id].parent).collect();
        line.reverse();
        line
    }

    /// `crate::client::channel`
    pub(super) fn path(&self, module: usize) -> String {
        self.line(module).iter().map(|id| self.modules[*id].name.as_str()).collect::<Vec<_>>().join("::")
    }
}

fn parse(path: &Path) -> Result<syn::File> {
    Ok(syn::parse_file(&fs::read_to_string(path)?)?)
}

/// `NAME.rs` or `NAME/mod.rs`, or what `#[path]` says, and the folder of its own children.
fn file_of(name: &str, attributes: &[Attribute], place: &Place) -> (PathBuf, PathBuf) {
    let path = attributes.iter().find(|attribute| attribute.path().is_ident("path"));
    if let Some(Meta::NameValue(pair)) = path.map(|attribute| &attribute.meta)
        && let Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) = &pair.value
    {
        let path = place.folder.join(path.value());
        let children = path.parent().unwrap_or(Path::new("")).to_owned();
        return (path, children);
    }
    let children = place.children.join(name);
    let file = place.children.join(format!("{name}.rs"));
    (if file.exists() { file } else { children.join("mod.rs") }, children)
}
