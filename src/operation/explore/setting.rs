//! What one exploration covers: the ends, the faults, and the rules that hold.

use super::super::transition::Rules;

/// The safety rules of the driver. Like those of the table, the check switches each off in turn.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub(super) struct Habits {
    /// A request is announced before it is sent.
    pub(super) announce: bool,
    /// The announcement is synced before the request is sent.
    pub(super) sync: bool,
    /// The keys are sealed before the journal says so.
    pub(super) seal: bool,
    /// The keys stay sealed until the operation has ended.
    pub(super) keep: bool,
    /// An end is read only once it has settled.
    pub(super) settle: bool,
    /// A request is signed with the announced time.
    pub(super) stamp: bool,
    /// A request without a reply may have been executed.
    pub(super) doubt: bool,
    /// What was seen at an end is forgotten when a request is sent there.
    pub(super) forget: bool,
    /// What was seen is forgotten when the direction changes.
    pub(super) turn: bool,
    /// The call to renegotiate counts as a request that writes.
    pub(super) tell: bool,
    /// The ends are read each time before they are told to renegotiate, since the call may write what was read.
    pub(super) reread: bool,
}

impl Habits {
    pub(super) const ALL: Self = Self {
        announce: true,
        sync: true,
        seal: true,
        keep: true,
        settle: true,
        stamp: true,
        doubt: true,
        forget: true,
        turn: true,
        tell: true,
        reread: true,
    };
}

/// Who is told to renegotiate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// Nobody: it is left for later.
    Nobody,
    /// The user's command.
    Command,
    /// This end; the call may write the key again that was read.
    End(usize),
}

/// What is explored, and how far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// For each end, whether it returns what it holds; none where there is no such end.
    pub(super) ends: [Option<bool>; 2],
    pub(super) telling: Telling,
    pub(super) modify: bool,
    /// The most requests under way to one end.
    pub(super) flights: usize,
    /// Whether the requests to one end expire one after the other, rather than all at once.
    pub(super) ages: bool,
    /// See [`Book::new`](super::book::Book::new).
    pub(super) exact: bool,
    /// Whether what a cloud accepted takes effect later, rather than at once.
    pub(super) slow: bool,
    /// The most writes by somebody else.
    pub(super) edits: u8,
    pub(super) rules: Rules,
    pub(super) habits: Habits,
}

impl Setting {
    pub(super) fn count(&self) -> usize {
        self.ends.iter().flatten().count()
    }

    pub(super) fn readable(&self, end: usize) -> bool {
        self.ends[end] == Some(true)
    }
}
