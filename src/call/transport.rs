//! How requests are sent: over the network, or to the emulator inside the process. Nothing else opens a socket to a cloud.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, exit};
use crate::provider::Registration;
use crate::system::runtime::needed;
use crate::wire::{Method, Reply, Request, SendError, Wire};

/// The longest that a connection may take to be established.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest that one attempt may take.
pub const ATTEMPT: Duration = Duration::from_secs(30);
/// The largest body of a reply, in bytes.
const BODY_LIMIT: usize = 8 << 20;

/// A way to send a signed request.
#[derive(Debug)]
pub enum Transport {
    /// The network.
    Network(Network),
    /// The emulator inside the process, or another wire.
    Direct(Rc<dyn Wire>),
}

impl Transport {
    /// Sets up what calls need, once. Not done earlier, so that a dry run opens no certificates.
    ///
    /// # Errors
    /// When the certificates cannot be used.
    pub fn ready(&self) -> Result<(), Error> {
        match self {
            Self::Network(network) => network.client().map(|_| ()),
            Self::Direct(_) => Ok(()),
        }
    }

    /// Sends a signed request and reads the whole reply, in `limit` at most.
    ///
    /// # Errors
    /// [`SendError`], which says whether anything can have been executed.
    pub async fn send(&self, registration: &'static Registration, request: &Request, limit: Duration) -> Result<Reply, SendError> {
        match self {
            Self::Network(network) => {
                let client = network.client().map_err(|error| SendError::NotSent(error.message))?;
                over_network(client, request, limit).await
            }
            Self::Direct(wire) => wire.send(registration.id, request),
        }
    }

    /// Waits, or moves the wire's clock instead.
    pub async fn wait(&self, duration: Duration) {
        match self {
            Self::Network(_) => {
                needed().await;
                tokio::time::sleep(duration).await;
            }
            Self::Direct(wire) => wire.advance(duration),
        }
    }

    /// The time by a clock that nobody sets: this machine's steady one, or the wire's own.
    #[must_use]
    pub fn steady(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        match self {
            Self::Network(_) => START.get_or_init(Instant::now).elapsed(),
            Self::Direct(wire) => (wire.now() - DateTime::UNIX_EPOCH).to_std().unwrap_or_default(),
        }
    }

    /// The time for stamps: this machine's, or the wire's own.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Network(_) => Utc::now(),
            Self::Direct(wire) => wire.now(),
        }
    }
}

/// The network.
#[derive(Debug)]
pub struct Network {
    /// A PEM file of certificates to trust, instead of the built-in ones.
    ca_file: Option<PathBuf>,
    /// Whether requests stay on this machine, so that no proxy is used.
    loopback: bool,
    /// The HTTP client, once it is needed.
    client: OnceCell<reqwest::Client>,
}

impl Network {
    /// The network, with the built-in root certificates, or those of a PEM file.
    #[must_use]
    pub const fn new(ca_file: Option<PathBuf>, loopback: bool) -> Self {
        Self { ca_file, loopback, client: OnceCell::new() }
    }

    /// The HTTP client; built at the first use.
    fn client(&self) -> Result<&reqwest::Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.build()?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Builds the HTTP client.
    fn build(&self) -> Result<reqwest::Client, Error> {
        let failed = |cause: String| Error::new(exit::CREDENTIALS, cause);
        let roots = match &self.ca_file {
            Some(path) => read_roots(path)?,
            None => RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        };
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(rustls::DEFAULT_VERSIONS)
            .map_err(|cause| failed(format!("cannot set up TLS: {cause}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT)
            .user_agent(concat!("tunnelctl/", env!("CARGO_PKG_VERSION")));
        if self.loopback {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|cause| failed(format!("cannot set up HTTP: {}", cause.without_url())))
    }
}

/// The certificates in a PEM file.
fn read_roots(path: &Path) -> Result<RootCertStore, Error> {
    let failed = |cause: &dyn std::fmt::Display| Error::new(exit::CREDENTIALS, format!("the certificates in {}: {cause}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|cause| failed(&cause))? {
        roots.add(certificate.map_err(|cause| failed(&cause))?).map_err(|cause| failed(&cause))?;
    }
    if roots.is_empty() {
        return Err(Error::new(exit::CREDENTIALS, format!("{} holds no certificate", path.display())));
    }
    Ok(roots)
}

/// Sends a request over the network.
async fn over_network(client: &reqwest::Client, request: &Request, limit: Duration) -> Result<Reply, SendError> {
    needed().await;
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut builder = client.request(method, format!("{}{}", request.endpoint, request.target())).timeout(limit);
    // `Host` follows from the URL, whose authority is the text that was signed.
    for (name, value) in request.wire_headers().iter().skip(1) {
        builder = builder.header(name, value);
    }
    let body = request.body_text();
    if !body.is_empty() || request.method != Method::Get {
        builder = builder.body(body);
    }
    let mut response = builder.send().await.map_err(|error| {
        if error.is_connect() || error.is_builder() {
            SendError::NotSent(cause(error, limit))
        } else {
            SendError::Lost(cause(error, limit))
        }
    })?;
    let headers =
        response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let mut reply = Reply { status: response.status().as_u16(), headers: headers.collect(), body: Vec::new() };
    while let Some(chunk) = response.chunk().await.map_err(|error| SendError::Lost(cause(error, limit)))? {
        if reply.body.len() + chunk.len() > BODY_LIMIT {
            return Err(SendError::Lost("the reply is larger than 8 MiB".to_owned()));
        }
        reply.body.extend_from_slice(&chunk);
    }
    Ok(reply)
}

/// The error in words, without the URL (it can carry keys), down to its deepest cause.
fn cause(error: reqwest::Error, limit: Duration) -> String {
    if error.is_timeout() {
        let (what, limit) = if error.is_connect() { ("connection", limit.min(CONNECT)) } else { ("reply", limit) };
        return format!("no {what} within {} s", limit.as_secs());
    }
    let error = error.without_url();
    let mut deepest: &dyn std::error::Error = &error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
