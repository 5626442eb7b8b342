//! The async runtime, built only when something has to wait.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Handle};
use tokio::task::LocalSet;

/// Runs a future to its end. It starts without a runtime; the first [`needed`] gives it one.
///
/// # Errors
/// When the system cannot provide a runtime.
pub fn run<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let mut work = pin!(work);
    if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return Ok(done);
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let done = LocalSet::new().block_on(&runtime, work);
    // A name lookup runs in a thread that cannot be stopped. It must not delay the end.
    runtime.shutdown_background();
    Ok(done)
}

/// Makes sure that there is a runtime. Called before anything that opens a socket, waits, spawns or listens to signals.
pub async fn needed() {
    poll_fn(|_| if Handle::try_current().is_ok() { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_there() -> bool {
        Handle::try_current().is_ok()
    }

    #[test]
    fn runtime_exists_once_it_is_needed_and_not_before() {
        assert!(!run(async { is_there() }).unwrap());
        let seen = run(async {
            let before = is_there();
            needed().await;
            tokio::task::spawn_local(async {}).await.unwrap();
            (before, is_there())
        });
        assert_eq!(seen.unwrap(), (false, true));
    }
}
