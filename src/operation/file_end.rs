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
    pub fn open(word: &str, _reload: Option<String>, _o: &crate::output::Output) -> Result<Self, Error> {
        Ok(Self { name: word.to_owned() })
    }
    pub fn lock_name(&self) -> String {
        self.name.clone()
    }
    pub fn plan(&self) -> super::event::Planned {
        unimplemented!()
    }
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
