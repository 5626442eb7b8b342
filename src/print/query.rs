//! Queries, `--query`: JMESPath (<https://jmespath.org>).

use jmespath::Expression;
use serde_json::Value as Json;

use crate::error::{Error, exit};

/// A longer query is a mistake.
pub(super) const LONGEST: usize = 1024;
/// More brackets and negations are a mistake too, and could nest deeper than the stack.
pub(super) const DEEPEST: usize = 200;

/// A query that was parsed.
#[derive(Debug)]
pub(super) struct Query(Expression<'static>);

impl Query {
    /// Parses a query.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > LONGEST {
            return Err(Error::usage(format!("--query is longer than {LONGEST} characters")));
        }
        if text.matches(['(', '[', '{', '!', '&']).count() > DEEPEST {
            return Err(Error::usage(format!("--query has more than {DEEPEST} brackets")));
        }
        jmespath::compile(text).map(Self).map_err(|cause| {
            Error::usage(format!("--query is not valid JMESPath: {}", cause.to_string().trim_end()))
                .next("an example: --query 'connections[].id'; the language: https://jmespath.org")
        })
    }

    /// Applies the query to a document.
    ///
    /// # Errors
    /// When it does not fit the document.
    pub(super) fn apply(&self, document: &Json) -> Result<Json, Error> {
        let found = self.0.search(document).map_err(|cause| cause.to_string());
        found.and_then(|found| serde_json::to_value(&*found).map_err(|cause| cause.to_string())).map_err(|cause| {
            Error::new(exit::FAILED, format!("--query cannot be applied to the result: {}", cause.trim_end()))
                .state("the command itself is done; only its result is not shown")
                .next("leave out --query to see the whole result")
        })
    }
}
