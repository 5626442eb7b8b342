//! The emulated clouds as servers on loopback, one listener each.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use chrono::Utc;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming as HyperBody};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::answer::{Answer, answer};
use crate::emulated::{Incoming, Store};
use crate::error::{Error, exit};
use crate::model::time::after_secs;
use crate::provider::{Registration, seeded};
use crate::system::files::{read_regular, write_new};
use crate::system::runtime::needed;

/// The largest request body, in bytes.
const BODY_LIMIT: usize = 12 << 20;

/// The emulated clouds.
#[derive(Debug)]
pub struct Server {
    /// What the clouds hold.
    store: Rc<RefCell<Store>>,
    /// Writes the state to a file.
    saver: Rc<Saver>,
}

impl Server {
    /// A server with the state in `path`, or a new state when there is no path or no such file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: Option<PathBuf>) -> Result<Self, Error> {
        let mut store: Store = match path.as_deref().map(read_regular) {
            Some(Ok(text)) => serde_json::from_str(&text).map_err(|cause| state_error(path.as_ref(), &cause))?,
            Some(Err(cause)) if cause.kind() != io::ErrorKind::NotFound => return Err(state_error(path.as_ref(), &cause)),
            _ => seeded(),
        };
        store.fall_back();
        Ok(Self { store: Rc::new(RefCell::new(store)), saver: Rc::new(Saver { path, waiting: Cell::new(false) }) })
    }

    /// Changes the store before it is served.
    pub fn configure(&mut self, change: impl FnOnce(&mut Store)) {
        change(&mut self.store.borrow_mut());
    }

    /// Starts the listener of a cloud; port 0 is any free port.
    ///
    /// # Errors
    /// When the port cannot be used.
    pub async fn listen(&self, registration: &'static Registration, port: u16) -> Result<SocketAddr, Error> {
        let failed =
            |cause: io::Error| Error::new(exit::FAILED, format!("cannot listen on 127.0.0.1:{port} for {}: {cause}", registration.title));
        needed().await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (store, saver) = (Rc::clone(&self.store), Rc::clone(&self.saver));
        tokio::task::spawn_local(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    // Probably out of file descriptors: wait until others are closed.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let _ = stream.set_nodelay(true);
                let (store, saver) = (Rc::clone(&store), Rc::clone(&saver));
                let service = service_fn(move |request| exchange(registration, request, Rc::clone(&store), Rc::clone(&saver)));
                tokio::task::spawn_local(async move {
                    // The client notices a connection that ends in an error.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .max_buf_size(128 << 10)
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Ok(address)
    }

    /// Serves until SIGINT or SIGTERM, then saves the state.
    ///
    /// # Errors
    /// When signals cannot be received or the state cannot be saved.
    pub async fn serve(self) -> Result<(), Error> {
        let failed = |cause: io::Error| Error::new(exit::FAILED, format!("cannot receive signals: {cause}"));
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt()).map_err(failed)?, signal(SignalKind::terminate()).map_err(failed)?);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        self.save()
    }

    /// Saves the state, if it has a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self) -> Result<(), Error> {
        save(&self.store.borrow(), self.saver.path.as_ref())
    }
}

/// The error for a state that cannot be read or written.
fn state_error(path: Option<&PathBuf>, cause: &dyn std::fmt::Display) -> Error {
    let path = path.map(|path| path.display().to_string()).unwrap_or_default();
    Error::new(exit::CREDENTIALS, format!("the emulator's state {path} cannot be used: {cause}"))
}

/// Saves a store, if it has a file.
fn save(store: &Store, path: Option<&PathBuf>) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    let text = serde_json::to_string(store).map_err(|cause| state_error(Some(path), &cause))?;
    // Replaced as a whole: a reader never finds half a state.
    let draft = path.with_extension("new");
    let _ = std::fs::remove_file(&draft);
    write_new(&draft, text.as_bytes()).and_then(|()| std::fs::rename(&draft, path)).map_err(|cause| state_error(Some(path), &cause))
}

/// Saves the state shortly after a change, once for many requests: it can be large.
#[derive(Debug)]
struct Saver {
    /// The file, if the state has one.
    path: Option<PathBuf>,
    /// Whether a save is due.
    waiting: Cell<bool>,
}

impl Saver {
    /// Saves the store soon.
    fn soon(self: &Rc<Self>, store: &Rc<RefCell<Store>>) {
        const LATER: Duration = Duration::from_millis(100);
        if self.path.is_none() || self.waiting.replace(true) {
            return;
        }
        let (saver, store) = (Rc::clone(self), Rc::clone(store));
        tokio::task::spawn_local(async move {
            tokio::time::sleep(LATER).await;
            saver.waiting.set(false);
            // The save at the end reports an error.
            let _ = save(&store.borrow(), saver.path.as_ref());
        });
    }
}

/// The error with which the service makes hyper close a connection without a reply.
#[derive(Debug, thiserror::Error)]
#[error("cut")]
struct Cut;

/// Answers one request.
async fn exchange(
    registration: &'static Registration,
    request: Request<HyperBody>,
    store: Rc<RefCell<Store>>,
    saver: Rc<Saver>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let headers =
        head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let incoming = Incoming {
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: headers.collect(),
        body: body.to_bytes().to_vec(),
        at: after_secs(Utc::now(), store.borrow().skew_secs),
    };
    let answered = answer(registration, &incoming, &mut store.borrow_mut());
    saver.soon(&store);
    match answered {
        Answer::Cut => Err(Cut),
        Answer::Reply(reply, delay) => {
            if delay > 0 {
                tokio::time::sleep(Duration::from_millis(delay)).await;
            }
            let mut builder = Response::builder().status(reply.status);
            for (name, value) in &reply.headers {
                builder = builder.header(name, value);
            }
            Ok(builder.body(Full::new(Bytes::from(reply.body))).unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR)))
        }
    }
}

/// A reply without a body.
fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
