//! The previous and the new key of a rotation.

use super::super::event::Which;
use crate::model::Secret;

/// The previous and the new key.
#[derive(Debug)]
pub struct Keys {
    /// The previous key; none where no end returns it and the user did not give it.
    pub old: Option<Secret>,
    /// The new key.
    pub new: Secret,
}

impl Keys {
    /// Returns one of the keys.
    #[must_use]
    pub const fn get(&self, which: Which) -> Option<&Secret> {
        match which {
            Which::Old => self.old.as_ref(),
            Which::New => Some(&self.new),
        }
    }

    /// Tells which of the keys this is; none where it is neither.
    #[must_use]
    pub fn which(&self, key: &Secret) -> Option<Which> {
        Which::BOTH.into_iter().find(|which| self.get(*which).is_some_and(|known| known.matches(key)))
    }
}
