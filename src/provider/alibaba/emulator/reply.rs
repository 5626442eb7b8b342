//! Replies in the vendor's shapes, JSON and XML.

use quick_xml::escape::escape;
use serde_json::{Map, Value as Json, json};

use crate::emulated::Incoming;
use crate::wire::Reply;

/// A refusal: the error that the cloud returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    /// Another change is in progress.
    pub(super) fn configuring(what: &str) -> Self {
        Self::new(400, format!("{what}.Configuring"), "The specified service is configuring.")
    }

    /// The value of a parameter is wrong.
    pub(super) fn illegal(name: &str) -> Self {
        Self::new(400, format!("IllegalParam.{name}"), format!("The specified {name} is invalid."))
    }

    /// The form of a parameter is wrong.
    pub(super) fn invalid(name: &str) -> Self {
        Self::new(400, "InvalidParameter", format!("The specified parameter \"{name}\" is not valid."))
    }

    pub(super) fn no_customer_gateway() -> Self {
        let message = "The specified customer gateway instance id does not exist.";
        Self::new(404, "InvalidCustomerGatewayInstanceId.NotFound", message)
    }

    pub(super) fn no_tunnel_cidr() -> Self {
        Self::new(400, "MissingParameter.TunnelCidr", "The parameter TunnelCidr is mandatory when BGP is enabled.")
    }
}

/// Whether the request wants XML: by `Format=XML` with one signature scheme, by the `accept` header with the other.
pub(super) fn wants_xml(incoming: &Incoming) -> bool {
    if incoming.header("authorization").is_some() {
        return incoming.header("accept").is_some_and(|accept| accept.contains("xml") && !accept.contains("json"));
    }
    incoming.parameters().iter().any(|(name, value)| name == "Format" && value.eq_ignore_ascii_case("xml"))
}

pub(super) fn success(action: &str, mut object: Map<String, Json>, request_id: &str, as_xml: bool) -> Reply {
    object.insert("RequestId".to_owned(), json!(request_id));
    body(200, &format!("{action}Response"), object, request_id, as_xml)
}

pub(super) fn failure(failure: &Failure, request_id: &str, incoming: &Incoming, as_xml: bool) -> Reply {
    let host = incoming.header("host").unwrap_or("vpc.aliyuncs.com");
    let help = format!("https://api.aliyun.com/troubleshoot?q={}&product=Vpc&requestId={request_id}", failure.code);
    let fields =
        [("RequestId", request_id), ("HostId", host), ("Code", &failure.code), ("Message", &failure.message), ("Recommend", &help)];
    let object = fields.iter().map(|&(name, value)| (name.to_owned(), json!(value))).collect();
    body(failure.status, "Error", object, request_id, as_xml)
}

fn body(status: u16, root: &str, object: Map<String, Json>, request_id: &str, as_xml: bool) -> Reply {
    let object = Json::Object(object);
    let (content_type, body) = if as_xml {
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned();
        xml(root, &object, &mut text);
        ("text/xml;charset=utf-8", text)
    } else {
        ("application/json;charset=utf-8", object.to_string())
    };
    let headers = vec![("content-type".to_owned(), content_type.to_owned()), ("x-acs-request-id".to_owned(), request_id.to_owned())];
    Reply { status, headers, body: body.into_bytes() }
}

/// Writes an element. A list becomes one element for each item.
fn xml(name: &str, value: &Json, text: &mut String) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| xml(name, item, text)),
        Json::Object(fields) => {
            text.push_str(&format!("<{name}>"));
            fields.iter().for_each(|(field, value)| xml(field, value, text));
            text.push_str(&format!("</{name}>"));
        }
        Json::Null => {}
        Json::String(content) => text.push_str(&format!("<{name}>{}</{name}>", escape(content))),
        scalar => text.push_str(&format!("<{name}>{scalar}</{name}>")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_a_repeated_element() {
        let mut text = String::new();
        xml("R", &json!({ "A": { "B": [1, { "C": "<&" }] }, "N": null }), &mut text);
        assert_eq!(text, "<R><A><B>1</B><B><C>&lt;&amp;</C></B></A></R>");
    }
}
