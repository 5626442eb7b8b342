//! Alibaba's words. The first row of a term is written; further rows of it are only read.

use crate::model::Term;
use crate::provider::vocabulary::Vocabulary;

/// IKE versions.
pub(super) static IKE_VERSION: Vocabulary = Vocabulary(&[(Term::Ikev1, "ikev1"), (Term::Ikev2, "ikev2")]);

/// IKEv1 exchange modes.
pub(super) static IKE_MODE: Vocabulary = Vocabulary(&[(Term::Main, "main"), (Term::Aggressive, "aggressive")]);

/// Encryption of both phases. `sm4` is for ShangMi gateways only.
pub(super) static ENCRYPTION: Vocabulary = Vocabulary(&[
    (Term::Aes128, "aes"),
    (Term::Aes128, "aes128"),
    (Term::Aes192, "aes192"),
    (Term::Aes256, "aes256"),
    (Term::Des, "des"),
    (Term::TripleDes, "3des"),
    (Term::Sm4, "sm4"),
]);

/// Integrity of both phases. The page of 2019 has `sha` in one place; `sm3` is for ShangMi gateways only.
pub(super) static INTEGRITY: Vocabulary = Vocabulary(&[
    (Term::Md5, "md5"),
    (Term::Sha1, "sha1"),
    (Term::Sha1, "sha"),
    (Term::Sha256, "sha256"),
    (Term::Sha384, "sha384"),
    (Term::Sha512, "sha512"),
    (Term::Sm3, "sm3"),
]);

/// DH groups of the IKE SA. Current pages no longer list `group24`, so it has no row: a change to it is refused, and a
/// reply with it is shown unchanged.
pub(super) static DH_GROUP: Vocabulary =
    Vocabulary(&[(Term::Group1, "group1"), (Term::Group2, "group2"), (Term::Group5, "group5"), (Term::Group14, "group14")]);

/// PFS of Child SAs.
pub(super) static PFS: Vocabulary = Vocabulary(&[
    (Term::None, "disabled"),
    (Term::None, "disable"),
    (Term::Group1, "group1"),
    (Term::Group2, "group2"),
    (Term::Group5, "group5"),
    (Term::Group14, "group14"),
]);

/// Network types.
pub(super) static NETWORK: Vocabulary = Vocabulary(&[(Term::Public, "public"), (Term::Private, "private")]);

/// What a failed health check does to the routes.
pub(super) static HEALTH_POLICY: Vocabulary = Vocabulary(&[(Term::RevokeRoute, "revoke_route"), (Term::ReserveRoute, "reserve_route")]);

/// State of a BGP session or health check. The pages use both `failed` and `false`.
pub(super) static SESSION: Vocabulary =
    Vocabulary(&[(Term::Up, "success"), (Term::Up, "true"), (Term::Down, "failed"), (Term::Down, "false"), (Term::Down, "fail")]);

/// `State` of a connection or tunnel: whether a change is in progress.
pub(super) static STATE: Vocabulary = Vocabulary(&[
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
pub(super) static GATEWAY_STATUS: Vocabulary = Vocabulary(&[
    (Term::Settled, "active"),
    (Term::Changing, "updating"),
    (Term::Changing, "provisioning"),
    (Term::Changing, "init"),
    (Term::Gone, "deleting"),
]);

/// `Status` of a connection or tunnel: how far the negotiation is.
pub(super) static NEGOTIATION: Vocabulary = Vocabulary(&[
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
