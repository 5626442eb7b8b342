//! Sections and settings of a `swanctl.conf`.

use std::ops::Range;
use std::rc::Rc;

use zeroize::Zeroizing;

use crate::agreement::parse::fault::Fault;
use crate::agreement::parse::include::{Origin, fault_in};
use crate::agreement::parse::text::seconds;

/// A reference to another section, whose settings a section takes too.
#[derive(Clone)]
pub(crate) struct Reference {
    /// The path of the section, from the top of the file.
    pub(super) path: String,
    /// Its line.
    pub(super) line: usize,
    /// Its column.
    pub(super) column: usize,
    /// The included file that it stands in.
    pub(super) origin: Option<Rc<Origin>>,
}

impl Reference {
    /// A fault at the reference.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        fault_in(self.origin.as_ref(), self.line, self.column, message)
    }
}

/// A setting. It has no `Debug`, since the value may be a key.
#[derive(Clone)]
pub(crate) struct Setting {
    /// Its name.
    pub(crate) name: String,
    /// The column of the name.
    pub(super) name_column: usize,
    /// The value, without quotes.
    pub(crate) value: Zeroizing<String>,
    /// The line of both.
    pub(crate) line: usize,
    /// The column of the value.
    pub(crate) column: usize,
    /// The bytes of the value in the text, quotes included.
    pub(crate) span: Range<usize>,
    /// The included file that it stands in.
    pub(super) origin: Option<Rc<Origin>>,
}

/// A section with its settings and subsections.
#[derive(Clone, Default)]
pub(crate) struct Section {
    /// Its name; empty for the whole file.
    pub(crate) name: String,
    /// The line of the name.
    pub(crate) line: usize,
    /// The column of the name.
    pub(crate) column: usize,
    /// The other sections that it takes settings from.
    pub(crate) refers: Vec<Reference>,
    /// Its settings, in order.
    pub(crate) settings: Vec<Setting>,
    /// Its subsections, in order.
    pub(crate) sections: Vec<Section>,
    /// The included file that it stands in.
    pub(super) origin: Option<Rc<Origin>>,
}

impl Section {
    /// The first subsection of this name.
    pub(super) fn section(&self, name: &str) -> Option<&Self> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The setting of this name. The last one counts.
    pub(crate) fn get(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|setting| setting.name == name)
    }

    /// The value of a setting.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    /// A fault at the section's name.
    pub(crate) fn fault(&self, message: impl Into<String>) -> Fault {
        fault_in(self.origin.as_ref(), self.line, self.column, message)
    }

    /// A fault at a setting, or at the section where the setting is missing.
    pub(super) fn fault_of(&self, name: &str, message: &str) -> Fault {
        self.get(name).map_or_else(|| self.fault(message), |setting| setting.fault(message))
    }

    /// Refuses a setting with any other name.
    pub(super) fn allow(&self, names: &[&str]) -> Result<(), Fault> {
        match self.settings.iter().find(|setting| !names.contains(&setting.name.as_str())) {
            None => Ok(()),
            Some(setting) => Err(setting.fault_of_name(format!("{:?} is not a setting of {:?}", setting.name, self.name))),
        }
    }

    /// A setting that is yes or no.
    pub(super) fn switch(&self, name: &str) -> Result<Option<bool>, Fault> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("yes" | "true" | "1" | "enabled") => Ok(Some(true)),
            Some("no" | "false" | "0" | "disabled") => Ok(Some(false)),
            Some(_) => Err(self.fault_of(name, &format!("{name} must be yes or no"))),
        }
    }

    /// A setting that is a time, in seconds.
    pub(super) fn time(&self, name: &str) -> Result<Option<u64>, Fault> {
        let Some(setting) = self.get(name) else { return Ok(None) };
        seconds(&setting.value).map(Some).ok_or_else(|| setting.fault(format!("{name} must be a time, such as 3600, 60m or 8h")))
    }
}

impl Setting {
    /// A fault at the value.
    pub(crate) fn fault(&self, message: impl Into<String>) -> Fault {
        self.fault_after(0, message)
    }

    /// A fault behind so many characters of the value.
    pub(super) fn fault_after(&self, characters: usize, message: impl Into<String>) -> Fault {
        fault_in(self.origin.as_ref(), self.line, self.column + characters, message)
    }

    /// Whether nothing follows the `=`: to strongSwan, a setting without a value is left out.
    pub(super) fn is_unset(&self) -> bool {
        self.span.is_empty()
    }

    /// A fault at the name.
    pub(super) fn fault_of_name(&self, message: impl Into<String>) -> Fault {
        fault_in(self.origin.as_ref(), self.line, self.name_column, message)
    }

    /// The items of a list with commas.
    pub(super) fn items(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').map(str::trim).filter(|item| !item.is_empty())
    }
}
