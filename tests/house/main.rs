//! The plan of the house, kept: which room may use which, no rings of files, no large files, and the map in CONTRIBUTING.md.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, clippy::missing_docs_in_private_items)]

mod floors;
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use floors::{FLOORS, LARGE, PAIRS};
use imports::{House, Import};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

/// The most lines that a file has without a reason in [`LARGE`], and with one.
const LINES: usize = 300;
const MOST_LINES: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The house as it stands, read once.
fn house() -> &'static House {
    static HOUSE: LazyLock<House> = LazyLock::new(|| House::read(&root().join("src")));
    &HOUSE
}

/// The room that a file of `src/` stands in: its folder, or the file itself.
fn room(file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str().to_str().unwrap().to_owned();
    if file.components().count() == 1 { first } else { first + "/" }
}

/// The floor of a room, counted from the top.
fn floor(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|floor| floor.iter().any(|(name, _)| *name == room))
        .unwrap_or_else(|| panic!("{room} stands on no floor: add it to tests/house/floors.rs"))
}

/// The imports that do not look down, one a line.
fn looking_up(imports: &BTreeSet<Import>) -> Vec<String> {
    let up = |import: &&Import| {
        let (from, to) = (room(&import.from), room(&import.to));
        from != to && floor(&from) >= floor(&to)
    };
    let line = |import: &Import| {
        let (from, to) = (room(&import.from), room(&import.to));
        format!(
            "src/{}:{}: {} uses {}, which is not below it ({from} -> {to})",
            import.from.display(),
            import.line,
            import.path,
            import.to.display()
        )
    };
    imports.iter().filter(up).map(line).collect()
}

/// The rings of files, each with the imports that close it. Tests may name what they test.
fn rings(imports: &BTreeSet<Import>) -> Vec<(Vec<PathBuf>, Vec<String>)> {
    let code: Vec<&Import> = imports.iter().filter(|import| !import.test).collect();
    let graph: DiGraphMap<&Path, ()> = code.iter().map(|import| (import.from.as_path(), import.to.as_path())).collect();
    let rings = tarjan_scc(&graph).into_iter().filter(|ring| ring.len() > 1);
    rings
        .map(|mut ring| {
            ring.sort_unstable();
            let within = code.iter().filter(|import| ring.contains(&import.from.as_path()) && ring.contains(&import.to.as_path()));
            let lines = within.map(|import| format!("src/{}:{}: {}", import.from.display(), import.line, import.path)).collect();
            (ring.into_iter().map(Path::to_owned).collect(), lines)
        })
        .collect()
}

#[test]
fn every_room_uses_only_rooms_below_it() {
    let up = looking_up(&house().imports());
    assert!(up.is_empty(), "{} imports look up:\n{}", up.len(), up.join("\n"));
}

#[test]
fn files_that_use_each_other_are_two_and_have_a_reason() {
    for (ring, lines) in rings(&house().imports()) {
        let known = |(one, other, _): &&(&str, &str, &str)| ring == [Path::new(one), Path::new(other)];
        assert!(PAIRS.iter().any(|pair| known(&pair)), "a ring of {} files:\n{}", ring.len(), lines.join("\n"));
    }
}

#[test]
fn every_exception_is_still_needed() {
    let house = house();
    let rings: Vec<Vec<PathBuf>> = rings(&house.imports()).into_iter().map(|(ring, _)| ring).collect();
    for (one, other, _) in PAIRS {
        assert!(rings.contains(&vec![one.into(), other.into()]), "{one} and {other} no longer use each other");
    }
    for (file, _) in LARGE {
        assert!(lines(&root().join(file)) > LINES, "{file} is no longer large");
    }
    for (room, _) in FLOORS.iter().copied().flatten() {
        assert!(root().join("src").join(room).exists(), "there is no {room}");
    }
}

