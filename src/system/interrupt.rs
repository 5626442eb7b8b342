//! Signals: the first asks for an orderly end, the second ends the program at once.

use std::cell::Cell;
use std::rc::Rc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::error::exit;
use crate::system::runtime::needed;

/// Whether a signal has asked to stop. Signals have their default action until [`Interrupt::listen`].
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Rc<State>);

/// What the clones of an [`Interrupt`] share.
#[derive(Debug, Default)]
struct State {
    /// The exit code of the signal that came.
    exit: Cell<Option<u8>>,
    /// Wakes those who wait for a signal.
    notify: Notify,
}

impl Interrupt {
    /// An interrupt that does not listen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Handles SIGINT, SIGTERM and SIGHUP. Called before the first request that changes something.
    pub async fn listen(&self) {
        needed().await;
        for (kind, code) in [
            (SignalKind::interrupt(), exit::INTERRUPTED),
            (SignalKind::terminate(), exit::TERMINATED),
            (SignalKind::hangup(), exit::TERMINATED),
        ] {
            let Ok(mut stream) = signal(kind) else { continue };
            let state = Rc::clone(&self.0);
            tokio::task::spawn_local(async move {
                while stream.recv().await.is_some() {
                    if state.exit.replace(Some(code)).is_some() {
                        std::process::exit(i32::from(code));
                    }
                    state.notify.notify_waiters();
                }
            });
        }
    }

    /// Whether a signal came.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.exit.get().is_some()
    }

    /// The exit code for the signal.
    #[must_use]
    pub fn exit(&self) -> u8 {
        self.0.exit.get().unwrap_or(exit::INTERRUPTED)
    }

    /// Returns when a signal comes, or at once if one came before.
    pub async fn received(&self) {
        if !self.is_set() {
            self.0.notify.notified().await;
        }
    }
}
