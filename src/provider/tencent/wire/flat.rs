//! Nested parameters as the flat names of a form.

use serde_json::{Map, Value as Json};

use crate::wire::Pairs;

/// Flattens nested parameters to pairs such as `IKESet.0.field`. Lists count from 0.
#[must_use]
pub fn flatten(parameters: &Map<String, Json>) -> Pairs {
    crate::provider::flatten(parameters, 0, false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_flatten_from_zero() {
        let nested = json!({ "A": [{ "B": [1, "x"] }], "C": true, "D": null, "E": [], "F": "" });
        let flat: Vec<String> = flatten(nested.as_object().unwrap()).iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(flat, ["A.0.B.0=1", "A.0.B.1=x", "C=true", "F="]);
    }
}
