//! What the program costs, compared with the least that any program would cost. `benches/README.md` explains the rows.
//!
//! One binary, run again by itself in small roles: `bare` and `floor` are the floors, `sample` runs one command and
//! reports what it used, and the driver (no role) serves the emulator over TLS and draws up the table.

#![allow(
    clippy::missing_docs_in_private_items,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark stops where it fails"
)]

mod clouds;
mod floor;
mod journals;
mod rows;
mod sample;

use std::ffi::OsString;
use std::path::Path;

use rustls::pki_types::PrivateKeyDer;

use clouds::*;
use floor::*;
use journals::*;
use rows::*;
use sample::*;

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tunnelctl");
/// Runs of each command, unless a number is given: `cargo bench -- 50`.
const RUNS: usize = 200;
/// Journals that are read, and records in each.
const JOURNALS: i64 = 5000;
const RECORDS: u32 = 12;
/// Largest size of the binary, in bytes.
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
    // Interleaved (A B C A B C), so that a disturbance of the machine affects all rows alike.
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
