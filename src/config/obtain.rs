//! From where credentials are to the credentials: files, commands, a call to the cloud, the machine's metadata.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::vendor::{Found, Instance, Signer};
use super::{Hidden, private};
use crate::client::{CallError, Client, Intent};
use crate::error::{Error, exit};
use crate::files::read_limited;
use crate::http::{Endpoint, Reply, Request};
use crate::model::Secret;
use crate::output::Output;
use crate::provider::{Credentials, Profile, ReadError, Registration};
use crate::retry::DEADLINE;
use crate::runtime::needed;
use crate::scrub::watch;
use crate::transport::{Network, SendError, Transport};

/// How long a command may take: it may have to ask somebody.
const COMMAND: Duration = Duration::from_secs(120);
/// How long the metadata service may take: it is on this very machine, or not there at all.
const METADATA: Duration = Duration::from_secs(1);
const LIMIT: u64 = 64 << 10;

impl fmt::Display for Hidden {
    /// Where it is, never what. Of a command only the program: its words may hold anything.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(_) => out.write_str("secret in the file itself"),
            Self::File(path) => write!(out, "secret from {}", path.display()),
            Self::Command(words) => write!(out, "secret from the command {}", words.first().map_or("", String::as_str)),
        }
    }
}

/// Whether a key has something in or around it that no key has.
#[must_use]
pub fn is_blemished(text: &str) -> bool {
    text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Reads a secret of a profile. `from` is the place in the configuration file, `limit` the longest to wait for a command.
///
/// # Errors
/// Why it cannot be read. Its text is never part of the message.
pub fn hidden(hidden: &Hidden, from: &str, key: &str, limit: Option<Duration>, output: &Output) -> Result<Secret, Error> {
    let (text, place) = match hidden {
        Hidden::Inline(secret) => {
            output.warn(&format!("{from}: a {key} stands in the configuration file itself; better: {key}_file or {key}_command"));
            (Zeroizing::new(secret.expose().to_owned()), from.to_owned())
        }
        Hidden::File(path) => {
            let missing =
                || Error::new(exit::CREDENTIALS, format!("{from}: there is no file {}", path.display())).state("nothing was sent");
            (private::read(path, private::Shelter::None)?.ok_or_else(missing)?, path.display().to_string())
        }
        Hidden::Command(words) => {
            (run(words, from, limit.unwrap_or(COMMAND).min(COMMAND))?, format!("what {} prints", words.first().map_or("", String::as_str)))
        }
    };
    let line = text.lines().next().unwrap_or_default().trim_end();
    if is_blemished(line) {
        let error = format!("{place}: the first line is empty, or has blanks or control characters in it: it is no {key}");
        return Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent"));
    }
    let secret = Secret::new(line);
    watch(&secret);
    Ok(secret)
}

/// What a command prints. It runs without a shell, and sees nothing of the environment but `PATH` and `HOME`.
fn run(words: &[String], from: &str, limit: Duration) -> Result<Zeroizing<String>, Error> {
    let program = words.first().map_or("", String::as_str);
    let failed = |cause: String| Error::new(exit::CREDENTIALS, format!("{from}: the command {program} {cause}")).state("nothing was sent");
    let mut command = Command::new(program);
    command.args(words.iter().skip(1)).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
    for name in ["PATH", "HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let mut child = command.spawn().map_err(|cause| failed(format!("cannot be run: {cause}")))?;
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        // A thread, so that a command that never ends does not keep this program with it.
        std::thread::spawn(move || sender.send(read_limited(stdout, LIMIT)));
    }
    let started = Instant::now();
    let text = receiver.recv_timeout(limit).ok();
    // What it prints may end before it does.
    let status = loop {
        match child.try_wait().map_err(|cause| failed(format!("cannot be waited for: {cause}")))? {
            Some(status) => break Some(status),
            None if started.elapsed() >= limit => break None,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let (Some(text), Some(status)) = (text, status) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed(format!("did not end within {} s", limit.as_secs())));
    };
    let text = text.map_err(|cause| failed(format!("printed what cannot be read: {cause}")))?;
    if status.success() { Ok(text) } else { Err(failed(format!("failed: {status}"))) }
}

/// Where calls for credentials go.
#[derive(Debug)]
pub struct Way<'a> {
    /// The cloud.
    pub registration: &'static Registration,
    /// The region of the calls that the credentials are for.
    pub region: &'a str,
    /// The identity service, when it is not the cloud's own.
    pub identity_endpoint: Option<Endpoint>,
    /// Certificates to trust.
    pub roots: Option<&'a Path>,
    /// The longest to wait in all.
    pub timeout: Option<Duration>,
    /// Where it prints.
    pub output: &'a Rc<Output>,
}

