//! Changes, inspects, checks and re-keys IPsec-VPN connections on Alibaba Cloud, Tencent Cloud and Huawei Cloud.
//!
//! Pure inside, I/O at the rim: a [`provider`] builds requests and reads replies, `client` sends, `output` prints.

mod agreement;
mod call;
mod change;
mod command;
mod config;
mod credentials;
mod emulated;
mod emulator;
mod error;
mod export;
mod inspect;
mod keyfile;
mod model;
mod operation;
mod policy;
mod print;
mod provider;
mod system;
mod wire;

/// What the tests and benchmarks of this package use of the rooms. Not an interface: it changes without notice.
#[doc(hidden)]
pub mod testing {
    pub use crate::agreement::{
        Address, Agreement, Algorithm, Daemon, Encapsulation, End, Exchange, Finding, IdKind, Identity, Initiator, Kind, NONE, Options,
        Peers, Proposal, Psk, Side, Verdict, check, ends, from_settings, parse, to_swanctl,
    };
    pub use crate::call::client::{Client, Intent};
    pub use crate::call::transport::Transport;
    pub use crate::command::known_kind;
    pub use crate::emulated::{Chance, Fault, Incoming, Store, Thing, What};
    pub use crate::emulator::{Answer, Emulated, InMemory, answer, configured_key, key_in_effect};
    pub use crate::error::{Error, exit};
    pub use crate::export::{Format, Given, export};
    pub use crate::keyfile::{Place, Written};
    pub use crate::model::fingerprint::fingerprint;
    pub use crate::model::{Connection, Key, Ref, Secret, Settings, Term, Value};
    pub use crate::policy::Policy;
    pub use crate::print::output::{Color, Output};
    pub use crate::print::shape::Shape;
    pub use crate::provider::field::{Shape as FieldShape, field};
    pub use crate::provider::{Operation, PROVIDERS, Profile, Registration, Target, registration, seeded};
    pub use crate::system::{interrupt::Interrupt, runtime, shell};
    pub use crate::wire::{Credentials, Reply, Request, SendError, Wire};
    /// Changes on record.
    pub mod operation {
        pub use crate::operation::disk::{Death, Disk, MemoryDisk, RealDisk};
        pub use crate::operation::drive::Drive;
        pub use crate::operation::end::{CloudEnd, End, Keys};
        pub use crate::operation::event::{Event, Outcome, Planned, Proof, Record, Site, Verb, Which};
        pub use crate::operation::id::OperationId;
        pub use crate::operation::journal::{self, Journal, Sync};
        pub use crate::operation::prepare;
        pub use crate::operation::records::Records;
        pub use crate::operation::report;
        pub use crate::operation::seal::SealKey;
        pub use crate::operation::state::{Negotiation, State};
    }
}

use std::ffi::OsString;
use std::process::ExitCode;

use command::line;
use error::{Error, exit};
use print::output::{Color, Output};
use print::shape::Shape;
use system::runtime;

/// Runs the program for these arguments, the program's name first.
#[must_use]
pub fn run(args: Vec<OsString>) -> ExitCode {
    let output = Output::new(Shape::default(), Color::Auto, false, 0);
    let config = config::Lazy::default();
    let args = match line::expand(args, &config) {
        Ok(args) => args,
        Err(error) => {
            output.error(&error);
            return ExitCode::from(error.exit);
        }
    };
    let matches = match command::cli(&args, output.color).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => return ExitCode::from(usage(&error, &output)),
    };
    harden();
    let (color, quiet, verbose) = line::printing(&matches);
    let shape = match command::shape(&matches).and_then(|shape| line::pass_env(&matches).map(|()| shape)) {
        Ok(shape) => shape,
        Err(error) => {
            Output::new(Shape::default(), color, quiet, verbose).error(&error);
            return ExitCode::from(error.exit);
        }
    };
    let context = command::context(Output::new(shape, color, quiet, verbose), line::options(&matches, config));
    let code = runtime::run(command::run(&matches, &context))
        .unwrap_or_else(|cause| Err(Error::new(exit::FAILED, format!("cannot start: {cause}"))));
    let output = &context.output;
    let code = match (code, output.failure()) {
        (Ok(code), None) => code,
        (Ok(_), Some(failure)) => {
            output.error(&failure);
            failure.exit
        }
        (Err(error), _) => {
            output.error(&error);
            error.exit
        }
    };
    ExitCode::from(code)
}

/// Help and version go to stdout and are no failure; everything else is bad usage.
fn usage(error: &clap::Error, output: &Output) -> u8 {
    if error.use_stderr() {
        output.complaint(error);
        exit::USAGE
    } else {
        let text = error.render();
        output.raw(&if output.color { text.to_string() } else { text.ansi().to_string() });
        output.failure().map_or(exit::DONE, |failure| failure.exit)
    }
}

/// Keeps keys out of core files and away from other processes of the same user, and makes new files private. A system that
/// refuses is no reason to stop.
fn harden() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}
