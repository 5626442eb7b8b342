//! What the program costs beside the least that any program would cost. `benches/README.md` says what the rows mean.
//!
//! One binary, run again by itself in small roles: `bare` and `floor` are the floors, `sample` runs one command and
//! reports what it used, and the driver (no role) serves the emulator over TLS and draws up the table.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark stops where it fails")]

use std::cell::RefCell;
use std::convert::Infallible;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming as HyperBody};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use nix::sys::resource::{UsageWho, getrusage};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned};
use serde::{Deserialize, Serialize};
use tokio_rustls::TlsAcceptor;
use tunnelctl::testing::operation::OperationId;
use tunnelctl::testing::operation::{Disk, MemoryDisk, RealDisk};
use tunnelctl::testing::operation::{Journal, Sync, journal};
use tunnelctl::testing::{Answer, answer, seeded};
use tunnelctl::testing::{Incoming, Store};
use tunnelctl::testing::{PROVIDERS, Registration};

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tunnelctl");
/// Runs of each command, unless a number is given: `cargo bench -- 50`.
const RUNS: usize = 200;
/// Journals that are read, and records in each.
const JOURNALS: i64 = 5000;
const RECORDS: u32 = 12;
/// Longest size of the binary, in bytes.
const SIZE_GOAL: u64 = 5_000_000;

fn main() {
    // Cargo adds `--bench`.
    let args: Vec<OsString> = std::env::args_os().skip(1).filter(|arg| arg != "--bench").collect();
    let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    match words.as_slice() {
        ["bare"] => {}
        ["floor", port, roots] => floor(port.parse().expect("a port"), Path::new(roots)),
        ["journals", directory] => journals(Path::new(directory)),
        ["sample", program, words @ ..] => sample(program, words),
        [] => drive(RUNS),
        [runs] => drive(runs.parse().expect("the number of runs")),
        _ => panic!("expected nothing, or the number of runs"),
    }
}

// The floors.

