//! The plan of the house: its rooms from top to bottom, and the exceptions, each with its reason.

/// A floor: what stands on it, and what each room is for. A room uses only rooms of the floors below it.
pub type Floor = &'static [(&'static str, &'static str)];

/// The floors, top to bottom. Rooms of one floor do not use each other.
pub const FLOORS: &[Floor] = &[
    &[("main.rs", "calls `run` and exits with its code"), ("lib.rs", "parses the command line, runs the command, prints the error")],
    &[("command/", "the commands: one verb a file; `line.rs` has the global options")],
    &[
        ("change/", "one `modify`: read, validate, plan, confirm, send, wait, read back, report"),
        ("inspect/", "a saved text, taken apart into documents"),
    ],
    &[("operation/", "changes on record: journal, sealed keys, transitions, resume, roll back")],
    &[("call/", "from a profile to a reply: session, client, transport, retry, waiting until a change has settled")],
    &[
        ("config/", "what is set outside the command line: configuration file, environment, order of precedence"),
        ("emulator/", "the clouds, emulated: loopback server, in-process wire, tunnels that go up and down"),
    ],
    &[
        ("export/", "the peer's configuration, one file a format"),
        ("keyfile/", "local files that hold a pre-shared key: find its place, write it back"),
    ],
    &[("agreement/", "`check`: will two ends agree, and if not, on which field; reads the files of daemons")],
    &[("policy/", "`audit`: weak cryptography by published policy, one table a standard")],
    &[("provider/", "the clouds, described without I/O: one folder a cloud, all alike")],
    &[
        ("credentials/", "how the vendors' own files spell credentials"),
        ("emulated/", "what an emulated cloud holds: connections, pending changes, faults"),
    ],
    &[("system/", "the machine: private files, user commands, signals, environment, async runtime")],
    &[("print/", "everything that is printed: tables, JSON, CSV, and the gate that hides keys")],
    &[("error/", "what can go wrong, exit codes, refusals of a cloud")],
    &[("wire/", "requests and replies as values, their encodings; no sockets")],
    &[("model/", "the words of the trade: connection, settings, keys, refs, secrets")],
];

/// Pairs of files that use each other, and why they may.
pub const PAIRS: &[(&str, &str, &str)] = &[(
    "provider/interface.rs",
    "provider/registration.rs",
    "a cloud's registration makes its provider, and a provider names its registration",
)];

/// Files above 300 lines, and why they may be.
pub const LARGE: &[(&str, &str)] = &[];
