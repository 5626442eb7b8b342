//! The model check: visits every world that two clouds, their networks, somebody else, and a program that can die at any
//! instant can bring about. The table and the states are the program's own ([`super::transition`], [`super::state`]); the driver
//! is a model of `operation/drive`.

mod around;
mod book;
mod clock;
mod driver;
mod explorer;
mod facts;
mod negotiate;
mod note;
mod properties;
mod setting;
mod tests;
mod world;
mod write;
