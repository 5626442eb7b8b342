//! A network namespace without a name, held by a thread and the processes that it starts. It disappears with them, so nothing
//! has to be cleaned up after a crash.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::gettid;

type Job = Box<dyn FnOnce() + Send>;

pub struct Namespace {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// The thread's id, by which other namespaces refer to this one.
    pub tid: i32,
}

impl Namespace {
    pub fn new() -> Result<Self, String> {
        let (jobs, todo) = channel::<Job>();
        let (tell, told) = channel();
        let thread = std::thread::spawn(move || {
            let left = unshare(CloneFlags::CLONE_NEWNET).map_err(|cause| format!("no network namespace can be made: {cause}"));
            let good = left.is_ok();
            tell.send(left.map(|()| gettid().as_raw())).unwrap();
            if good {
                todo.into_iter().for_each(|job| job());
            }
        });
        let tid = told.recv().map_err(|cause| cause.to_string())??;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), tid })
    }

    /// Runs a job in it. A process that the job starts belongs to it.
    pub fn within<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (tell, told) = channel();
        self.jobs.as_ref().unwrap().send(Box::new(move || drop(tell.send(job())))).unwrap();
        told.recv().unwrap()
    }

    /// Runs lines of `ip -batch` in it.
    pub fn ip(&self, lines: String) -> Result<(), String> {
        self.within(move || {
            let mut child = Command::new("ip")
                .args(["-force", "-batch", "-"])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .map_err(|cause| format!("ip: {cause}"))?;
            child.stdin.take().unwrap().write_all(lines.as_bytes()).map_err(|cause| cause.to_string())?;
            let ended = child.wait_with_output().map_err(|cause| cause.to_string())?;
            if ended.status.success() { Ok(()) } else { Err(format!("ip: {}", String::from_utf8_lossy(&ended.stderr))) }
        })
    }

    /// The kernel's SAs (`state`) or policies (`policy`).
    pub fn xfrm(&self, what: &'static str) -> String {
        let out = self.within(move || Command::new("ip").args(["xfrm", what, "list"]).stdin(Stdio::null()).output());
        String::from_utf8_lossy(&out.unwrap().stdout).into_owned()
    }

    /// Runs a shell command in it. Only a process sees the sysctls of the namespace, a thread does not.
    pub fn run(&self, line: &'static str) -> Result<(), String> {
        let out = self.within(move || Command::new("sh").args(["-c", line]).stdin(Stdio::null()).output());
        let out = out.map_err(|cause| cause.to_string())?;
        if out.status.success() { Ok(()) } else { Err(format!("{line}: {}", String::from_utf8_lossy(&out.stderr))) }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
