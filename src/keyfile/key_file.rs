//! A text that holds a key, and the same text with another key.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use super::form::Form;
use super::{ipsec_secrets, plain, swanctl};
use crate::agreement::parse::Fault;
use crate::model::{Secret, hex, is_mask};

/// A text that holds a key. Its `Debug` does not show the text.
pub struct KeyFile {
    text: Zeroizing<String>,
    form: Form,
    name: Option<String>,
    /// The bytes of the key in the text.
    span: Range<usize>,
    key: Secret,
    warnings: Vec<String>,
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyFile").field("form", &self.form).field("name", &self.name).finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Finds the named key of a text, or the only one. A name is the section of a `swanctl.conf` (`ike-branch`) or the
    /// identities of an entry of `ipsec.secrets` (`@a @b`, in any order; `%any` where there are none).
    ///
    /// # Errors
    /// That there is no such key, that there are several, or that a cloud cannot hold it; with the place in the text.
    /// A message never contains a key.
    pub fn read(text: &str, name: Option<&str>) -> Result<Self, Fault> {
        let form = Form::of(text).ok_or_else(|| no_form(text))?;
        let found = match form {
            Form::Swanctl => swanctl::find(text),
            Form::IpsecSecrets => ipsec_secrets::find(text),
            Form::Plain => plain::find(text, name),
        }?;
        let chosen = found.choose(name)?;
        let fault = |message: &str| Fault::new(chosen.line, chosen.column, message);
        let bytes = chosen.key.as_ref().ok_or_else(|| fault("the key starts with 0x or 0s, but is not valid hex or base64"))?;
        let key = std::str::from_utf8(bytes).map_err(|_| {
            fault("the key is binary: decoded, it is not text (UTF-8), and a cloud can hold only text; use a key that is text")
        })?;
        if key.is_empty() {
            return Err(fault("the key is empty"));
        }
        if is_mask(key) {
            return Err(fault("this is a mask in place of the key: name the file that holds the key itself"));
        }
        let twins = found.candidates.iter().filter(|other| other.span != chosen.span && other.ids == chosen.ids && !chosen.ids.is_empty());
        let warnings = twins.map(|twin| {
            format!(
                "line {}: {} is for the same peer: a daemon that holds two keys for one peer may send either of them",
                twin.line, twin.name
            )
        });
        Ok(Self {
            form,
            name: (form != Form::Plain).then(|| chosen.name.clone()),
            span: chosen.span.clone(),
            key: Secret::new(key),
            warnings: warnings.collect(),
            text: Zeroizing::new(text.to_owned()),
        })
    }

    /// The key, decoded.
    #[must_use]
    pub const fn key(&self) -> &Secret {
        &self.key
    }

    /// The format of the text.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// The name of the key; `None` in a plain key file.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Warnings about the rest of the text, one line each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The key as the file spells it, and whether a blank had to be put behind another key: what [`KeyFile::with_original`] needs.
    #[must_use]
    pub fn original(&self) -> Secret {
        let text = [if self.needs_blank() { "+" } else { "-" }, self.text.get(self.span.clone()).unwrap_or_default()].concat();
        Secret::new(Zeroizing::new(text).as_str())
    }

    /// The same text with the key spelled as it was in the beginning, byte for byte.
    #[must_use]
    pub fn with_original(&self, original: &Secret) -> Option<Zeroizing<String>> {
        let (blank, literal) = original.expose().split_at_checked(1)?;
        let before = self.text.get(..self.span.start)?;
        let after = self.text.get(self.span.end..)?;
        let after = if blank == "+" { after.strip_prefix(' ').unwrap_or(after) } else { after };
        Some(Zeroizing::new([before, literal, after].concat()))
    }

    /// Whether what follows the key would become part of its digits. A comment may directly follow a quote.
    fn needs_blank(&self) -> bool {
        let after = self.text.get(self.span.end..).unwrap_or_default();
        let ends = after.starts_with(|c: char| c.is_whitespace() || self.form == Form::Swanctl && matches!(c, '#' | '}'));
        self.form != Form::Plain && !ends && !after.is_empty()
    }

    /// The same text with another key. Only the bytes of the key change. The new key is written as hex where the format
    /// allows that, so that no quote, blank or prefix in it can be misread.
    #[must_use]
    pub fn with_key(&self, key: &Secret) -> Zeroizing<String> {
        let value = match self.form {
            Form::Plain => Zeroizing::new(key.expose().to_owned()),
            Form::Swanctl | Form::IpsecSecrets => {
                let digits = Zeroizing::new(hex(key.expose().as_bytes()));
                Zeroizing::new(["0x", &digits].concat())
            }
        };
        let before = self.text.get(..self.span.start).unwrap_or_default();
        let after = self.text.get(self.span.end..).unwrap_or_default();
        let blank = if self.needs_blank() { " " } else { "" };
        Zeroizing::new([before, &value, blank, after].concat())
    }
}

/// Why a text has none of the formats.
fn no_form(text: &str) -> Fault {
    let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let is_ipsec_conf = |line: &str| line.starts_with("conn ") || line.starts_with("config ");
    let message = if text.trim().is_empty() {
        "there is no pre-shared key in it: the file is empty"
    } else if text.trim().lines().all(is_comment) {
        "there is no pre-shared key in it: only comments"
    } else if text.trim().lines().any(is_ipsec_conf) {
        "this is an ipsec.conf, which holds no key: name its ipsec.secrets"
    } else {
        "expected a swanctl.conf with secrets, an ipsec.secrets (@a @b : PSK \"...\"), or a file of one line that is the key"
    };
    Fault::new(1, 1, message)
}

#[cfg(test)]
mod tests;
