//! The settings of a profile for a cloud: `[profiles.<name>.<provider>]`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use toml::de::DeTable;

use super::reader::{Reader, Value};
use crate::config::file::{Cloud, Given};
use crate::config::rules::{is_project, is_region};
use crate::provider::{PROVIDERS, Registration, registration};
use crate::wire::Endpoint;

impl Reader<'_> {
    /// A table `[profiles.<name>]`.
    pub(super) fn profile(&mut self, name: &str, value: &Value<'_>) -> BTreeMap<&'static str, Cloud> {
        let place = format!("[profiles.{name}]");
        let Some(table) = self.table(value, &place) else { return BTreeMap::new() };
        let providers: Vec<&str> = PROVIDERS.iter().map(|registration| registration.id).collect();
        self.known(table, &place, &providers);
        let clouds = table.iter().filter_map(|(key, value)| Some((registration(key.get_ref())?, key.span(), value)));
        clouds
            .map(|(registration, span, value)| {
                let place = format!("[profiles.{name}.{}]", registration.id);
                let line = self.given(&span, ()).line;
                (registration.id, Cloud { line, ..self.cloud(registration, &place, value) })
            })
            .collect()
    }

    /// The table of a cloud.
    fn cloud(&mut self, registration: &'static Registration, place: &str, value: &Value<'_>) -> Cloud {
        let mut cloud = Cloud::default();
        let Some(table) = self.table(value, place) else { return cloud };
        let environment = &registration.environment;
        let mut keys = vec!["region", "regions", "endpoint", "signature", "ca_file", "roots", "credentials"];
        keys.extend((!environment.identity_endpoint.is_empty()).then_some("identity_endpoint"));
        keys.extend((!environment.project.is_empty()).then_some("project_id"));
        self.known(table, place, &keys);
        for (key, value) in table {
            let (span, key): (_, &str) = (value.span(), key.get_ref());
            match key {
                "region" => {
                    cloud.region = self.text(value, key);
                    self.check_regions(&span, cloud.region.as_slice());
                }
                "regions" => {
                    cloud.regions = self.texts(value, key);
                    self.check_regions(&span, &cloud.regions);
                }
                "endpoint" => cloud.endpoint = self.endpoint(value, key),
                "identity_endpoint" if keys.contains(&key) => cloud.identity_endpoint = self.endpoint(value, key),
                "project_id" if keys.contains(&key) => cloud.project_id = self.project_id(value),
                "signature" => cloud.signature = self.signature(registration, value),
                "ca_file" => cloud.ca_file = self.text(value, key).map(|given| Given { value: self.file(&given.value), line: given.line }),
                "roots" => cloud.ca_file = self.roots(table, value).or(cloud.ca_file),
                "credentials" => cloud.credentials = self.credentials(value, &format!("credentials of {place}")),
                _ => {}
            }
        }
        cloud
    }

    /// Reports each text that cannot be a region.
    fn check_regions(&mut self, span: &Range<usize>, regions: &[Given<String>]) {
        for region in regions.iter().filter(|region| !is_region(&region.value)) {
            self.fault(span, format!("region {:?}: must be lower-case letters, digits and hyphens", region.value));
        }
    }

    /// The value of `project_id`.
    fn project_id(&mut self, value: &Value<'_>) -> Option<Given<String>> {
        let id = self.text(value, "project_id")?;
        if !is_project(&id.value) {
            self.fault(&value.span(), "project_id: must be letters, digits and hyphens");
        }
        Some(id)
    }

    /// The URL of a service.
    fn endpoint(&mut self, value: &Value<'_>, key: &str) -> Option<Given<String>> {
        let text = self.text(value, key)?;
        if let Err(rule) = Endpoint::parse(&text.value) {
            self.fault(&value.span(), format!("{key}: {rule}"));
        }
        Some(text)
    }

    /// The value of `signature`.
    fn signature(&mut self, registration: &'static Registration, value: &Value<'_>) -> Option<Given<&'static str>> {
        let text = self.text(value, "signature")?;
        let found = registration.signatures.iter().copied().find(|scheme| scheme.eq_ignore_ascii_case(&text.value));
        if found.is_none() {
            self.fault(&value.span(), format!("signature: {} has {}", registration.title, registration.signatures.join(", ")));
        }
        found.map(|value| Given { value, line: text.line })
    }

    /// The file of certificates that `roots` stands for; none for the built-in ones.
    fn roots(&mut self, cloud: &DeTable<'_>, value: &Value<'_>) -> Option<Given<PathBuf>> {
        let span = value.span();
        match value.get_ref().as_str() {
            Some("built-in") => return None,
            Some("system") if cloud.contains_key("ca_file") => self.fault(&span, "roots and ca_file exclude each other"),
            Some("system") => match system_roots() {
                Some(path) => return Some(self.given(&span, path)),
                None => self.fault(&span, "no file with this system's certificates was found: name it with ca_file"),
            },
            _ => self.fault(&span, "roots must be \"built-in\" or \"system\""),
        }
        None
    }
}

/// The file in which the system keeps the certificates that it trusts.
fn system_roots() -> Option<PathBuf> {
    let known = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    known.into_iter().map(PathBuf::from).find(|path| path.is_file())
}
