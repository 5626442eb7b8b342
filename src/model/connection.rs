//! A connection as its cloud describes it, in the model's words.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::{Ref, Settings, Term};

/// The state of a connection or tunnel. Whether a change is done and whether the tunnel is up are separate questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The state of the last change: `settled`, `changing`, `failed`, `gone`, `unknown`.
    pub change: Term,
    /// The state of the tunnel, as far as the cloud reports it: `up`, `negotiating`, `down`, `unknown`.
    pub tunnel: Term,
    /// What the cloud reports in its own words, as `(field, word)`.
    pub reported: Vec<(Cow<'static, str>, String)>,
}

impl Default for Status {
    fn default() -> Self {
        Self { change: Term::Unknown, tunnel: Term::Unknown, reported: Vec::new() }
    }
}

impl Status {
    /// The model's JSON.
    fn to_json(&self) -> Json {
        let reported: Map<String, Json> = self.reported.iter().map(|(field, word)| (field.to_string(), json!(word))).collect();
        json!({ "change": self.change.word(), "tunnel": self.tunnel.word(), "reported": reported })
    }
}

/// One tunnel of a dual-tunnel connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Tunnel {
    /// The cloud's id of the tunnel.
    pub id: String,
    /// How the cloud tells it from the other tunnel: `master`, `slave`, or an index.
    pub role: Option<String>,
    /// Public address of the cloud's end.
    pub gateway_address: Option<String>,
    /// Its own settings.
    pub settings: Settings,
    /// Its own state.
    pub status: Status,
}

/// A connection, an attachment or an IPsec server.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Its ref.
    pub reference: Ref,
    /// Id of the cloud's gateway to which it belongs.
    pub gateway: Option<String>,
    /// Public address of the cloud's end, if the reply has it.
    pub gateway_address: Option<String>,
    /// Its settings, including those that can only be read.
    pub settings: Settings,
    /// Its state.
    pub status: Status,
    /// The tunnels of a dual-tunnel connection, in the cloud's order; empty for a single-tunnel one.
    pub tunnels: Vec<Tunnel>,
    /// When it was created: RFC 3339, or the cloud's text if that is not a time.
    pub created: Option<String>,
    /// When it was last changed, likewise.
    pub updated: Option<String>,
    /// What the cloud returned beyond the model, under the cloud's names, without secrets.
    pub extra: Map<String, Json>,
}

impl Connection {
    /// A connection of which only the ref is known.
    #[must_use]
    pub fn new(reference: Ref) -> Self {
        Self {
            reference,
            gateway: None,
            gateway_address: None,
            settings: Settings::new(),
            status: Status::default(),
            tunnels: Vec::new(),
            created: None,
            updated: None,
            extra: Map::new(),
        }
    }

    /// The settings of one of its tunnels, over those of the connection; without a tunnel, those of the connection.
    #[must_use]
    pub fn seen_from(&self, tunnel: Option<usize>) -> Settings {
        match tunnel.and_then(|place| self.tunnels.get(place)) {
            Some(tunnel) => self.settings.with(&tunnel.settings),
            None => self.settings.clone(),
        }
    }

    /// The connection with placeholders instead of secrets, for a request that is only shown.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let mut shown = Self { settings: self.settings.redacted(), ..self.clone() };
        for tunnel in &mut shown.tunnels {
            tunnel.settings = tunnel.settings.redacted();
        }
        shown
    }

    /// The text of a field beyond the model.
    #[must_use]
    pub fn extra_text(&self, field: &str) -> Option<&str> {
        self.extra.get(field)?.as_str()
    }

    /// The model's JSON, documented in the README.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut object = Map::new();
        object.insert("ref".to_owned(), json!(self.reference.to_string()));
        object.insert("provider".to_owned(), json!(self.reference.provider));
        object.insert("region".to_owned(), json!(self.reference.region));
        object.insert("kind".to_owned(), json!(self.reference.kind));
        object.insert("id".to_owned(), json!(self.reference.id));
        for (name, value) in
            [("gateway", &self.gateway), ("gateway_address", &self.gateway_address), ("created", &self.created), ("updated", &self.updated)]
        {
            if let Some(value) = value {
                object.insert(name.to_owned(), json!(value));
            }
        }
        object.insert("status".to_owned(), self.status.to_json());
        object.extend(self.settings.to_json());
        if !self.tunnels.is_empty() {
            object.insert("tunnels".to_owned(), Json::Array(self.tunnels.iter().map(Tunnel::to_json).collect()));
        }
        if !self.extra.is_empty() {
            object.insert("extra".to_owned(), Json::Object(self.extra.clone()));
        }
        Json::Object(object)
    }
}

impl Tunnel {
    /// The model's JSON.
    fn to_json(&self) -> Json {
        let mut object = self.settings.to_json();
        object.insert("id".to_owned(), json!(self.id));
        if let Some(role) = &self.role {
            object.insert("role".to_owned(), json!(role));
        }
        if let Some(address) = &self.gateway_address {
            object.insert("gateway_address".to_owned(), json!(address));
        }
        object.insert("status".to_owned(), self.status.to_json());
        Json::Object(object)
    }
}
