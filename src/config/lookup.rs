//! The source of each setting, in order: what this program was told (ref, flags, its own variables), the profile, the
//! vendor's variables, the vendor's own files.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::rc::Rc;

use super::environment;
use super::file::{Cloud, Config, Given, Own};
use super::hidden::hidden;
use super::options::Options;
use super::rules::{is_project, is_region};
use crate::credentials::vendor::{Found, Signer, Sourced, Vendor};
use crate::error::{Error, exit};
use crate::print::output::Output;
use crate::provider::Registration;
use crate::system::variable;
use crate::wire::{Credentials, Endpoint};

pub use super::profile::profile;

/// Looks up the settings of a cloud.
pub struct Lookup<'a> {
    /// The cloud.
    registration: &'static Registration,
    /// The options of the command line.
    options: &'a Options,
    /// The configuration file, if there is one.
    config: Option<Rc<Config>>,
    /// The profile that is used.
    profile: Option<Sourced<String>>,
    /// The vendor's own files, once they were read.
    vendor: OnceCell<Vendor>,
    /// Whether the credentials come from the vendor's files. Only then do other settings in those files apply to them.
    by_files: bool,
}

impl<'a> Lookup<'a> {
    /// Reads the configuration file, if there is one.
    ///
    /// # Errors
    /// What is wrong with it, or with the profile that was named.
    pub fn new(registration: &'static Registration, options: &'a Options) -> Result<Self, Error> {
        let config = options.config.file()?;
        let profile = profile(options, config.as_deref())?;
        Ok(Self { registration, options, config, profile, vendor: OnceCell::new(), by_files: false })
    }

    /// The profile's settings for this cloud.
    fn cloud(&self) -> Option<(&Config, &Cloud)> {
        let config = self.config.as_deref()?;
        Some((config, config.profiles.get(&self.profile.as_ref()?.value)?.get(self.registration.id)?))
    }

    /// A setting of the profile.
    fn own<T: Clone>(&self, choose: impl Fn(&Cloud) -> Option<&Given<T>>) -> Option<Sourced<T>> {
        let (config, cloud) = self.cloud()?;
        choose(cloud).map(|given| Sourced::new(given.value.clone(), config.at(given.line)))
    }

