//! Sections as strongSwan sees them: those of one name are one, and references are followed.

use super::section::{Reference, Section};
use crate::agreement::parse::fault::Fault;

/// The most sections and settings that references may add up to.
const MOST: usize = 100_000;

/// The section of this name with everything that it holds: sections of one name are one, of settings the last one counts,
/// what is not set here comes from the sections that it refers to, and settings without a value are left out.
pub(super) fn whole(root: &Section, name: &str) -> Result<Option<Section>, Fault> {
    let mut walk = Walk { root, trail: Vec::new(), left: MOST };
    let Some(section) = root.section(name) else { return Ok(None) };
    let mut section = walk.resolved(section)?;
    drop_unset(&mut section);
    Ok(Some(section))
}

/// Puts sections of one name together.
pub(super) fn united(mut section: Section) -> Section {
    let mut sections: Vec<Section> = Vec::new();
    for inner in section.sections.drain(..) {
        match sections.iter_mut().find(|known| known.name == inner.name) {
            Some(known) => {
                known.settings.extend(inner.settings);
                known.sections.extend(inner.sections);
                known.refers.extend(inner.refers);
            }
            None => sections.push(inner),
        }
    }
    section.sections = sections.into_iter().map(united).collect();
    section
}

/// The paths of all references in a section.
pub(super) fn references(section: &Section) -> Vec<&str> {
    let own = section.refers.iter().map(|reference| reference.path.as_str());
    own.chain(section.sections.iter().flat_map(references)).collect()
}

struct Walk<'r> {
    root: &'r Section,
    /// The references that are being followed.
    trail: Vec<String>,
    left: usize,
}

impl Walk<'_> {
    fn resolved(&mut self, section: &Section) -> Result<Section, Fault> {
        self.left = self.left.saturating_sub(1 + section.settings.len());
        if self.left == 0 {
            return Err(section.fault("the references between sections add up to too much"));
        }
        let mut whole = Section { sections: Vec::new(), refers: Vec::new(), ..section.clone() };
        for inner in &section.sections {
            whole.sections.push(self.resolved(inner)?);
        }
        for reference in &section.refers {
            if let Some(other) = self.followed(reference)? {
                inherit(&mut whole, other);
            }
        }
        Ok(whole)
    }

    /// The section that a reference names. strongSwan passes over a reference to a section that is not there.
    fn followed(&mut self, reference: &Reference) -> Result<Option<Section>, Fault> {
        let found = reference.path.split('.').try_fold(self.root, |section, name| section.section(name));
        let Some(found) = found else { return Ok(None) };
        if self.trail.contains(&reference.path) {
            return Err(reference.fault(format!("{:?} refers to itself", reference.path)));
        }
        self.trail.push(reference.path.clone());
        let whole = self.resolved(found)?;
        self.trail.pop();
        Ok(Some(whole))
    }
}

/// Adds what a section does not have itself.
fn inherit(section: &mut Section, other: Section) {
    let own = section.settings.len();
    for setting in other.settings {
        if !section.settings.iter().take(own).any(|known| known.name == setting.name) {
            section.settings.push(setting);
        }
    }
    for inner in other.sections {
        match section.sections.iter_mut().find(|known| known.name == inner.name) {
            Some(known) => inherit(known, inner),
            None => section.sections.push(inner),
        }
    }
}

/// Leaves out settings without a value, and what stood there before them.
fn drop_unset(section: &mut Section) {
    let unset = |name: &str| section.settings.iter().rev().find(|setting| setting.name == name).is_some_and(|last| last.is_unset());
    let names: Vec<String> = section.settings.iter().map(|setting| setting.name.clone()).filter(|name| unset(name)).collect();
    section.settings.retain(|setting| !names.contains(&setting.name));
    section.sections.iter_mut().for_each(drop_unset);
}
