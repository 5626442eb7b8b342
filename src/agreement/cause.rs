//! Why two ends do not agree: what a finding's text and its mends follow from.

use super::side::Side;

/// The cause of a finding. The field tells where it shows, the cause why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// A value is not known.
    Unread,
    /// This end's daemon does not load its configuration, whatever the other end has.
    NotLoaded(Side),
    /// Whether this end's daemon loads its configuration depends on its version or package.
    MayNotLoad(Side),
    /// The ends use different IKE versions.
    Version,
    /// The ends use different modes of IKEv1.
    Mode,
    /// A strongSwan refuses to answer aggressive mode with a key.
    ModeRefused,
    /// An AEAD cipher for the IKE SA, which IKEv1 does not have.
    AeadInIkev1,
    /// A hash that is not among the PRFs of its proposal, which strongSwan does not take in IKEv1.
    PrfInIkev1,
    /// The proposals of the IKE SA have no value of this field in common.
    IkeProposal,
    /// The first message uses a group that is not the one that is taken.
    FirstGroup,
    /// This end does not accept the other end's address.
    Peer(Side),
    /// This end has no address to start to.
    NoPeer(Side),
    /// Nothing reaches an end behind a NAT.
    BehindNat,
    /// A NAT is supposed before an end.
    NatSupposed,
    /// One end forces what the other refuses: ESP in UDP.
    Encapsulation,
    /// The identity that this end sends is not the one that the other end expects.
    Identity(Side),
    /// A name as identity in main mode.
    NameInMainMode,
    /// An identity is the address of a host name.
    HostName,
    /// The ends authenticate in different ways.
    Method,
    /// The way to authenticate is not compared.
    MethodNotCompared,
    /// An end has no key for its peer.
    KeyMissing,
    /// The keys differ.
    KeysDiffer,
    /// Whether the answering end finds its key depends on what the starter sends.
    KeyDepends(Side),
    /// The proposals of Child SAs have no value of this field in common.
    ChildProposal,
    /// The PFS groups with which the ends rekey differ.
    Pfs,
    /// A Libreswan rekeys with the group of its IKE SA, which the other end does not take for PFS.
    PfsOfIkeSa,
    /// The PFS groups are apart only in the configuration.
    PfsHarmless,
    /// One end truncates SHA-256.
    Truncation,
    /// The starter asks for compression.
    Compression(Side),
    /// One end has transport mode, the other tunnel mode.
    Transport,
    /// Transport mode for networks that are not the hosts.
    TransportNets,
    /// The networks have nothing in common.
    NoCommonNets,
    /// The networks overlap and are not equal.
    NetsDiffer,
    /// Several pairs of networks in one Child SA of IKEv1.
    OnePairInIkev1,
    /// A child of one end has no partner at the other end.
    ChildLacking,
    /// The ends have the same networks and arrange them differently.
    NetsArranged,
    /// The lifetimes differ.
    Lifetime,
    /// A Child SA of this end outlives its IKE SA.
    ChildOutlives(Side),
    /// Only one end detects a dead peer.
    Dpd,
    /// Neither end detects a dead peer.
    NoDpd,
    /// Both ends only clear what a dead peer leaves behind.
    DpdClears,
    /// Neither end ever starts.
    NobodyStarts,
    /// Neither end starts by itself.
    NotByItself,
    /// This end is behind a NAT, and NAT traversal is off.
    NatOff(Side),
    /// BGP is not set up alike.
    Bgp,
    /// An address is taken from the other end.
    Presumed,
    /// Both ends agree on something that a policy objects to.
    Weak,
}

impl Cause {
    /// Whether both ends may have the same value, and that is the cause. Everywhere else the values differ.
    #[must_use]
    pub(super) const fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Unread
                | Self::AeadInIkev1
                | Self::PrfInIkev1
                | Self::ModeRefused
                | Self::NameInMainMode
                | Self::MethodNotCompared
                | Self::KeyMissing
                | Self::TransportNets
                | Self::OnePairInIkev1
                | Self::NetsArranged
                | Self::NoDpd
                | Self::DpdClears
                | Self::NobodyStarts
                | Self::NotByItself
        )
    }
}
