//! The place of a key: `file:PATH` or `file:PATH:NAME`.

use std::fmt;
use std::path::{Path, PathBuf};

/// A file, and the name of a key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The absolute path of the file, since a later run may start in another directory.
    pub path: PathBuf,
    /// The section or the identities; `None`: the only key of the file.
    pub name: Option<String>,
}

impl Place {
    /// Whether an argument has the form of a place.
    #[must_use]
    pub fn is_meant(word: &str) -> bool {
        word.starts_with("file:")
    }

    /// Reads `file:PATH` or `file:PATH:NAME`. Both parts may contain colons: the longest path of an existing file counts.
    ///
    /// # Errors
    /// That the argument has another form, or that there is no such file.
    pub fn parse(word: &str) -> Result<Self, String> {
        Self::parse_where(word, Path::exists)
    }

    fn parse_where(word: &str, exists: impl Fn(&Path) -> bool) -> Result<Self, String> {
        let given = word.strip_prefix("file:").ok_or("expected file:PATH or file:PATH:NAME")?;
        if given.is_empty() {
            return Err("expected file:PATH or file:PATH:NAME".to_owned());
        }
        let cuts = given.match_indices(':').map(|(place, _)| place).rev();
        let found = std::iter::once(given.len()).chain(cuts).find_map(|end| {
            let (path, name) = given.split_at_checked(end)?;
            (!path.is_empty() && exists(Path::new(path))).then(|| (path, name.strip_prefix(':')))
        });
        let (path, name) = found.ok_or_else(|| {
            let hint = if given.starts_with('~') { "; the shell does not expand ~ here: write $HOME" } else { "" };
            format!("there is no file {}{hint}", given.split(':').next().unwrap_or(given))
        })?;
        let path = std::path::absolute(path).map_err(|cause| format!("{path}: {cause}"))?;
        Ok(Self { path, name: name.filter(|name| !name.is_empty()).map(str::to_owned) })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "file:{}", self.path.display())?;
        self.name.iter().try_for_each(|name| write!(out, ":{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(word: &str) -> Result<String, String> {
        let files = ["/etc/ipsec.secrets", "/etc/a:b"];
        Place::parse_where(word, |path| files.contains(&path.to_str().unwrap())).map(|place| format!("{:?} {:?}", place.path, place.name))
    }

    #[test]
    fn the_longest_existing_path_counts() {
        assert_eq!(parse("file:/etc/ipsec.secrets").unwrap(), "\"/etc/ipsec.secrets\" None");
        assert_eq!(parse("file:/etc/ipsec.secrets:").unwrap(), "\"/etc/ipsec.secrets\" None");
        assert_eq!(parse("file:/etc/ipsec.secrets:@a @b").unwrap(), "\"/etc/ipsec.secrets\" Some(\"@a @b\")");
        assert_eq!(parse("file:/etc/ipsec.secrets:2001:db8::1 %any").unwrap(), "\"/etc/ipsec.secrets\" Some(\"2001:db8::1 %any\")");
        assert_eq!(parse("file:/etc/a:b:ike").unwrap(), "\"/etc/a:b\" Some(\"ike\")");
    }

    #[test]
    fn a_missing_file_is_named() {
        assert_eq!(parse("file:/etc/none:ike").unwrap_err(), "there is no file /etc/none");
        assert_eq!(parse("file:~/key").unwrap_err(), "there is no file ~/key; the shell does not expand ~ here: write $HOME");
        assert_eq!(parse("file:").unwrap_err(), "expected file:PATH or file:PATH:NAME");
    }

    #[test]
    fn a_place_is_absolute_and_its_text_reads_as_the_same_place() {
        let place = Place::parse_where("file:key:ike-a", |path| path == Path::new("key")).unwrap();
        assert!(place.path.is_absolute());
        assert_eq!(Place::parse_where(&place.to_string(), |path| path == place.path).unwrap(), place);
    }
}