fn lines(file: &Path) -> usize {
    std::fs::read_to_string(file).unwrap().lines().count()
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
    paths.flat_map(below).filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

#[test]
fn no_file_is_large_without_a_reason() {
    let mut large = Vec::new();
    for file in ["src", "tests", "benches"].iter().flat_map(|folder| sources(&root().join(folder))) {
        let (name, count) = (file.strip_prefix(root()).unwrap(), lines(&file));
        let most = if LARGE.iter().any(|(known, _)| Path::new(known) == name) { MOST_LINES } else { LINES };
        if count > most {
            large.push(format!("{}: {count} lines", name.display()));
        }
    }
    assert!(large.is_empty(), "more than {LINES} lines:\n{}", large.join("\n"));
}

#[test]
fn an_import_that_looks_up_is_named_by_file_and_line() {
    let tree = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let path = tree.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod command;\nmod model;\n");
    write("command/mod.rs", "mod verb;\npub use verb::Verb;\nuse crate::model::Key;\n");
    write("command/verb.rs", "pub struct Verb;\n");
    write("model/mod.rs", "//! Words.\n\nuse crate::command::Verb;\npub struct Key;\n");
    let imports = House::read(tree.path()).imports();
    let up = looking_up(&imports);
    assert_eq!(up.len(), 1, "{up:?}");
    // Named where it is written, and followed through the re-export to where it leads.
    assert!(up[0].starts_with("src/model/mod.rs:3: crate::command::Verb uses command/verb.rs"), "{}", up[0]);
    write("model/mod.rs", "pub struct Key;\n");
    assert_eq!(looking_up(&House::read(tree.path()).imports()), Vec::<String>::new());
    // The same without `use`, inside a macro.
    write("model/mod.rs", "pub struct Key;\nfn f() -> String {\n    format!(\"{}\", crate::command::verb::name())\n}\n");
    let up = looking_up(&House::read(tree.path()).imports());
    assert!(up.len() == 1 && up[0].starts_with("src/model/mod.rs:3: "), "{up:?}");
}

#[test]
fn a_ring_of_files_is_found() {
    let tree = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let path = tree.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod model;\n");
    write("model/mod.rs", "mod a;\nmod b;\nmod c;\n");
    write("model/a.rs", "use super::b::B;\npub struct A;\n");
    write("model/b.rs", "use super::c::C;\npub struct B;\n");
    write("model/c.rs", "pub struct C;\nfn f() { super::a::A; }\n");
    let found = rings(&House::read(tree.path()).imports());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, ["model/a.rs", "model/b.rs", "model/c.rs"].map(PathBuf::from));
    assert_eq!(found[0].1.last().unwrap(), "src/model/c.rs:2: super::a::A");
}

/// The map as it stands in CONTRIBUTING.md.
fn map() -> String {
    let mut map = String::from("| floor | room | what it is for |\n|---|---|---|\n");
    for (number, floor) in FLOORS.iter().enumerate() {
        for (room, what) in *floor {
            map.push_str(&format!("| {} | `src/{room}` | {what} |\n", FLOORS.len() - 1 - number));
        }
    }
    map
}

#[test]
fn contributing_shows_the_map_of_this_table() {
    let path = root().join("CONTRIBUTING.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- map -->\n", "<!-- end of map -->");
    let (head, rest) = text.split_once(start).unwrap();
    let (shown, tail) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{head}{start}{}{end}{tail}", map())).unwrap();
    } else {
        assert_eq!(shown, map(), "UPDATE=1 cargo test --test house rewrites the map");
    }
}

/// Every room's files, so that the figures can be read: `cargo test --test house figures -- --nocapture`.
#[test]
fn figures() {
    let src = root().join("src");
    let house = house();
    let mut sizes: BTreeMap<usize, &Path> = BTreeMap::new();
    let counts: Vec<usize> = {
        let mut counts: Vec<usize> = house
            .files()
            .into_iter()
            .map(|file| {
                let count = lines(&src.join(file));
                sizes.insert(count, file);
                count
            })
            .collect();
        counts.sort_unstable();
        counts
    };
    let (largest, file) = sizes.last_key_value().unwrap();
    println!(
        "{} rooms on {} floors; {} files, {} lines, median {}, largest {largest} ({}); {} rings",
        FLOORS.iter().map(|floor| floor.len()).sum::<usize>(),
        FLOORS.len(),
        counts.len(),
        counts.iter().sum::<usize>(),
        counts[counts.len() / 2],
        file.display(),
        rings(&house.imports()).len()
    );
    assert!(!counts.is_empty());
}
