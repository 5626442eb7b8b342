//! What can be modified at a cloud, and the operations that modify it.

use super::field::{Field, Rule};

/// Something that can be modified.
#[derive(Debug)]
pub struct Kind {
    /// Its name in refs and commands.
    pub name: &'static str,
    /// One line for help.
    pub about: &'static str,
    /// What an id looks like.
    pub id_example: &'static str,
    /// The rule of an id.
    pub id_rule: Rule,
    /// Whether the cloud lists it by itself; a tunnel, for example, is listed with its connection.
    pub listed: bool,
    /// The operations that modify it, the default first.
    pub operations: &'static [Operation],
    /// A worked example for help, without the program's name.
    pub example: &'static str,
}

/// An operation that modifies, with its table of settings.
#[derive(Debug)]
pub struct Operation {
    /// Value of `--api`; empty where there is only one.
    pub api: &'static str,
    /// The vendor's name of the operation.
    pub name: &'static str,
    /// Its settings.
    pub fields: &'static [Field],
    /// Further parameters, as `(flag, help line)`. What is not given is taken from the current state.
    pub address: &'static [(&'static str, &'static str)],
    /// Whether the cloud can check a change without making it.
    pub dry_run: bool,
}
