//! What may resolve a finding, by its cause: the likeliest first. Nothing here is sure to work; that is proved later.

mod beside;
mod ends;
mod identities;
mod keys;
mod loads;
mod nets;
mod proposals;
mod suites;
mod versions;

pub(super) use ends::Ends;

use super::change::Mend;
use crate::agreement::cause::Cause;
use crate::agreement::finding::Finding;

/// The changes that may resolve a finding.
pub(super) fn candidates(finding: &Finding, ends: &Ends<'_>) -> Vec<Mend> {
    match finding.cause {
        Cause::NotLoaded(side) | Cause::MayNotLoad(side) => loads::loads(finding, side, ends),
        Cause::Version => versions::versions(ends),
        Cause::Mode => versions::modes(ends),
        Cause::ModeRefused => versions::safe(ends),
        Cause::AeadInIkev1 => versions::aead(ends),
        Cause::IkeProposal | Cause::FirstGroup | Cause::PrfInIkev1 => proposals::ike(finding, ends),
        Cause::ChildProposal => proposals::esp(finding, ends),
        Cause::Pfs | Cause::PfsOfIkeSa => proposals::pfs(finding, ends),
        Cause::Peer(side) | Cause::NoPeer(side) => identities::peer(side, ends),
        Cause::Identity(sender) => identities::identity(sender, ends),
        Cause::KeyMissing => keys::missing(finding, ends),
        Cause::KeysDiffer => keys::differ(ends),
        Cause::KeyDepends(side) => keys::depends(side, ends),
        Cause::NoCommonNets | Cause::NetsDiffer | Cause::ChildLacking | Cause::NetsArranged | Cause::OnePairInIkev1 => nets::nets(ends),
        Cause::Transport
        | Cause::TransportNets
        | Cause::Truncation
        | Cause::Compression(_)
        | Cause::Encapsulation
        | Cause::Lifetime
        | Cause::ChildOutlives(_)
        | Cause::Dpd
        | Cause::NoDpd
        | Cause::DpdClears
        | Cause::NobodyStarts
        | Cause::NotByItself
        | Cause::NatOff(_)
        | Cause::Bgp => beside::beside(finding, ends),
        Cause::Unread
        | Cause::BehindNat
        | Cause::NatSupposed
        | Cause::NameInMainMode
        | Cause::HostName
        | Cause::Method
        | Cause::MethodNotCompared
        | Cause::PfsHarmless
        | Cause::Presumed
        | Cause::Weak => Vec::new(),
    }
}
