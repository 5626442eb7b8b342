use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use super::*;

const NAME: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";
/// The environment variable that makes this test binary a run that takes the lock, in that directory.
const ROLE: &str = "TUNNELCTL_TEST_LOCK_DIRECTORY";

fn holder() -> Holder {
    let id = "20261121-023159-k7f2".parse().unwrap();
    Holder {
        pid: 4242,
        host: "host".to_owned(),
        since: DateTime::from_timestamp(1_795_228_265, 0).unwrap(),
        verb: "rotate".to_owned(),
        operation: Some(id),
    }
}

fn path(directory: &Path) -> PathBuf {
    directory.join(file_name(NAME))
}

/// Who holds the lock of a name, or died with it.
fn last_holder(directory: &Path, name: &str) -> Option<Holder> {
    read(&File::open(directory.join(file_name(name))).ok()?)
}

#[test]
fn lock_of_another_run_is_refused_with_its_holder_and_what_to_type() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("locks");
    let lock = Lock::take(&directory, NAME, &holder()).unwrap();
    let error = Lock::take(&directory, NAME, &Holder::this("modify", None, Utc::now())).unwrap_err();
    assert_eq!(error.exit, exit::HELD);
    let since = holder().since.format("%Y-%m-%d %H:%M:%S");
    let expected = format!("another run holds {NAME}: pid 4242 on host since {since}Z, rotate, operation 20261121-023159-k7f2");
    assert_eq!(error.message, expected);
    assert_eq!(error.next, ["tunnelctl operation show 20261121-023159-k7f2"]);
    assert_eq!(last_holder(&directory, NAME), Some(holder()));
    drop(lock);
    assert_eq!(last_holder(&directory, NAME), None);
    Lock::take(&directory, NAME, &holder()).unwrap();
}

#[test]
fn garbage_from_a_holder_is_tolerated_and_cannot_control_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let lock = Lock::take(home.path(), NAME, &holder()).unwrap();
    for garbage in [&b""[..], b"{", b"\xff\xfe", b"null", &[b'x'; 10_000]] {
        std::fs::write(path(home.path()), garbage).unwrap();
        let error = Lock::take(home.path(), NAME, &holder()).unwrap_err();
        assert_eq!((error.exit, error.message), (exit::HELD, format!("another run holds {NAME}")));
        assert_eq!(error.next, ["tunnelctl operation list"]);
    }
    lock.say(Some(&Holder { host: "\x1b[2J\n  next:  rm -rf /".to_owned(), ..holder() }));
    let error = Lock::take(home.path(), NAME, &holder()).unwrap_err().to_string();
    assert!(!error.contains('\x1b') && error.lines().count() == 3, "{error}");
}

#[test]
fn of_several_locks_all_are_taken_or_none() {
    let home = tempfile::tempdir().unwrap();
    let one = Lock::take(home.path(), "b", &holder()).unwrap();
    assert_eq!(Lock::take_all(home.path(), &["c", "b", "a"], &holder()).unwrap_err().exit, exit::HELD);
    Lock::take(home.path(), "a", &holder()).unwrap();
    drop(one);
    assert_eq!(Lock::take_all(home.path(), &["c", "b", "a", "b"], &holder()).unwrap().len(), 3);
}

#[test]
fn lock_whose_file_was_removed_meanwhile_is_not_taken() {
    let home = tempfile::tempdir().unwrap();
    let first = Lock::take(home.path(), NAME, &holder()).unwrap();
    // Like a run that opened the file before it was removed.
    let late = File::open(path(home.path())).unwrap();
    first.remove();
    late.try_lock().unwrap();
    assert!(!is_same(&late, &path(home.path())));
    let second = Lock::take(home.path(), NAME, &holder()).unwrap();
    assert!(is_same(&second.file, &path(home.path())));
}

#[test]
fn link_in_place_of_a_lock_file_is_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let victim = home.path().join("victim");
    std::fs::write(&victim, "text").unwrap();
    std::os::unix::fs::symlink(&victim, path(home.path())).unwrap();
    assert_eq!(Lock::take(home.path(), NAME, &holder()).unwrap_err().exit, exit::CREDENTIALS);
    assert_eq!(std::fs::read(&victim).unwrap(), b"text");
}

#[test]
fn every_name_has_a_file_name_of_its_own() {
    let long = "x".repeat(250);
    let names = [
        "a/b",
        "a%2Fb",
        "a%b",
        "..",
        ".",
        "",
        ".a",
        "a.",
        "é",
        "a b",
        "A",
        "a",
        "~",
        "a\0b",
        "a\nb",
        "emulated:a",
        NAME,
        &long,
        &long[1..],
        &format!("{long}1"),
        &format!("{long}2"),
        &"é/".repeat(200),
        &"é/".repeat(201),
    ];
    let mut files: Vec<String> = names.iter().map(|name| file_name(name)).collect();
    for file in &files {
        assert!(file.len() <= NAME_MAX && !file.contains('/') && !file.starts_with('.') || file == ".lock", "{file}");
        assert!(file.is_ascii() && file.ends_with(EXTENSION), "{file}");
    }
    files.sort();
    files.dedup();
    assert_eq!(files.len(), names.len());
}

/// Not a test of its own: the process that the next test starts many times.
#[test]
fn a_run_that_wants_the_lock() {
    let Some(directory) = std::env::var_os(ROLE) else { return };
    match Lock::take(Path::new(&directory), NAME, &Holder::this("rotate", None, Utc::now())) {
        Ok(_lock) => {
            writeln!(io::stdout(), "\nheld").unwrap();
            // Until the test ends or kills it.
            let _ = io::stdin().read_line(&mut String::new());
        }
        Err(error) => writeln!(io::stdout(), "\nrefused {} {error}", error.exit).unwrap(),
    }
}

fn start(directory: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "operation::lock::tests::a_run_that_wants_the_lock"]).env(ROLE, directory);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The outcome that a run reports.
fn said(run: &mut Child) -> String {
    let mut lines = BufReader::new(run.stdout.as_mut().unwrap()).lines();
    lines.find_map(|line| line.ok().filter(|line| line.starts_with("held") || line.starts_with("refused"))).unwrap()
}

#[test]
fn one_of_fifty_runs_holds_the_lock_and_a_killed_run_frees_it() {
    let home = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut runs: Vec<Child> = (0..50).map(|_| start(home.path())).collect();
        let outcomes: Vec<String> = runs.iter_mut().map(said).collect();
        let holders: Vec<usize> = (0..50).filter(|place| outcomes[*place] == "held").collect();
        assert_eq!(holders.len(), 1);
        // No run waits: all have answered while one holds the lock.
        let pid = runs[holders[0]].id();
        let refused: Vec<&String> = outcomes.iter().filter(|outcome| outcome.starts_with("refused 7 another run holds")).collect();
        assert_eq!(refused.len(), 49);
        assert!(Lock::take(home.path(), NAME, &holder()).unwrap_err().message.contains(&format!("pid {pid} on ")));
        // After kill -9 the next fifty find the lock free.
        runs[holders[0]].kill().unwrap();
        runs.iter_mut().for_each(|run| {
            run.wait().unwrap();
        });
        assert_eq!(last_holder(home.path(), NAME).unwrap().pid, pid);
    }
    Lock::take(home.path(), NAME, &holder()).unwrap();
}
