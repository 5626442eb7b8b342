//! How the ends authenticate: what each proves itself with, and what it expects of its peer.

use std::fmt;

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// The pre-shared key.
    Psk,
    /// A certificate or another public key (`pubkey`, `rsasig`, `ecdsa`).
    Certificate,
    /// A user's name and password inside EAP.
    Eap,
    /// A user's name and password after IKEv1's phase 1.
    Xauth,
    /// None at all.
    Null,
}

impl Method {
    /// The word in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Psk => "psk",
            Self::Certificate => "certificate",
            Self::Eap => "eap",
            Self::Xauth => "xauth",
            Self::Null => "null",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// How an end authenticates, round by round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// What it proves itself with. Every end has a first round.
    pub local: Vec<Method>,
    /// What it takes from its peer: in each round one of these; none of them: whatever comes, in IKEv1 a certificate.
    pub remote: Vec<Vec<Method>>,
}

impl Default for Auth {
    /// By the pre-shared key, both ways, as every connection of a cloud does.
    fn default() -> Self {
        Self { local: vec![Method::Psk], remote: vec![vec![Method::Psk]] }
    }
}

impl Auth {
    /// Whether the pre-shared key proves anything here.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        self.local.contains(&Method::Psk) || self.remote.iter().any(|round| round.contains(&Method::Psk))
    }

    /// Whether an end with these expectations is content with what another end does.
    #[must_use]
    pub fn takes(&self, sent: &[Method], v1: bool) -> bool {
        let fits = |(one, round): (&Method, &Vec<Method>)| match round.as_slice() {
            [] => !v1 || *one == Method::Certificate,
            round => round.contains(one),
        };
        sent.len() == self.remote.len() && sent.iter().zip(&self.remote).all(fits)
    }

    /// Whether both ends are to prove themselves with a key, or neither, as IKEv1 has it.
    #[must_use]
    pub fn is_one_way(&self) -> bool {
        let theirs = self.remote.first().is_some_and(|round| round.contains(&Method::Psk));
        (self.local.first() == Some(&Method::Psk)) == theirs
    }

    /// What it proves itself with, as text.
    #[must_use]
    pub fn sends(&self) -> String {
        self.local.iter().map(|method| method.word()).collect::<Vec<_>>().join(", then ")
    }

    /// What it expects, as text.
    #[must_use]
    pub fn expects(&self, v1: bool) -> String {
        let round = |round: &Vec<Method>| {
            let words = round.iter().map(|method| method.word()).collect::<Vec<_>>().join(" or ");
            match (words.is_empty(), v1) {
                (false, _) => words,
                (true, true) => Method::Certificate.word().to_owned(),
                (true, false) => "anything".to_owned(),
            }
        };
        self.remote.iter().map(round).collect::<Vec<_>>().join(", then ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_must_fit() {
        let key = Auth::default();
        let takes = |sent: &[Method]| key.takes(sent, false);
        assert!(takes(&[Method::Psk]) && !takes(&[Method::Certificate]) && !takes(&[Method::Psk, Method::Eap]));
    }

    #[test]
    fn what_is_left_open_is_a_certificate_in_ikev1_only() {
        let any = Auth { remote: vec![Vec::new()], ..Auth::default() };
        assert!(any.takes(&[Method::Certificate], false) && any.takes(&[Method::Psk], false) && any.needs_key());
        assert!(any.takes(&[Method::Certificate], true) && !any.takes(&[Method::Psk], true));
        assert!(Auth::default().is_one_way() && !any.is_one_way());
        assert_eq!((any.expects(false), any.expects(true)), ("anything".to_owned(), "certificate".to_owned()));
    }
}
