//! A local file that holds the key, as an end.
use super::end::{Keys, Sent};
use super::transition::Sight;
use crate::error::Error;
use crate::model::Secret;
/// A file.
#[derive(Debug)]
pub struct FileEnd {
    /// Name.
    pub name: String,
}
#[allow(missing_docs, clippy::unused_self)]
impl FileEnd {
    pub fn key(&self) -> Option<Secret> {
        None
    }
    pub fn look(&mut self, _keys: &Keys) -> Result<Sight, Error> {
        Ok(Sight::Hidden)
    }
    pub async fn write(&mut self, _key: &Secret) -> Sent {
        Sent::Lost(String::new())
    }
    pub fn key_faults(_key: &Secret) -> Vec<String> {
        Vec::new()
    }
}