/// One POST over TLS with nothing but rustls: the least that a call can cost.
fn floor(port: u16, roots: &Path) {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(roots).unwrap() {
        store.add(certificate.unwrap()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let socket = TcpStream::connect(("localhost", port)).unwrap();
    socket.set_nodelay(true).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    write!(stream, "POST / HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}").unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    assert!(reply.starts_with(b"HTTP/1.1 "), "no HTTP reply");
}

// The journals.

/// As large and as nested as what a rotation records.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    event: String,
    at: DateTime<Utc>,
    end: String,
    attempt: u32,
    direction: String,
    fp: String,
    token: String,
    note: Option<String>,
}

/// Writes the journals of finished operations, without waiting for a disk.
fn write_journals(directory: &Path) {
    let began = DateTime::from_timestamp(1_795_228_319, 0).unwrap();
    let record = |attempt| Record {
        event: "attempt".to_owned(),
        at: began,
        end: "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i".to_owned(),
        attempt,
        direction: "forward".to_owned(),
        fp: "3f2a9c41".to_owned(),
        token: "b7d1b5a2-6f0e-4a41-9f5b-0d6f3c1f8e77".to_owned(),
        note: None,
    };
    std::fs::create_dir(directory).unwrap();
    for number in 0..JOURNALS {
        let disk = Rc::new(MemoryDisk::new());
        let random = [number, number >> 5, number >> 10, 0].map(|part| u8::try_from(part & 31).unwrap());
        let id = OperationId::new(began + TimeDelta::seconds(number), random);
        let mut journal = Journal::create(disk.clone(), directory, &id).unwrap();
        (0..RECORDS).for_each(|number| journal.append(&record(number), Sync::Now).unwrap());
        let path = journal::path(directory, &id);
        std::fs::write(&path, disk.read(&path).unwrap()).unwrap();
    }
}

/// Reads every journal, as a listing of all operations does.
fn journals(directory: &Path) {
    let disk = RealDisk::default();
    let ids = journal::list(&disk, directory).unwrap();
    let records: usize = ids.iter().map(|id| journal::peek::<Record>(&disk, directory, id).unwrap().records.len()).sum();
    assert_eq!(records, JOURNALS as usize * RECORDS as usize);
}

// One command.

/// What one run of a command used.
#[derive(Debug, Clone, Copy)]
struct Used {
    /// Processor time, user and system, in microseconds.
    cpu_us: i64,
    /// Most memory, in KiB.
    rss_kib: i64,
}

/// Runs a command, and prints what it used: a process of its own, because the kernel counts for all children together.
fn sample(program: &str, words: &[&str]) {
    let quiet = || Stdio::null();
    let status = Command::new(program).args(words).stdin(quiet()).stdout(quiet()).stderr(quiet()).status().unwrap();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let cpu_us: i64 = [usage.user_time(), usage.system_time()].iter().map(|time| time.tv_sec() * 1_000_000 + time.tv_usec()).sum();
    println!("{cpu_us} {} {}", usage.max_rss(), status.code().unwrap_or(-1));
}

/// A row of the table.
struct Row {
    name: String,
    program: PathBuf,
    words: Vec<String>,
    variables: Vec<(&'static str, String)>,
    /// The row that it is compared with.
    floor: usize,
    goal: Goal,
    used: Vec<Used>,
}

/// The most that a row may cost; `None` where nothing is set.
#[derive(Debug, Clone, Copy, Default)]
struct Goal {
    ratio: Option<f64>,
    instructions: Option<f64>,
    mib: Option<f64>,
}

const START: Goal = Goal { ratio: Some(1.5), instructions: Some(0.8e6), mib: None };
const CALL: Goal = Goal { ratio: Some(1.6), instructions: Some(5.5e6), mib: Some(5.0) };
const NONE: Goal = Goal { ratio: None, instructions: None, mib: None };

impl Row {
    fn new(name: impl Into<String>, program: impl Into<PathBuf>, words: &[&str], floor: usize, goal: Goal) -> Self {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Self { name: name.into(), program: program.into(), words, variables: Vec::new(), floor, goal, used: Vec::new() }
    }

    /// The command, with no environment but its own.
    fn command(&self, home: &Path, before: &[&Path]) -> Command {
        let mut all = before.to_vec();
        all.push(&self.program);
        let (program, rest) = all.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(rest).args(&self.words).stdin(Stdio::null()).current_dir(home);
        command.env_clear().env("HOME", home).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it once to see that it does what is measured.
    fn check(&self, home: &Path) {
        let output = self.command(home, &[]).output().unwrap();
        assert!(output.status.success(), "{}: {}\n{}", self.name, output.status, String::from_utf8_lossy(&output.stderr));
    }

    fn sample(&mut self, home: &Path, me: &Path) {
        let mut command = self.command(home, &[me, Path::new("sample")]);
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let numbers: Vec<i64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let [cpu_us, rss_kib, 0] = *numbers else { panic!("{} failed: {text}", self.name) };
        self.used.push(Used { cpu_us, rss_kib });
    }

    fn cpu_us(&self) -> f64 {
        median(self.used.iter().map(|used| used.cpu_us))
    }

    fn mib(&self) -> f64 {
        median(self.used.iter().map(|used| used.rss_kib)) / 1024.0
    }

    /// Instructions, counted by callgrind.
    fn instructions(&self, home: &Path, valgrind: &Path) -> Option<f64> {
        let log = home.join("callgrind.log");
        let mut options: Vec<OsString> = vec!["--tool=callgrind".into(), "--callgrind-out-file=/dev/null".into()];
        let mut log_option = OsString::from("--log-file=");
        log_option.push(&log);
        options.push(log_option);
        let mut before: Vec<&Path> = vec![valgrind];
        before.extend(options.iter().map(Path::new));
        let output = self.command(home, &before).output().unwrap();
        let text = std::fs::read_to_string(&log).ok().filter(|_| output.status.success())?;
        text.split("Collected :").nth(1)?.split_whitespace().next()?.parse().ok()
    }
}

fn median(values: impl Iterator<Item = i64>) -> f64 {
    let mut values: Vec<i64> = values.collect();
    values.sort_unstable();
    let middle = |place: usize| values.get(place).copied().unwrap_or_default();
    (middle(values.len() / 2) + middle((values.len().max(1) - 1) / 2)) as f64 / 2.0
}

// The clouds.

/// A cloud that is served over TLS, with what a client must know.
struct Cloud {
    registration: &'static Registration,
    port: u16,
    region: String,
    project: Option<String>,
}

/// Serves the emulator's clouds over TLS, each on a port of its own, from a thread; changes settle at once.
fn serve(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> Vec<Cloud> {
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

async fn accept(registration: &'static Registration, listener: tokio::net::TcpListener, acceptor: TlsAcceptor, store: Rc<RefCell<Store>>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (acceptor, store) = (acceptor.clone(), Rc::clone(&store));
        tokio::task::spawn_local(async move {
            // What goes wrong here is seen, and reported, by the client.
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let service = service_fn(move |request| exchange(registration, request, Rc::clone(&store)));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn exchange(
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

// The table.

fn drive(runs: usize) {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let roots = home.join("ca.pem");
    std::fs::write(&roots, cert.pem()).unwrap();
    let clouds = serve(cert.der().clone(), PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap());
    let me = std::env::current_exe().unwrap();
    let operations = home.join("operations");
    write_journals(&operations);
    let mut rows = rows(&me, &roots, &clouds, &operations);
    for row in &rows {
        row.check(home);
    }
    // A B C A B C: what disturbs the machine for a while disturbs all rows alike.
    for _ in 0..runs {
        for row in &mut rows {
            row.sample(home, &me);
        }
    }
    let valgrind =
        std::env::var_os("PATH").and_then(|path| std::env::split_paths(&path).map(|dir| dir.join("valgrind")).find(|file| file.is_file()));
    let instructions: Vec<Option<f64>> =
        rows.iter().map(|row| valgrind.as_ref().and_then(|valgrind| row.instructions(home, valgrind))).collect();
    let mut lines = vec![["", "cpu ms", "x floor", "goal", "M instr.", "goal", "MiB", "goal", ""].map(str::to_owned)];
    for (row, instructions) in rows.iter().zip(&instructions) {
        lines.push(line(row, row.cpu_us() / rows.get(row.floor).unwrap().cpu_us(), *instructions));
    }
    let size = std::fs::metadata(PROGRAM).unwrap().len();
    print(&lines);
    println!();
    println!("binary: {:.2} MB, goal {:.1} MB: {}", size as f64 / 1e6, SIZE_GOAL as f64 / 1e6, verdict(size <= SIZE_GOAL));
    println!("medians of {runs} runs, interleaved; `call:` rows are compared with `floor of a call`, the others with `bare process`");
    if valgrind.is_none() {
        println!("instructions are not counted: there is no valgrind here");
    }
}

fn rows(me: &Path, roots: &Path, clouds: &[Cloud], operations: &Path) -> Vec<Row> {
    let roots = roots.to_str().unwrap();
    let port = clouds.first().expect("a cloud that has its example seeded").port.to_string();
    let mut rows = vec![
        Row::new("bare process", me, &["bare"], 0, NONE),
        Row::new("floor of a call", me, &["floor", &port, roots], 1, NONE),
        Row::new("--version", PROGRAM, &["--version"], 0, START),
        Row::new("--help", PROGRAM, &["--help"], 0, START),
        Row::new("5,000 journals", me, &["journals", operations.to_str().unwrap()], 0, NONE),
    ];
    for Cloud { registration, port, region, project } in clouds {
        let kind = registration.kinds.first().unwrap();
        let (id, reference) = (registration.id, format!("{}@{region}/{}", registration.id, kind.id_example));
        let endpoint = format!("https://localhost:{port}");
        let away = ["--endpoint", &endpoint, "--ca-file", roots];
        let change = ["modify", &reference, "--name", "bench", "--no-read", "-q"];
        let environment = &registration.environment;
        let (key, secret) = registration.emulation.credentials;
        let mut variables =
            vec![(*environment.id.first().unwrap(), key.to_owned()), (*environment.secret.first().unwrap(), secret.to_owned())];
        if let (Some(name), Some(project)) = (environment.project.first(), project) {
            variables.push((*name, project.clone()));
        }
        let mut add = |name: &str, words: &[&str], floor, goal| {
            rows.push(Row { variables: variables.clone(), ..Row::new(name, PROGRAM, words, floor, goal) });
        };
        add(&format!("modify {id} {} --help", kind.name), &["modify", id, kind.name, "--help"], 0, NONE);
        add(&format!("modify {id} --dry-run"), &[&change[..], &["--dry-run"], &away].concat(), 0, NONE);
        add(&format!("call: show {id}"), &[&["show", &reference][..], &away].concat(), 1, CALL);
        add(&format!("call: modify {id}"), &[&change[..], &["--no-wait", "--yes"], &away].concat(), 1, CALL);
    }
    rows
}

fn line(row: &Row, ratio: f64, instructions: Option<f64>) -> [String; 9] {
    let goal = |goal: Option<f64>, unit: f64, places: usize| goal.map(|goal| format!("{:.places$}", goal / unit)).unwrap_or_default();
    let measured =
        [("cpu", Some(ratio), row.goal.ratio), ("instr.", instructions, row.goal.instructions), ("MiB", Some(row.mib()), row.goal.mib)];
    let compared: Vec<(&str, bool)> = measured.into_iter().filter_map(|(name, figure, goal)| Some((name, figure? <= goal?))).collect();
    let missed: Vec<&str> = compared.iter().filter(|(_, reached)| !reached).map(|(name, _)| *name).collect();
    [
        row.name.clone(),
        format!("{:.2}", row.cpu_us() / 1000.0),
        format!("{ratio:.2}"),
        goal(row.goal.ratio, 1.0, 1),
        instructions.map(|count| format!("{:.2}", count / 1e6)).unwrap_or_default(),
        goal(row.goal.instructions, 1e6, 1),
        format!("{:.1}", row.mib()),
        goal(row.goal.mib, 1.0, 0),
        match (compared.is_empty(), missed.is_empty()) {
            (true, _) => String::new(),
            (_, reached @ true) => verdict(reached).to_owned(),
            (_, reached) => format!("{} ({})", verdict(reached), missed.join(", ")),
        },
    ]
}

const fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}

/// Names and verdicts to the left, figures to the right.
fn print(lines: &[[String; 9]]) {
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or_default();
    for line in lines {
        let mut text = String::new();
        for (column, cell) in line.iter().enumerate() {
            let width = width(column);
            text.push_str(&if column == 0 || column == 8 { format!("{cell:<width$}  ") } else { format!("{cell:>width$}  ") });
        }
        println!("{}", text.trim_end());
    }
}
