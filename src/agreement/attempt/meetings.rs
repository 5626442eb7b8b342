//! Which child of the starter meets which child of the answerer: each has its own proposals.

use super::case::{Case, Peer};
use super::narrowing::{as_configured, negotiate, product};
use super::nets::arrow;
use crate::agreement::end::Child;
use crate::agreement::proposal::Proposal;

/// Two children that meet.
pub(super) struct Meeting {
    /// The name to tell it apart; empty where there is nothing to tell apart.
    pub(super) name: String,
    /// The pairs of networks, left to right.
    pub(super) nets: Vec<String>,
    /// The proposals of the starter's child.
    pub(super) starter: Vec<Proposal>,
    /// The proposals of the answerer's child.
    pub(super) answerer: Vec<Proposal>,
    /// The children; `None`: not known.
    pub(super) children: Option<(Child, Child)>,
    /// Whether another child of the starter comes before it, refused or not.
    pub(super) is_later: bool,
}

/// All children of the starter that the answerer has a child for, those that are alike only once. Where there is none, the ends
/// meet as a whole, so that every fault is found.
pub(super) fn meetings(case: &Case<'_>) -> Vec<Meeting> {
    let esp = |peer: Peer<'_>, child: &Child| if child.esp.is_empty() { peer.end.esp.clone() } else { child.esp.clone() };
    let children = |peer: Peer<'_>| as_configured(peer.end.children.as_deref().unwrap_or_default(), peer.daemon);
    let (starts, answers) = (children(case.starter), children(case.answerer));
    let mut all: Vec<Meeting> = Vec::new();
    for (place, child) in starts.iter().enumerate() {
        let Some(answer) = negotiate(case, child, &answers).and_then(|answer| answers.get(answer.by)) else { continue };
        let (starter, answerer) = (esp(case.starter, child), esp(case.answerer, answer));
        let nets: Vec<String> = product(&child.local, &child.remote).iter().map(|pair| arrow(case, pair)).collect();
        let alike = |known: &&mut Meeting| {
            let transport = |(one, other): &(Child, Child)| (one.transport, other.transport);
            let modes = known.children.as_ref().map(transport) == Some((child.transport, answer.transport));
            modes && known.starter == starter && known.answerer == answerer
        };
        match all.iter_mut().find(alike) {
            Some(known) => known.nets.extend(nets),
            None => {
                // The left end's name, whichever end starts: both directions mean the same child.
                let (ours, theirs) = case.starter.side.of(((child, answer), (answer, child)));
                let name = if ours.name.is_empty() { theirs.name.clone() } else { ours.name.clone() };
                let children = Some((child.clone(), answer.clone()));
                all.push(Meeting { name, nets, starter, answerer, children, is_later: place > 0 });
            }
        }
    }
    if all.is_empty() {
        let first = |peer: Peer<'_>| peer.end.esp.clone();
        let children = starts.first().cloned().zip(answers.first().cloned());
        all.push(Meeting {
            name: String::new(),
            nets: Vec::new(),
            starter: first(case.starter),
            answerer: first(case.answerer),
            children,
            is_later: false,
        });
    }
    if let [only] = all.as_mut_slice() {
        only.name.clear();
    }
    all
}