/// Comes by the credentials that were found.
///
/// # Errors
/// When the cloud or the machine does not give them.
pub async fn obtain(found: Found, way: &Way<'_>) -> Result<Credentials, Error> {
    let credentials = match found.signer {
        Signer::Ready(credentials) => credentials,
        Signer::Exchange { base, mut call, doing } => {
            guard(&base);
            if let Some(endpoint) = &way.identity_endpoint {
                call.request.endpoint = endpoint.clone();
            }
            let transport = Transport::Network(Network::new(way.roots.map(Path::to_owned), call.request.endpoint.is_loopback()));
            let profile =
                Profile { region: way.region.to_owned(), endpoint: None, identity_endpoint: None, project_id: None, signature: None };
            let provider = (way.registration.connect)(profile);
            let deadline = way.timeout.unwrap_or(DEADLINE);
            let client = Client::new(provider, way.region.to_owned(), Rc::new(base), transport, deadline, Rc::clone(way.output));
            client.call(&call, Intent::Read).await.map_err(|error| {
                let refused = matches!(error, CallError::Refused(_));
                let error = error.harmless(&client, &doing);
                // Whatever the refusal is about, it is the credentials that there are none of.
                let exit = if refused { exit::CREDENTIALS } else { error.exit };
                Error { exit, ..error }.next(format!("these credentials come from {}", found.from))
            })?
        }
        Signer::Instance(instance) => metadata(&instance, way).await.map_err(|cause| {
            Error::new(exit::CREDENTIALS, format!("this machine has no credentials of an instance role: {cause}"))
                .state("nothing was sent to a cloud")
                .next(format!("this is the source that {} names", found.from))
                .next("run this on such a machine, or choose another source of credentials")
        })?,
    };
    for value in [&credentials.id, credentials.secret.expose()] {
        if credentials.bearer.is_none() && is_blemished(value) {
            let error = format!("the key pair from {} has blanks or control characters around or in it", found.from);
            return Err(Error::new(exit::CREDENTIALS, error).state("nothing was sent"));
        }
    }
    guard(&credentials);
    Ok(credentials)
}

/// Lets the last gate know every secret in them.
fn guard(credentials: &Credentials) {
    for secret in [Some(&credentials.secret), credentials.token.as_ref(), credentials.bearer.as_ref()].into_iter().flatten() {
        watch(secret);
    }
}

/// Asks the metadata service: for a token, for the role's name where it is not given, for the credentials.
async fn metadata(instance: &Instance, way: &Way<'_>) -> Result<Credentials, String> {
    needed().await;
    // Never through a proxy: the service is a part of this machine.
    let transport = Transport::Network(Network::new(None, true));
    let send = async |request: &Request| -> Result<Reply, String> {
        let sent = tokio::time::timeout(METADATA, transport.send(way.registration, request, METADATA)).await;
        let reply = sent.map_err(|_| format!("{} does not answer within {} s", request.endpoint, METADATA.as_secs()))?;
        let reply = reply.map_err(|(SendError::NotSent(cause) | SendError::Lost(cause))| format!("{}: {cause}", request.endpoint))?;
        way.output.log(1, || format!("{} {}: HTTP {}, {} bytes", request.operation, request.endpoint, reply.status, reply.body.len()));
        Ok(reply)
    };
    let text = |reply: &Reply| String::from_utf8_lossy(&reply.body).trim().to_owned();
    let token = send(&instance.token).await?;
    let token = match token.status {
        200 => Some(Secret::new(text(&token))),
        _ if instance.without_token => None,
        status => return Err(format!("{} gives no token: HTTP {status}", instance.endpoint)),
    };
    let with_token = |mut request: Request| {
        request.headers.extend(token.iter().map(|token| (instance.token_header.to_owned(), token.expose().to_owned())));
        request
    };
    let role = match &instance.role {
        Some(role) => role.clone(),
        None => {
            let reply = send(&with_token(instance.roles.clone())).await?;
            if reply.status != 200 { String::new() } else { text(&reply).lines().next().unwrap_or_default().to_owned() }
        }
    };
    if role.is_empty() || !role.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return Err("no role is attached to it".to_owned());
    }
    let mut request = with_token(instance.roles.clone());
    request.path.push_str(&role);
    let reply = send(&request).await?;
    if reply.status != 200 {
        return Err(format!("role {role}: HTTP {}", reply.status));
    }
    (instance.read)(&reply).map_err(|error| match error {
        ReadError::Missing(what) => format!("{what} is missing"),
        error @ ReadError::Shape(..) => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Color;

    fn output() -> Output {
        Output::new(crate::shape::Shape::default(), Color::Never, true, 0)
    }

    fn command(words: &[&str]) -> Hidden {
        Hidden::Command(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn a_command_that_closes_its_output_and_stays_is_ended() {
        let words = ["/bin/sh", "-c", "echo key; exec >&-; sleep 60"].map(str::to_owned);
        let error = run(&words, "c:1", Duration::from_millis(300)).unwrap_err();
        assert!(error.message.contains("did not end"), "{error}");
    }

    #[test]
    fn a_secret_is_the_first_line_that_a_command_prints() {
        let secret = hidden(&command(&["/bin/sh", "-c", "echo first-line; echo second"]), "c:1", "secret", None, &output()).unwrap();
        assert_eq!(secret.expose(), "first-line");
    }

    #[test]
    fn a_command_sees_path_and_home_only() {
        let script = "env | cut -d= -f1 | grep -vE '^(PATH|HOME|PWD|SHLVL|_|OLDPWD)$' | tr '\\n' ,; echo end";
        assert_eq!(hidden(&command(&["/bin/sh", "-c", script]), "c:1", "secret", None, &output()).unwrap().expose(), "end");
    }

    #[test]
    fn a_command_that_fails_or_prints_no_key_is_named() {
        for words in [["/bin/sh", "-c", "exit 3"], ["/bin/sh", "-c", "echo"], ["/bin/sh", "-c", "echo a b"], ["/none/there", "", ""]] {
            let error = hidden(&command(&words), "c:1", "secret", None, &output()).unwrap_err();
            assert!(error.message.contains(words[0]) && error.exit == exit::CREDENTIALS, "{error}");
        }
    }
}
