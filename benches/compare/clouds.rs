//! The emulated clouds, served over TLS.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;

use chrono::Utc;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming as HyperBody};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tunnelctl::testing::{Answer, Incoming, PROVIDERS, Registration, Store, answer, seeded};

// The clouds.

/// A cloud that is served over TLS, and what a client needs to know.
pub struct Cloud {
    pub registration: &'static Registration,
    pub port: u16,
    pub region: String,
    pub project: Option<String>,
}

/// Serves the emulator's clouds over TLS, each on a port of its own, from a thread; changes settle at once.
pub fn serve(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> Vec<Cloud> {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let mut store = seeded();
    store.settle_ms = 0;
    let mut clouds = Vec::new();
    let mut listeners = Vec::new();
    for registration in PROVIDERS.iter().copied() {
        let example = registration.kinds.first().map(|kind| kind.id_example).unwrap_or_default();
        let Some(thing) = store.things.iter().find(|thing| thing.id == example) else { continue };
        let project = store.things.iter().find(|other| other.class == "project" && other.region == thing.region);
        let project = project.filter(|project| project.provider == thing.provider).map(|project| project.id.clone());
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        clouds.push(Cloud { registration, port: listener.local_addr().unwrap().port(), region: thing.region.clone(), project });
        listeners.push((registration, listener));
    }
    std::thread::spawn(move || {
        let store = Rc::new(RefCell::new(store));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async move {
            for (registration, listener) in listeners {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::task::spawn_local(accept(registration, listener, acceptor.clone(), Rc::clone(&store)));
            }
            std::future::pending::<()>().await;
        });
    });
    clouds
}

pub async fn accept(
    registration: &'static Registration,
    listener: tokio::net::TcpListener,
    acceptor: TlsAcceptor,
    store: Rc<RefCell<Store>>,
) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (acceptor, store) = (acceptor.clone(), Rc::clone(&store));
        tokio::task::spawn_local(async move {
            // The client notices and reports what goes wrong here.
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let service = service_fn(move |request| exchange(registration, request, Rc::clone(&store)));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

pub async fn exchange(
    registration: &'static Registration,
    request: Request<HyperBody>,
    store: Rc<RefCell<Store>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()));
    let incoming = Incoming {
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: headers.collect(),
        body: body.collect().await.unwrap().to_bytes().to_vec(),
        at: Utc::now(),
    };
    let Answer::Reply(reply, _) = answer(registration, &incoming, &mut store.borrow_mut()) else { panic!("no fault was asked for") };
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(Bytes::from(reply.body))).unwrap())
}
