//! Calls of any operation, as the user spells them.

use serde_json::{Map, Value as Json};

use crate::wire::{Body, Method, Pairs, Request};

/// A call of any operation.
#[derive(Debug)]
pub struct Raw {
    /// The cloud's name of the operation; for Huawei also a path.
    pub operation: &'static str,
    /// API of the cloud, where it has several.
    pub api: Option<String>,
    /// Method, where the user chose one.
    pub method: Option<Method>,
    /// Parameters, nested as the user nested them.
    pub parameters: Map<String, Json>,
    /// The body, when it is given whole.
    pub body: Option<String>,
}

/// Flattens nested parameters: `name.key` for objects, `name.N` for lists, counted from `first`; null is left out. With
/// `objects_are_text` an object at the top level stays JSON text, as Alibaba expects.
#[must_use]
pub fn flatten(parameters: &Map<String, Json>, first: usize, objects_are_text: bool) -> Pairs {
    fn add(pairs: &mut Pairs, name: &str, value: &Json, first: usize, objects_are_text: bool) {
        match value {
            Json::Null => {}
            Json::Bool(on) => pairs.push((name.to_owned(), on.to_string())),
            Json::Number(number) => pairs.push((name.to_owned(), number.to_string())),
            Json::String(text) => pairs.push((name.to_owned(), text.clone())),
            Json::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    // An object inside a list is a struct of the API, not a text.
                    add(pairs, &format!("{name}.{}", place + first), item, first, false);
                }
            }
            Json::Object(_) if objects_are_text => pairs.push((name.to_owned(), value.to_string())),
            Json::Object(object) => object.iter().for_each(|(key, item)| add(pairs, &format!("{name}.{key}"), item, first, false)),
        }
    }
    let mut pairs = Vec::new();
    parameters.iter().for_each(|(name, value)| add(&mut pairs, name, value, first, objects_are_text));
    pairs
}

/// Applies the method that the user chose: a form can be sent as a query with GET.
///
/// # Errors
/// When the request cannot be sent with this method.
pub fn by_method(mut request: Request, method: Option<Method>) -> Result<Request, String> {
    match (method, request.body) {
        (Some(Method::Get), Body::Form(pairs)) => {
            request.method = Method::Get;
            request.query.extend(pairs);
            request.body = Body::Empty;
        }
        (None | Some(Method::Post), body) => request.body = body,
        (Some(method), _) => return Err(format!("--method {}: this call goes by POST, or as a form by GET", method.as_str())),
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flat(parameters: &Json, first: usize, objects_are_text: bool) -> String {
        let pairs = flatten(parameters.as_object().unwrap(), first, objects_are_text);
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists_count_from_where_the_cloud_counts() {
        let parameters = json!({ "A": ["x", { "B": 1 }], "C": { "D": true }, "E": null });
        assert_eq!(flat(&parameters, 0, false), "A.0=x A.1.B=1 C.D=true");
        assert_eq!(flat(&parameters, 1, true), "A.1=x A.2.B=1 C={\"D\":true}");
    }
}
