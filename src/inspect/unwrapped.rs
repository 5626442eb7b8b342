//! A text from which a layer of writing was taken off, and where each part of it stood.

/// A text without a layer.
#[derive(Debug, Default)]
pub(super) struct Unwrapped {
    /// The text.
    pub(super) text: String,
    /// Places in it, and where they stood before, in order; between them, both go forward alike.
    places: Vec<(usize, usize)>,
}

impl Unwrapped {
    /// Adds a part that stood at a place.
    pub(super) fn push(&mut self, part: &str, stood: usize) {
        let known = self.places.last().is_some_and(|(new, old)| stood.checked_sub(*old) == Some(self.text.len() - new));
        if !known {
            self.places.push((self.text.len(), stood));
        }
        self.text.push_str(part);
    }

    /// Where a byte of the text stood before.
    pub(super) fn stood(&self, byte: usize) -> usize {
        let after = self.places.partition_point(|(new, _)| *new <= byte);
        let (new, old) = after.checked_sub(1).and_then(|place| self.places.get(place)).copied().unwrap_or_default();
        old + (byte - new)
    }
}
