//! Mends as typed changes: which end, which setting, which value.

use std::mem::discriminant;
use std::net::IpAddr;
use std::sync::Arc;

use crate::agreement::end::Child;
use crate::agreement::identity::Identity;
use crate::agreement::proposal::Proposal;
use crate::agreement::side::Side;
use crate::model::{Key, Secret, Term, Value};

/// A setting of an end, with its new value.
#[derive(Debug, Clone)]
pub enum Setting {
    /// The IKE versions, the one that it starts with first.
    Versions(Vec<Term>),
    /// Libreswan's `ikev1-policy=accept`.
    AllowIkev1,
    /// The exchange mode of IKEv1.
    Mode(Term),
    /// All proposals of the IKE SA.
    Ike(Vec<Proposal>),
    /// All proposals of Child SAs: of the named child, or of all.
    Esp(Option<String>, Vec<Proposal>),
    /// The identity that it sends.
    LocalId(Identity),
    /// The identity that it expects.
    RemoteId(Identity),
    /// The address of its peer.
    Peer(IpAddr),
    /// All its children.
    Children(Vec<Child>),
    /// Tunnel mode for all its children.
    TunnelMode,
    /// Lifetime of the IKE SA, in seconds.
    IkeLifetime(u64),
    /// Lifetime of a Child SA, in seconds.
    ChildLifetime(u64),
    /// Dead peer detection.
    Dpd,
    /// A dead peer's SAs are made anew.
    DpdRestart,
    /// It starts by itself.
    Start,
    /// ESP in UDP where a NAT is found.
    NatTraversal,
    /// A setting of BGP.
    Bgp(Key, Value),
    /// SHA-256 in ESP with 128 bits.
    FullSha256,
    /// No compression.
    NoCompression,
    /// No narrowing.
    NoNarrowing,
    /// A key and whom it is for; `None`: a new one, the same at both ends.
    Key(Option<Arc<Secret>>, Vec<Identity>),
}

impl Setting {
    /// Whether both set the same thing.
    fn is_about(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bgp(one, _), Self::Bgp(other, _)) => one == other,
            (Self::Esp(one, _), Self::Esp(other, _)) => one.is_none() || other.is_none() || one == other,
            _ => discriminant(self) == discriminant(other),
        }
    }
}

/// What changes at one end.
#[derive(Debug, Clone)]
pub struct Change {
    /// The end.
    pub side: Side,
    /// What it is set to.
    pub settings: Vec<Setting>,
}

/// Changes that resolve a finding, made together: one for each end that changes.
#[derive(Debug, Clone, Default)]
pub struct Mend {
    /// The changes.
    pub changes: Vec<Change>,
}

impl Mend {
    /// One setting of one end.
    pub(super) fn one(side: Side, setting: Setting) -> Self {
        Self { changes: vec![Change { side, settings: vec![setting] }] }
    }

    /// This mend, to begin a list with.
    pub(super) fn into_list(self) -> std::iter::Once<Self> {
        std::iter::once(self)
    }

    /// The same with another setting; `None` where that is set already.
    pub(super) fn and(&self, side: Side, setting: &Setting) -> Option<Self> {
        let mut mend = self.clone();
        match mend.changes.iter_mut().find(|change| change.side == side) {
            Some(change) if change.settings.iter().any(|known| known.is_about(setting)) => return None,
            Some(change) => change.settings.push(setting.clone()),
            None => mend.changes.push(Change { side, settings: vec![setting.clone()] }),
        }
        Some(mend)
    }

    /// Both mends as one; `None` where they set the same thing.
    pub(super) fn with(&self, other: &Self) -> Option<Self> {
        other.parts().try_fold(self.clone(), |mend, (side, setting)| mend.and(side, setting))
    }

    /// Each setting with its end.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Side, &Setting)> {
        self.changes.iter().flat_map(|change| change.settings.iter().map(move |setting| (change.side, setting)))
    }

    /// What changes at an end.
    #[must_use]
    pub fn at(&self, side: Side) -> Option<&Change> {
        self.changes.iter().find(|change| change.side == side)
    }
}
