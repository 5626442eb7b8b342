//! An index of the things in a store, so that a lookup among thousands does not read them all.

use std::collections::HashMap;

use super::thing::Thing;

/// Positions of things by provider, class and id. It is only a hint: things may have been added, moved or removed since,
/// so every position is checked before it is used.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(HashMap<String, usize>);

impl Places {
    /// Adds the things that are not indexed yet: all of them after the store was loaded.
    pub(super) fn add(&mut self, things: &[Thing]) {
        for (place, thing) in things.iter().enumerate().skip(self.0.len()) {
            self.0.entry(name(&thing.provider, &thing.class, &thing.id)).or_insert(place);
        }
    }

    /// The position of a thing.
    pub(super) fn find(&self, things: &[Thing], provider: &str, class: &str, id: &str) -> Option<usize> {
        let is = |thing: &Thing| thing.id == id && thing.class == class && thing.provider == provider;
        let known = self.0.get(&name(provider, class, id)).copied();
        let right = known.filter(|place| things.get(*place).is_some_and(is));
        let is_complete = self.0.len() >= things.len();
        if right.is_none() && (known.is_some() || !is_complete) { things.iter().position(is) } else { right }
    }
}

/// The key of a thing in the index.
fn name(provider: &str, class: &str, id: &str) -> String {
    format!("{provider}/{class}/{id}")
}
