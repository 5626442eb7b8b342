//! Alibaba's words. The first row of a term is written; further rows are spellings that are only read.

use crate::model::Term;
use crate::provider::vocabulary::Vocabulary;

/// IKE versions.
pub static IKE_VERSION: Vocabulary = Vocabulary(&[(Term::Ikev1, "ikev1"), (Term::Ikev2, "ikev2")]);

/// IKEv1 exchange modes.
pub static IKE_MODE: Vocabulary = Vocabulary(&[(Term::Main, "main"), (Term::Aggressive, "aggressive")]);

/// Encryption of both phases. `sm4` is for ShangMi gateways.
pub static ENCRYPTION: Vocabulary = Vocabulary(&[
    (Term::Aes128, "aes"),
    (Term::Aes128, "aes128"),
    (Term::Aes192, "aes192"),
    (Term::Aes256, "aes256"),
    (Term::Des, "des"),
    (Term::TripleDes, "3des"),
    (Term::Sm4, "sm4"),
]);

/// Integrity of both phases. The page of 2019 has `sha` once; `sm3` is for ShangMi gateways.
pub static INTEGRITY: Vocabulary = Vocabulary(&[
    (Term::Md5, "md5"),
    (Term::Sha1, "sha1"),
    (Term::Sha1, "sha"),
    (Term::Sha256, "sha256"),
    (Term::Sha384, "sha384"),
    (Term::Sha512, "sha512"),
    (Term::Sm3, "sm3"),
]);

/// DH groups of the IKE SA. `group24` is gone from today's pages: it has no row, so it is refused in a change and kept
/// as it came when it is read.
pub static DH_GROUP: Vocabulary =
    Vocabulary(&[(Term::Group1, "group1"), (Term::Group2, "group2"), (Term::Group5, "group5"), (Term::Group14, "group14")]);

/// PFS of Child SAs.
pub static PFS: Vocabulary = Vocabulary(&[
    (Term::None, "disabled"),
    (Term::None, "disable"),
    (Term::Group1, "group1"),
    (Term::Group2, "group2"),
    (Term::Group5, "group5"),
    (Term::Group14, "group14"),
]);

/// Network types.
pub static NETWORK: Vocabulary = Vocabulary(&[(Term::Public, "public"), (Term::Private, "private")]);

/// What a failed health check does to the routes.
pub static HEALTH_POLICY: Vocabulary = Vocabulary(&[(Term::RevokeRoute, "revoke_route"), (Term::ReserveRoute, "reserve_route")]);

/// BGP session and health check. Pages have both `failed` and `false`.
pub static SESSION: Vocabulary =
    Vocabulary(&[(Term::Up, "success"), (Term::Up, "true"), (Term::Down, "failed"), (Term::Down, "false"), (Term::Down, "fail")]);

/// `State` of a connection or tunnel: whether a change is being made.
pub static STATE: Vocabulary = Vocabulary(&[
    (Term::Settled, "active"),
    (Term::Settled, "attached"),
    (Term::Settled, "init"),
    (Term::Changing, "updating"),
    (Term::Changing, "provisioning"),
    (Term::Changing, "upgrading"),
    (Term::Changing, "attaching"),
    (Term::Changing, "detaching"),
    (Term::Changing, "deleting"),
    (Term::Failed, "financialLocked"),
    (Term::Gone, "deleted"),
]);

/// `Status` of a VPN gateway.
pub static GATEWAY_STATUS: Vocabulary = Vocabulary(&[
    (Term::Settled, "active"),
    (Term::Changing, "updating"),
    (Term::Changing, "provisioning"),
    (Term::Changing, "init"),
    (Term::Gone, "deleting"),
]);

/// `Status` of a connection or tunnel: what was negotiated, nothing else.
pub static NEGOTIATION: Vocabulary = Vocabulary(&[
    (Term::Up, "ipsec_sa_established"),
    (Term::Negotiating, "ike_sa_established"),
    (Term::Negotiating, "ipsec_sa_not_established"),
    (Term::Down, "ike_sa_not_established"),
]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Word;

    #[test]
    fn every_row_leads_to_its_term_and_back() {
        let tables = [
            &IKE_VERSION,
            &IKE_MODE,
            &ENCRYPTION,
            &INTEGRITY,
            &DH_GROUP,
            &PFS,
            &NETWORK,
            &HEALTH_POLICY,
            &SESSION,
            &STATE,
            &GATEWAY_STATUS,
            &NEGOTIATION,
        ];
        for table in tables {
            for (term, word) in table.0 {
                for spelling in [(*word).to_owned(), word.to_uppercase(), word.to_lowercase()] {
                    assert_eq!(table.read(&spelling), Word::Known(*term), "{spelling}");
                }
                assert_eq!(table.read(table.write(*term).unwrap()), Word::Known(*term));
            }
        }
    }

    #[test]
    fn the_documented_words_are_written() {
        assert_eq!(ENCRYPTION.write(Term::Aes128), Some("aes"));
        assert_eq!(INTEGRITY.write(Term::Sha1), Some("sha1"));
        assert_eq!(PFS.write(Term::None), Some("disabled"));
        assert!(DH_GROUP.parse("group24").is_err());
        assert_eq!(DH_GROUP.read("group24"), Word::Foreign("group24".to_owned()));
    }
}
