//! Reads the imports of every file of `src/`: who names what, and in which file that stands.
//!
//! A name is followed through re-exports to the file that defines it, so that `use super::End` looks at `end.rs` and not at
//! the `mod.rs` that passes it on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A path of modules from the crate's root: `["provider", "alibaba"]`.
pub type Module = Vec<String>;

/// One name of something in another file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The file that names it, relative to `src/`.
    pub from: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The file that defines it.
    pub to: PathBuf,
    /// The path as it is written.
    pub path: String,
    /// Only the tests need it.
    pub test: bool,
}

/// A module: its file, what it declares and what it imports.
#[derive(Default)]
struct Scope {
    file: PathBuf,
    children: BTreeSet<String>,
    /// The names that `use` brings, and where from.
    names: BTreeMap<String, Module>,
}

/// A path that a file names, before it is resolved.
struct Named {
    scope: Module,
    path: Vec<String>,
    line: usize,
    test: bool,
}

/// All modules of the crate.
#[derive(Default)]
pub struct House {
    scopes: BTreeMap<Module, Scope>,
    named: Vec<Named>,
}

impl House {
    /// Reads the crate whose root is `lib.rs` in `src`.
    pub fn read(src: &Path) -> Self {
        let mut house = Self::default();
        house.file(src, &src.join("lib.rs"), &[]);
        house
    }

    /// The files that were read, relative to `src/`.
    pub fn files(&self) -> BTreeSet<&Path> {
        self.scopes.values().map(|scope| scope.file.as_path()).collect()
    }

    /// Every name of something in another file, in the order of files and lines.
    pub fn imports(&self) -> BTreeSet<Import> {
        let mut imports = BTreeSet::new();
        for named in &self.named {
            let Some(to) = self.resolve(&named.scope, &named.path, 0) else { continue };
            let (from, to) = (&self.scopes[&named.scope].file, &self.scopes[&to].file);
            if from != to {
                let path = named.path.join("::");
                imports.insert(Import { from: from.clone(), line: named.line, to: to.clone(), path, test: named.test });
            }
        }
        imports
    }

    fn file(&mut self, src: &Path, file: &Path, module: &[String]) {
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let relative = file.strip_prefix(src).unwrap().to_owned();
        self.module(src, &relative, module, &parsed.items, false);
    }

    fn module(&mut self, src: &Path, file: &Path, module: &[String], items: &[syn::Item], test: bool) {
        self.scopes.insert(module.to_vec(), Scope { file: file.to_owned(), ..Scope::default() });
        let mut reader = Reader { house: self, module: module.to_vec(), test };
        for item in items {
            reader.visit_item(item);
        }
        for item in items {
            let syn::Item::Mod(inner) = item else { continue };
            let name = inner.ident.to_string();
            self.scopes.get_mut(module).unwrap().children.insert(name.clone());
            let child = [module, std::slice::from_ref(&name)].concat();
            let test = test || is_test(&inner.attrs);
            match &inner.content {
                Some((_, items)) => self.module(src, file, &child, items, test),
                None => self.file_of(src, &child, test),
            }
        }
    }

    /// A module with a file of its own: `a/b.rs` or `a/b/mod.rs`.
    fn file_of(&mut self, src: &Path, module: &[String], test: bool) {
        let path = src.join(module.join("/"));
        let flat = path.with_extension("rs");
        let file = if flat.exists() { flat } else { path.join("mod.rs") };
        let before = self.named.len();
        self.file(src, &file, module);
        if test {
            self.named[before..].iter_mut().for_each(|named| named.test = true);
        }
    }

    /// The module that defines what `path` names in `scope`; nothing where the name is not of this crate.
    fn resolve(&self, scope: &[String], path: &[String], depth: usize) -> Option<Module> {
        let (mut here, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (scope.to_vec(), &path[1..]),
            "super" => (scope.split_last()?.1.to_vec(), &path[1..]),
            first => {
                let known = self.scopes.get(scope)?;
                let of_crate = known.children.contains(first) || known.names.contains_key(first);
                (of_crate.then(|| scope.to_vec())?, path)
            }
        };
        while rest.first().is_some_and(|step| step == "super") {
            here.pop()?;
            rest = &rest[1..];
        }
        while let Some((step, more)) = rest.split_first() {
            let known = self.scopes.get(&here)?;
            if let Some(target) = known.names.get(step).filter(|_| depth < 16) {
                let whole = [target.as_slice(), more].concat();
                // An import of something from outside the crate ends here.
                return self.resolve(&here, &whole, depth + 1);
            }
            if !known.children.contains(step) {
                break;
            }
            here.push(step.clone());
            rest = more;
        }
        Some(here)
    }
}

/// Walks one module's items; inner modules are left to [`House::module`].
struct Reader<'a> {
    house: &'a mut House,
    module: Module,
    test: bool,
}

impl Reader<'_> {
    fn named(&mut self, path: Vec<String>, span: Span) {
        let line = span.start().line;
        self.house.named.push(Named { scope: self.module.clone(), path, line, test: self.test });
    }

    fn tree(&mut self, tree: &syn::UseTree, mut before: Module) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before.clone())),
            syn::UseTree::Glob(glob) => self.named(before, glob.star_token.spans[0]),
            syn::UseTree::Name(name) => self.leaf(before, &name.ident, &name.ident),
            syn::UseTree::Rename(rename) => self.leaf(before, &rename.ident, &rename.rename),
        }
    }

    fn leaf(&mut self, mut path: Module, name: &syn::Ident, known_as: &syn::Ident) {
        let known_as = if name == "self" { path.last().cloned().unwrap_or_default() } else { known_as.to_string() };
        if name != "self" {
            path.push(name.to_string());
        }
        let ours = matches!(path.first().map(String::as_str), Some("crate" | "self" | "super"));
        if ours || path.len() > 1 {
            self.house.scopes.get_mut(&self.module).unwrap().names.insert(known_as, path.clone());
        }
        self.named(path, name.span());
    }

    /// Paths among the tokens of a macro call.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut colons, mut start) = (0, Span::call_site());
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.path_of_tokens(&mut path, start);
                        start = ident.span();
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.path_of_tokens(&mut path, start);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.path_of_tokens(&mut path, start);
    }

    fn path_of_tokens(&mut self, path: &mut Vec<String>, start: Span) {
        if path.len() > 1 {
            self.named(std::mem::take(path), start);
        }
        path.clear();
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

    /// `pub(in path)` says who may look in, not what this file looks at.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let before = self.test;
        self.test |= is_test(&item.attrs);
        self.tree(&item.tree, Vec::new());
        self.test = before;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let before = self.test;
        self.test |= is_test(&item.attrs);
        visit::visit_item_fn(self, item);
        self.test = before;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.named(names, path.segments[0].ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

/// Whether `#[cfg(test)]` or `#[test]` stands at it.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list().map(|list| list.tokens.to_string());
        attribute.path().is_ident("test") || attribute.path().is_ident("cfg") && list.is_ok_and(|text| text == "test")
    })
}
