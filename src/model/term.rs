//! The fixed list of words for settings: algorithms, groups, modes, identity types, actions.

use std::fmt;

macro_rules! terms {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A word that is the same for every cloud. Each cloud's vocabulary has its own spelling.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the words explain themselves")]
        pub enum Term { $($(#[$doc])* $name,)* }

        impl Term {
            /// Every term.
            pub const ALL: &[Term] = &[$(Term::$name,)*];

            /// The word in flags, JSON and tables.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Term::$name => $word,)* }
            }
        }
    };
}

terms! {
    // IKE versions (RFC 2409, RFC 7296) and the IKEv1 exchange modes.
    Ikev1 = "ikev1",
    Ikev2 = "ikev2",
    Main = "main",
    Aggressive = "aggressive",
    // Encryption: the name is algorithm, key length, and for AEAD ciphers the length of the ICV in octets.
    Des = "des",
    TripleDes = "3des",
    Aes128 = "aes128",
    Aes192 = "aes192",
    Aes256 = "aes256",
    Aes128Gcm16 = "aes128gcm16",
    Aes192Gcm16 = "aes192gcm16",
    Aes256Gcm16 = "aes256gcm16",
    Null = "null",
    Sm4 = "sm4",
    // Integrity.
    Md5 = "md5",
    Sha1 = "sha1",
    Sha256 = "sha256",
    Sha384 = "sha384",
    Sha512 = "sha512",
    Sm3 = "sm3",
    // Diffie-Hellman groups by their IANA number, and "none" where PFS is off.
    Group1 = "group1",
    Group2 = "group2",
    Group5 = "group5",
    Group14 = "group14",
    Group15 = "group15",
    Group16 = "group16",
    Group19 = "group19",
    Group20 = "group20",
    Group21 = "group21",
    Group24 = "group24",
    None = "none",
    // Identity types (RFC 7296 3.5).
    Ip = "ip",
    Fqdn = "fqdn",
    Any = "any",
    // Authentication methods.
    Psk = "psk",
    DigitalEnvelope = "digital-envelope",
    // What DPD does about a dead peer, and the order of the payloads in its messages.
    Clear = "clear",
    Restart = "restart",
    SeqHashNotify = "seq-hash-notify",
    SeqNotifyHash = "seq-notify-hash",
    // Who starts the negotiation.
    Active = "active",
    Passive = "passive",
    OnTraffic = "on-traffic",
    // Encapsulation and protocol of Child SAs.
    Tunnel = "tunnel",
    Esp = "esp",
    // Network types, and what a failed health check does to the routes.
    Public = "public",
    Private = "private",
    RevokeRoute = "revoke-route",
    ReserveRoute = "reserve-route",
    Nqa = "nqa",
    // The state of a change.
    Settled = "settled",
    Changing = "changing",
    Failed = "failed",
    Gone = "gone",
    // The state of a tunnel, BGP session or health check, as far as the cloud reports it.
    Up = "up",
    Negotiating = "negotiating",
    Down = "down",
    Unknown = "unknown",
}

impl Term {
    /// The term for a word, in any case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|term| term.word().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn term_is_found_by_its_word() {
        for term in Term::ALL {
            assert_eq!(Term::from_word(term.word()), Some(*term));
            assert_eq!(Term::from_word(&term.word().to_uppercase()), Some(*term));
        }
        assert_eq!(Term::from_word("aes512"), None);
    }
}
