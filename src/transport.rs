//! The way out: the network, or the emulator inside the process. Nothing else opens a socket for a cloud.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::emulator::{Answer, Incoming, Store, Thing, answer, seeded};
use crate::error::{Error, exit};
use crate::http::{Method, Reply, Request};
use crate::provider::Registration;
use crate::runtime::needed;

/// Limits of one attempt.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest that one attempt may take.
pub const ATTEMPT: Duration = Duration::from_secs(30);
const BODY_LIMIT: usize = 8 << 20;

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// Nothing of the request was sent: name, connection or TLS failed.
    NotSent(String),
    /// Something was sent, and what became of it is not known.
    Lost(String),
}

/// A way to send a signed request.
#[derive(Debug)]
pub enum Transport {
    /// The network.
    Network(Network),
    /// The emulator inside the process.
    Emulated(Emulated),
}

impl Transport {
    /// Sets up what calls need, once. Nothing is set up before: a dry run opens no certificates.
    ///
    /// # Errors
    /// When the certificates cannot be used.
    pub fn ready(&self) -> Result<(), Error> {
        match self {
            Self::Network(network) => network.client().map(|_| ()),
            Self::Emulated(_) => Ok(()),
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
            Self::Emulated(emulated) => emulated.send(registration, request),
        }
    }

    /// Waits. The emulator's time is moved on instead.
    pub async fn wait(&self, duration: Duration) {
        match self {
            Self::Network(_) => {
                needed().await;
                tokio::time::sleep(duration).await;
            }
            Self::Emulated(emulated) => emulated.advance(duration),
        }
    }
}

/// The network.
#[derive(Debug)]
pub struct Network {
    ca_file: Option<PathBuf>,
    loopback: bool,
    client: OnceCell<reqwest::Client>,
}

impl Network {
    /// The network, with the roots that come with the program, or those of a PEM file.
    #[must_use]
    pub const fn new(ca_file: Option<PathBuf>, loopback: bool) -> Self {
        Self { ca_file, loopback, client: OnceCell::new() }
    }

    /// The client; made at the first use.
    fn client(&self) -> Result<&reqwest::Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.build()?;
        Ok(self.client.get_or_init(|| client))
    }

    fn build(&self) -> Result<reqwest::Client, Error> {
        let failed = |cause: String| Error::new(exit::CREDENTIALS, cause);
        let mut roots = RootCertStore::empty();
        if let Some(path) = &self.ca_file {
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|cause| failed(format!("the certificates in {}: {cause}", path.display())))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|cause| failed(format!("the certificates in {}: {cause}", path.display())))?;
                roots.add(certificate).map_err(|cause| failed(format!("the certificates in {}: {cause}", path.display())))?;
            }
            if roots.is_empty() {
                return Err(failed(format!("{} holds no certificate", path.display())));
            }
        } else {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(rustls::DEFAULT_VERSIONS)
            .map_err(|cause| failed(format!("cannot set TLS up: {cause}")))?
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
        builder.build().map_err(|cause| failed(format!("cannot set HTTP up: {}", cause.without_url())))
    }
}

