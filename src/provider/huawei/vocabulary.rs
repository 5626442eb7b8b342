//! Huawei Cloud's words.

use crate::model::Term;
use crate::provider::vocabulary::Vocabulary;

/// `ike_version`.
pub const IKE_VERSION: Vocabulary = Vocabulary(&[(Term::Ikev1, "v1"), (Term::Ikev2, "v2")]);

/// `phase1_negotiation_mode`.
pub const IKE_MODE: Vocabulary = Vocabulary(&[(Term::Main, "main"), (Term::Aggressive, "aggressive")]);

/// `encryption_algorithm` of both phases. `sm4` is for gateways of flavour GM only.
pub const ENCRYPTION: Vocabulary = Vocabulary(&[
    (Term::Aes256Gcm16, "aes-256-gcm-16"),
    (Term::Aes128Gcm16, "aes-128-gcm-16"),
    (Term::Aes256, "aes-256"),
    (Term::Aes192, "aes-192"),
    (Term::Aes128, "aes-128"),
    (Term::TripleDes, "3des"),
    (Term::Sm4, "sm4"),
    // The SDK for Go names the same ciphers by the length of the ICV in bits.
    (Term::Aes256Gcm16, "aes-256-gcm-128"),
    (Term::Aes128Gcm16, "aes-128-gcm-128"),
]);

/// `authentication_algorithm` of both phases. `sm3` is for gateways of flavour GM only.
pub const INTEGRITY: Vocabulary = Vocabulary(&[
    (Term::Sha512, "sha2-512"),
    (Term::Sha384, "sha2-384"),
    (Term::Sha256, "sha2-256"),
    (Term::Sha1, "sha1"),
    (Term::Md5, "md5"),
    (Term::Sm3, "sm3"),
]);

/// `dh_group`.
pub const DH_GROUP: Vocabulary = Vocabulary(&[
    (Term::Group1, "group1"),
    (Term::Group2, "group2"),
    (Term::Group5, "group5"),
    (Term::Group14, "group14"),
    (Term::Group15, "group15"),
    (Term::Group16, "group16"),
    (Term::Group19, "group19"),
    (Term::Group20, "group20"),
    (Term::Group21, "group21"),
]);

/// `pfs`.
pub const PFS: Vocabulary = Vocabulary(&[
    (Term::Group1, "group1"),
    (Term::Group2, "group2"),
    (Term::Group5, "group5"),
    (Term::Group14, "group14"),
    (Term::Group15, "group15"),
    (Term::Group16, "group16"),
    (Term::Group19, "group19"),
    (Term::Group20, "group20"),
    (Term::Group21, "group21"),
    (Term::None, "disable"),
]);

/// `local_id_type` and `peer_id_type` in requests.
pub const ID_TYPE: Vocabulary = Vocabulary(&[(Term::Ip, "ip"), (Term::Fqdn, "fqdn")]);

/// `peer_id_type` in replies.
pub const ANY_ID_TYPE: Vocabulary = Vocabulary(&[(Term::Any, "any"), (Term::Ip, "ip"), (Term::Fqdn, "fqdn")]);

/// `authentication_method`, in replies only.
pub const AUTHENTICATION: Vocabulary = Vocabulary(&[(Term::Psk, "pre-share"), (Term::DigitalEnvelope, "digital-envelope-v2")]);

/// `dpd.msg`.
pub const DPD_MESSAGE: Vocabulary = Vocabulary(&[(Term::SeqHashNotify, "seq-hash-notify"), (Term::SeqNotifyHash, "seq-notify-hash")]);

/// `transform_protocol`.
pub const PROTOCOL: Vocabulary = Vocabulary(&[(Term::Esp, "esp")]);

/// `encapsulation_mode`.
pub const ENCAPSULATION: Vocabulary = Vocabulary(&[(Term::Tunnel, "tunnel")]);

/// `bgp_peer.state`, with the names of RFC 4271.
pub const BGP_STATE: Vocabulary = Vocabulary(&[
    (Term::Up, "Established"),
    (Term::Down, "Idle"),
    (Term::Negotiating, "Connect"),
    (Term::Negotiating, "Active"),
    (Term::Negotiating, "OpenSent"),
    (Term::Negotiating, "OpenConfirm"),
]);

/// `status`, as the state of a change.
pub const CHANGE: Vocabulary = Vocabulary(&[
    (Term::Settled, "ACTIVE"),
    (Term::Settled, "DOWN"),
    (Term::Changing, "PENDING_UPDATE"),
    (Term::Changing, "PENDING_CREATE"),
    (Term::Changing, "PENDING_DELETE"),
    (Term::Changing, "UNKNOWN"),
    (Term::Failed, "ERROR"),
    // The vendor's spelling. Arrears or a policy froze it, and updates are refused.
    (Term::Failed, "FREEZED"),
]);

/// `status`, as the state of the tunnel.
pub const TUNNEL: Vocabulary = Vocabulary(&[
    (Term::Up, "ACTIVE"),
    (Term::Down, "DOWN"),
    (Term::Unknown, "UNKNOWN"),
    (Term::Unknown, "PENDING_UPDATE"),
    (Term::Unknown, "PENDING_CREATE"),
    (Term::Unknown, "PENDING_DELETE"),
    (Term::Unknown, "ERROR"),
    (Term::Unknown, "FREEZED"),
]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Word;

    #[test]
    fn every_row_round_trips_in_any_case() {
        let tables = [
            IKE_VERSION,
            IKE_MODE,
            ENCRYPTION,
            INTEGRITY,
            DH_GROUP,
            PFS,
            ID_TYPE,
            ANY_ID_TYPE,
            AUTHENTICATION,
            DPD_MESSAGE,
            PROTOCOL,
            ENCAPSULATION,
            BGP_STATE,
            CHANGE,
            TUNNEL,
        ];
        for table in tables {
            for (term, word) in table.0 {
                assert_eq!(table.read(table.write(*term).unwrap()), Word::Known(*term), "{word}");
                assert_eq!(table.read(&word.to_uppercase()), Word::Known(*term), "{word}");
                assert_eq!(table.read(&word.to_lowercase()), Word::Known(*term), "{word}");
            }
        }
    }

    #[test]
    fn ciphers_are_written_as_the_api_page_spells_them() {
        assert_eq!(ENCRYPTION.write(Term::Aes128Gcm16), Some("aes-128-gcm-16"));
        assert_eq!(ENCRYPTION.write(Term::Des), None);
        assert_eq!(PFS.write(Term::None), Some("disable"));
    }

    #[test]
    fn any_is_read_only() {
        assert_eq!(ANY_ID_TYPE.read("any"), Word::Known(Term::Any));
        assert_eq!(ID_TYPE.write(Term::Any), None);
    }
}