    /// The first of these variables that is set.
    fn environment(names: &[&'static str]) -> Option<Sourced<String>> {
        variable(names).map(|(name, value)| Sourced::new(value, name))
    }

    /// The vendor's own files; read at the first call.
    fn vendor(&self) -> Result<&Vendor, Error> {
        if self.vendor.get().is_none() {
            let _ = self.vendor.set((self.registration.files)(self.vendor_profile())?);
        }
        Ok(self.vendor.get_or_init(Vendor::default))
    }

    /// The profile in the vendor's files that this profile names.
    fn vendor_profile(&self) -> Option<&str> {
        match &self.cloud()?.1.credentials.as_ref()?.value {
            Own::Vendor(name) => name.as_deref(),
            _ => None,
        }
    }

    /// The region of a call; `given` is the ref's.
    ///
    /// # Errors
    /// When ref and flag contradict each other, or the value cannot be a region.
    pub fn region(&self, given: Option<&str>) -> Result<Option<Sourced<String>>, Error> {
        let flag = self.options.region.as_deref();
        if let (Some(one), Some(other)) = (given, flag.filter(|other| Some(*other) != given)) {
            return Err(Error::usage(format!("the ref has region {one} and --region is {other}")));
        }
        let said = given.map(|region| Sourced::new(region.to_owned(), "the ref"));
        let said = said.or_else(|| flag.map(|region| Sourced::new(region.to_owned(), "--region")));
        let said = said.or_else(|| self.own(|cloud| cloud.region.as_ref().or_else(|| cloud.regions.first())));
        let said = said.or_else(|| Self::environment(self.registration.environment.region));
        let found = match said {
            None if self.options.emulated => None,
            None => self.vendor()?.region.clone(),
            said => said,
        };
        if let Some(found) = found.as_ref().filter(|found| !is_region(&found.value)) {
            let from = if found.from == "the ref" { "--region" } else { &found.from };
            return Err(Error::usage(format!("{from} {:?}: must be lower-case letters, digits and hyphens", found.value)));
        }
        Ok(found)
    }

    /// The regions of a listing that names none; `None` when the profile lists none.
    #[must_use]
    pub fn regions(&self) -> Option<Sourced<Vec<String>>> {
        let (config, cloud) = self.cloud().filter(|_| self.options.region.is_none())?;
        let line = cloud.regions.first()?.line;
        Some(Sourced::new(cloud.regions.iter().map(|given| given.value.clone()).collect(), config.at(line)))
    }

    /// The place of the profile's table for this cloud, `FILE:LINE`.
    #[must_use]
    pub fn table(&self) -> Option<String> {
        self.cloud().map(|(config, cloud)| config.at(cloud.line))
    }

    /// The URL of the service, if one is given.
    ///
    /// # Errors
    /// When the URL is not valid.
    pub fn endpoint(&self) -> Result<Option<Sourced<Endpoint>>, Error> {
        let said = self.options.endpoint.clone().map(|text| Sourced::new(text, "--endpoint"));
        let said = said.or_else(|| Self::environment(&[self.registration.environment.endpoint]));
        endpoint(said.or_else(|| self.own(|cloud| cloud.endpoint.as_ref())))
    }

    /// The URL of the identity service, if one is given. Call [`Self::credentials`] first.
    ///
    /// # Errors
    /// When the URL is not valid.
    pub fn identity_endpoint(&self) -> Result<Option<Sourced<Endpoint>>, Error> {
        let names = self.registration.environment.identity_endpoint;
        if names.is_empty() {
            return Ok(None);
        }
        let said = self.own(|cloud| cloud.identity_endpoint.as_ref()).or_else(|| Self::environment(names));
        match said {
            None => endpoint(self.beside_keys().and_then(|vendor| vendor.identity_endpoint.clone())),
            said => endpoint(said),
        }
    }

    /// The project id, if one is given. Call [`Self::credentials`] first.
    ///
    /// # Errors
    /// When the value cannot be a project id.
    pub fn project_id(&self) -> Result<Option<Sourced<String>>, Error> {
        let names = self.registration.environment.project;
        let flag = self.options.project_id.clone().map(|id| Sourced::new(id, "--project-id"));
        let said = if self.options.emulated { flag } else { flag.or_else(|| self.own(|cloud| cloud.project_id.as_ref())) };
        let said = said.or_else(|| Self::environment(names).filter(|_| !self.options.emulated));
        let found = match said {
            None if self.options.emulated || names.is_empty() => None,
            None => self.beside_keys().and_then(|vendor| vendor.project_id.clone()),
            said => said,
        };
        match found {
            Some(found) if !is_project(&found.value) => {
                Err(Error::usage(format!("{} {:?}: must be letters, digits and hyphens", found.from, found.value)))
            }
            found => Ok(found),
        }
    }

    /// The signature scheme, if one is given.
    ///
    /// # Errors
    /// When the cloud has no such scheme.
    pub fn signature(&self) -> Result<Option<Sourced<&'static str>>, Error> {
        let Some(wanted) = &self.options.signature else { return Ok(self.own(|cloud| cloud.signature.as_ref())) };
        let known = self.registration.signatures;
        let found = known.iter().copied().find(|scheme| scheme.eq_ignore_ascii_case(wanted));
        let missing = || Error::usage(format!("--signature {wanted}: {} has {}", self.registration.title, known.join(", ")));
        found.map(|scheme| Some(Sourced::new(scheme, "--signature"))).ok_or_else(missing)
    }