async fn over_network(client: &reqwest::Client, request: &Request, limit: Duration) -> Result<Reply, SendError> {
    needed().await;
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut builder = client.request(method, format!("{}{}", request.endpoint, request.target())).timeout(limit);
    // `Host` is the URL's authority, which is the very text that was signed.
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

/// Opens a file for writing that only its owner can read, made when it is not there.
fn private(path: &Path, truncate: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(truncate).mode(0o600).open(path)
}

/// The emulator inside the process. Its state lies in a file, so that the next command sees it.
#[derive(Debug)]
pub struct Emulated {
    path: PathBuf,
}

impl Emulated {
    /// The emulator whose state lies in this directory.
    ///
    /// # Errors
    /// When the directory or the state cannot be used.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        crate::files::private_dir(directory)?;
        let emulated = Self { path: directory.join("state.json") };
        emulated.with(|_| ())?;
        Ok(emulated)
    }

    /// The regions in which a cloud holds something that can be listed, in order.
    ///
    /// # Errors
    /// When the state cannot be used.
    pub fn regions(&self, provider: &str) -> Result<Vec<String>, Error> {
        self.with(|store| {
            let listed = |thing: &&Thing| thing.provider == provider && matches!(thing.class.as_str(), "connection" | "ipsec-server");
            let regions: BTreeSet<&String> = store.things.iter().filter(listed).map(|thing| &thing.region).collect();
            regions.into_iter().cloned().collect()
        })
    }

    /// Runs `work` on the store under the file's lock, and saves it.
    fn with<T>(&self, work: impl FnOnce(&mut Store) -> T) -> Result<T, Error> {
        let failed = |cause: &dyn std::fmt::Display| {
            Error::new(exit::CREDENTIALS, format!("the emulator's state {} cannot be used: {cause}", self.path.display()))
                .next(format!("start afresh: rm {}", self.path.display()))
        };
        // Beside the state, which is never written in place: a run that ends in mid-write leaves the old one as it was.
        let lock = private(&self.path.with_extension("lock"), false).map_err(|cause| failed(&cause))?;
        lock.lock().map_err(|cause| failed(&cause))?;
        let text = match fs::read_to_string(&self.path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(failed(&cause)),
            text => text.unwrap_or_default(),
        };
        let mut store = if text.is_empty() { seeded() } else { serde_json::from_str(&text).map_err(|cause| failed(&cause))? };
        let result = work(&mut store);
        let saved = serde_json::to_string(&store).map_err(|cause| failed(&cause))?;
        if saved != text {
            self.replace(saved.as_bytes()).map_err(|cause| failed(&cause))?;
        }
        Ok(result)
    }

    /// Puts a new state in the old one's place, whole or not at all. Under the lock, so that the new file has one writer.
    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let written = private(&fresh, true).and_then(|mut file| file.write_all(bytes)).and_then(|()| fs::rename(&fresh, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&fresh);
        }
        written
    }

    fn send(&self, registration: &'static Registration, request: &Request) -> Result<Reply, SendError> {
        let answered = self.with(|store| {
            let at = Utc::now() + chrono::TimeDelta::seconds(store.skew_secs);
            answer(registration, &Incoming::from_request(request, at), store)
        });
        match answered {
            Ok(Answer::Reply(reply, delay)) => {
                self.advance(Duration::from_millis(delay));
                Ok(reply)
            }
            Ok(Answer::Cut) => Err(SendError::Lost("the emulator cut the connection".to_owned())),
            Err(error) => Err(SendError::NotSent(error.message)),
        }
    }

    fn advance(&self, duration: Duration) {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        if ms > 0 {
            // A state that cannot be saved is met again, and reported, by the next request.
            let _ = self.with(|store| store.advance(ms));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_cannot_be_written_leaves_the_old_one() {
        let directory = tempfile::tempdir().unwrap();
        let emulated = Emulated::open(directory.path()).unwrap();
        let before = fs::read(&emulated.path).unwrap();
        // Where the new file should be, nothing can be written.
        fs::create_dir(emulated.path.with_extension("new")).unwrap();
        assert!(emulated.with(|store| store.advance(5)).is_err());
        assert_eq!(fs::read(&emulated.path).unwrap(), before);
        fs::remove_dir(emulated.path.with_extension("new")).unwrap();
        emulated.with(|store| store.advance(5)).unwrap();
        assert_ne!(fs::read(&emulated.path).unwrap(), before);
        assert!(!emulated.path.with_extension("new").exists());
    }

    #[test]
    fn what_a_killed_run_left_half_written_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let emulated = Emulated::open(directory.path()).unwrap();
        fs::write(emulated.path.with_extension("new"), "{\"things\":[").unwrap();
        emulated.with(|store| store.advance(5)).unwrap();
        assert!(Emulated::open(directory.path()).is_ok());
    }
}
