//! Filters of a list.

use serde_json::Value as Json;

use crate::emulated::Thing;
use crate::provider::tencent::emulator::flaw::Flaw;

/// Fields, each with the values that fit.
pub(super) type Filters<'a> = Vec<(&'static str, Vec<&'a str>)>;

/// Reads the filters of a request.
pub(super) fn read<'a>(known: &[(&'static str, &'static str)], filters: &'a [Json]) -> Result<Filters<'a>, Flaw> {
    if filters.len() > 10 {
        return Err(("LimitExceeded.NumberOfFilters", "There are more than 10 filters.".to_owned()));
    }
    let row = |filter: &'_ Json| -> Option<&'static str> {
        let name = filter.get("Name")?.as_str()?;
        known.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    };
    filters
        .iter()
        .map(|filter| {
            let field = row(filter).ok_or(("InvalidParameter.FilterInvalidKey", "The filter key is not valid.".to_owned()))?;
            let values: Vec<&str> = filter.get("Values").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
            if values.len() > 5 {
                return Err(("InvalidParameterValue.LimitExceeded", "A filter has more than 5 values.".to_owned()));
            }
            Ok((field, values))
        })
        .collect()
}

/// Whether a thing fits all filters.
pub(super) fn fits(filters: &Filters<'_>, thing: &Thing) -> bool {
    filters.iter().all(|(field, values)| values.iter().any(|value| *value == thing.text(field)))
}