    /// The file of certificates to trust, if one is given.
    #[must_use]
    pub fn roots(&self) -> Option<Sourced<PathBuf>> {
        let flag = self.options.ca_file.clone().map(|path| Sourced::new(path, "--ca-file"));
        let system = || variable(&["SSL_CERT_FILE"]).map(|(name, path)| Sourced::new(PathBuf::from(path), name));
        flag.or_else(|| self.own(|cloud| cloud.ca_file.as_ref())).or_else(system)
    }

    /// The profile that is used.
    #[must_use]
    pub const fn profile(&self) -> Option<&Sourced<String>> {
        self.profile.as_ref()
    }

    /// Whether there are credentials; also true when they cannot be used, which is reported later.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        let environment = &self.registration.environment;
        let variables = || [environment.id, environment.secret, environment.bearer].into_iter().any(|names| variable(names).is_some());
        match self.cloud().and_then(|(_, cloud)| cloud.credentials.as_ref()).map(|given| &given.value) {
            Some(Own::Keys { .. }) => true,
            Some(Own::Environment) => variables(),
            Some(Own::Vendor(_)) => self.in_files(),
            None => variables() || self.in_files(),
        }
    }

    /// Whether the vendor's files hold credentials.
    fn in_files(&self) -> bool {
        self.vendor().map_or(true, |vendor| vendor.keys.is_some())
    }

    /// The credentials: the profile's own, or those of the vendor's variables, or of the vendor's files.
    ///
    /// # Errors
    /// When the first that are found cannot be used.
    pub fn credentials(&mut self, output: &Output) -> Result<Option<Found>, Error> {
        enum Place {
            Any,
            Environment,
            Vendor,
        }
        let place = match self.cloud().and_then(|(config, cloud)| Some((config, cloud.credentials.as_ref()?))) {
            None => Place::Any,
            Some((config, given)) => match &given.value {
                Own::Environment => Place::Environment,
                Own::Vendor(_) => Place::Vendor,
                Own::Keys { id, secret, token } => {
                    let (from, limit) = (config.at(given.line), self.options.timeout);
                    let secret = hidden(secret, &from, "secret", limit, output)?;
                    let token = token.as_ref().map(|token| hidden(token, &from, "token", limit, output)).transpose()?;
                    let credentials = Credentials { id: id.clone(), secret, token, bearer: None };
                    return Ok(Some(Found { signer: Signer::Ready(credentials), from: self.own_from().unwrap_or(from) }));
                }
            },
        };
        if !matches!(place, Place::Vendor)
            && let Some(found) = environment::keys(self.registration)?
        {
            return Ok(Some(found));
        }
        if matches!(place, Place::Environment) {
            return Ok(None);
        }
        self.vendor()?;
        let found = self.vendor.get_mut().and_then(|vendor| vendor.keys.take()).transpose()?;
        self.by_files = found.is_some();
        Ok(found)
    }

    /// The vendor's files, if the credentials come from them.
    fn beside_keys(&self) -> Option<&Vendor> {
        self.vendor.get().filter(|_| self.by_files)
    }

    /// The source of the profile's own keys, in words. Reads and runs nothing.
    #[must_use]
    pub fn own_from(&self) -> Option<String> {
        let (config, cloud) = self.cloud()?;
        let given = cloud.credentials.as_ref()?;
        let Own::Keys { secret, .. } = &given.value else { return None };
        Some(format!("{}, {secret}", config.at(given.line)))
    }

    /// The profile's own keys. Reads and runs nothing.
    #[must_use]
    pub fn own_keys(&self) -> Option<&Own> {
        self.cloud()?.1.credentials.as_ref().map(|given| &given.value).filter(|own| matches!(own, Own::Keys { .. }))
    }
}

/// Reads a URL.
fn endpoint(said: Option<Sourced<String>>) -> Result<Option<Sourced<Endpoint>>, Error> {
    let Some(said) = said else { return Ok(None) };
    let endpoint =
        Endpoint::parse(&said.value).map_err(|rule| Error::new(exit::USAGE, format!("{} {:?}: {rule}", said.from, said.value)))?;
    Ok(Some(Sourced::new(endpoint, said.from)))
}
