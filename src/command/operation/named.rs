//! The operation that the words name: by its id, by the beginning of its id, or as the last one.

use clap::{Arg, ArgMatches, Command};

use crate::command::shared::flag::switch;
use crate::error::{Error, exit};
use crate::operation::id::OperationId;
use crate::operation::records::Records;

/// Adds the arguments.
pub(super) fn arguments(command: Command) -> Command {
    command
        .arg(
            Arg::new("id")
                .value_name("OPERATION")
                .required_unless_present("last")
                .help("Id of the operation, as operation list shows it, or enough of its beginning or end"),
        )
        .arg(switch("last", "The operation that began last").conflicts_with("id"))
}

/// The operation that the words name.
///
/// # Errors
/// When there is none, or several.
pub(super) fn named(matches: &ArgMatches, records: &Records) -> Result<OperationId, Error> {
    let word = matches.get_one::<String>("id").map(String::as_str);
    if let Some(id) = word.and_then(|word| word.parse().ok()) {
        return Ok(id);
    }
    choose(word, &records.list()?)
}

/// The only one of these whose id begins or ends so; without a word, the last.
fn choose(word: Option<&str>, ids: &[OperationId]) -> Result<OperationId, Error> {
    let Some(word) = word else {
        let none = || Error::new(exit::NOT_FOUND, "there is no operation on record").state("nothing was sent");
        return ids.iter().max().cloned().ok_or_else(none);
    };
    let fits = |id: &&OperationId| !word.is_empty() && (id.as_str().starts_with(word) || id.as_str().ends_with(word));
    let mut found: Vec<&OperationId> = ids.iter().filter(fits).collect();
    found.sort();
    match found.as_slice() {
        [id] => Ok((*id).clone()),
        [] => {
            Err(Error::usage(format!("{word:?} is not an operation on record")).state("nothing was sent").next("tunnelctl operation list"))
        }
        several => {
            let shown: Vec<&str> = several.iter().rev().take(5).map(|id| id.as_str()).collect();
            let more = if several.len() > shown.len() { ", …" } else { "" };
            Err(Error::usage(format!("{word:?} fits {} operations: {}{more}", several.len(), shown.join(", ")))
                .state("nothing was sent")
                .next("name more of the id"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_named_by_enough_of_its_id_or_is_the_last() {
        let ids: Vec<OperationId> =
            ["20261121-023159-k7f2", "20261121-120000-abcd", "20261122-000000-k7f3"].iter().map(|id| id.parse().unwrap()).collect();
        let chosen = |word| choose(word, &ids).map(|id| id.as_str().to_owned()).map_err(|error| error.message);
        assert_eq!(chosen(None).unwrap(), "20261122-000000-k7f3");
        assert_eq!(chosen(Some("20261122")).unwrap(), "20261122-000000-k7f3");
        assert_eq!(chosen(Some("k7f2")).unwrap(), "20261121-023159-k7f2");
        let several = chosen(Some("20261121")).unwrap_err();
        assert_eq!(several, "\"20261121\" fits 2 operations: 20261121-120000-abcd, 20261121-023159-k7f2");
        assert_eq!(chosen(Some("")).unwrap_err(), "\"\" is not an operation on record");
        assert_eq!(chosen(Some("2027")).unwrap_err(), "\"2027\" is not an operation on record");
        assert!(choose(None, &[]).is_err());
    }
}
