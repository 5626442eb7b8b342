//! Everything that operations do to files, so that a test can lose what was not synced, tear a write, or die at any effect.

mod content;
mod effects;
mod memory;
mod real;
#[cfg(test)]
mod tests;

pub use content::Death;
pub use effects::Disk;
pub use memory::MemoryDisk;
pub use real::RealDisk;
