//! The files that a file of a daemon includes: read where they are there and nobody else can read them.

use std::cell::Cell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::agreement::parse::{self, Followed};
use crate::system::private;

/// The most files that all includes of one file may name.
const MOST: usize = 256;

/// Reads included files, seen from a file.
pub(super) struct Included<'f> {
    file: &'f Path,
    left: Cell<usize>,
}

impl<'f> Included<'f> {
    pub(super) const fn of(file: &'f Path) -> Self {
        Self { file, left: Cell::new(MOST) }
    }

    /// The files that a pattern names, seen from an including file (empty: the file itself); `None`: there are too many.
    pub(super) fn follow(&self, including: &str, pattern: &str) -> Option<Followed> {
        let base = if including.is_empty() { self.file } else { Path::new(including) };
        let path = base.parent().unwrap_or_else(|| Path::new("")).join(pattern);
        let mut followed = Followed::default();
        let found = matching(&path);
        // A folder that is there and holds no such file holds nothing that counts.
        let is_known = pattern.contains(['*', '?']) && path.parent().is_some_and(|folder| folder.read_dir().is_ok());
        if found.is_empty() && !is_known {
            followed.notes.push(format!("{pattern} includes no file that is there"));
        }
        for path in found {
            self.left.set(self.left.get().checked_sub(1)?);
            match read(&path) {
                Ok(text) => followed.files.push((path.display().to_string(), text)),
                Err(cause) => followed.notes.push(format!("an included file is not read: {cause}")),
            }
        }
        Some(followed)
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, String> {
    let limit = usize::try_from(parse::LIMIT).unwrap_or(usize::MAX);
    let bytes = private::read_bytes(path, limit).map_err(|error| {
        let next = error.next.first().map(|next| format!("; {next}")).unwrap_or_default();
        format!("{}{next}", error.message)
    })?;
    let bytes = bytes.ok_or_else(|| format!("{}: it is not there", path.display()))?;
    let text = parse::text(&bytes).map_err(|fault| format!("{}: {fault}", path.display()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// The files that a path with `*` and `?` names, in order. A pattern matches hidden files only by name, as a shell's does.
fn matching(pattern: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    for step in pattern.components() {
        let text = step.as_os_str().to_string_lossy();
        if !text.contains(['*', '?']) {
            paths.iter_mut().for_each(|path| path.push(step));
            continue;
        }
        let mut next = Vec::new();
        for path in &paths {
            let folder = if path.as_os_str().is_empty() { Path::new(".") } else { path.as_path() };
            let Ok(entries) = folder.read_dir() else { continue };
            let names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
            let mut names: Vec<OsString> = names.filter(|name| fits(&text, &name.to_string_lossy())).take(MOST + 1).collect();
            names.sort();
            next.extend(names.into_iter().map(|name| path.join(name)));
        }
        paths = next;
    }
    paths.retain(|path| path.exists() && !path.is_dir());
    paths
}

/// Whether a name fits a pattern.
fn fits(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut place) = (0, 0);
    // Where the last `*` stands, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while place < name.len() {
        match (pattern.get(at), star) {
            (Some('*'), _) => {
                star = Some((at, place));
                at += 1;
            }
            (Some(c), _) if *c == '?' || Some(c) == name.get(place) => {
                at += 1;
                place += 1;
            }
            (_, Some((back, reached))) => {
                star = Some((back, reached + 1));
                (at, place) = (back + 1, reached + 1);
            }
            _ => return false,
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns_as_in_a_shell() {
        for (pattern, name, wanted) in [
            ("*.conf", "a.conf", true),
            ("*.conf", ".a.conf", false),
            ("*.conf", "a.conf~", false),
            ("a?c*", "abc", true),
            ("*a*b", "xaxxb", true),
            ("*a*b", "xaxxc", false),
            ("swanctl.conf", "swanctl.conf", true),
        ] {
            assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
