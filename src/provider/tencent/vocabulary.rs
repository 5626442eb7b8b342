//! The words of Tencent Cloud: those of API 3.0 in upper case, the fewer ones of API 2.0 in lower case.

use crate::model::Term::{
    Active, Aes128, Aes128Gcm16, Aes192, Aes192Gcm16, Aes256, Aes256Gcm16, Aggressive, Changing, Clear, Des, Down, Esp, Failed, Fqdn, Gone,
    Group1, Group2, Group5, Group14, Group15, Group16, Group19, Group20, Group21, Group24, Ikev1, Ikev2, Ip, Main, Md5, None, Nqa, Null,
    OnTraffic, Passive, Restart, Settled, Sha1, Sha256, Sha384, Sha512, Sm3, Sm4, TripleDes, Tunnel, Up,
};
use crate::provider::vocabulary::Vocabulary;

/// `IKEVersion`.
pub const IKE_VERSION: Vocabulary = Vocabulary(&[(Ikev1, "IKEV1"), (Ikev2, "IKEV2")]);

/// `ExchangeMode`.
pub const IKE_MODE: Vocabulary = Vocabulary(&[(Main, "MAIN"), (Aggressive, "AGGRESSIVE")]);

/// `PropoEncryAlgorithm`. GCM needs a gateway of version 4.0 or later.
pub const IKE_ENCRYPTION: Vocabulary = Vocabulary(&[
    (TripleDes, "3DES-CBC"),
    (Aes128, "AES-CBC-128"),
    (Aes192, "AES-CBC-192"),
    (Aes256, "AES-CBC-256"),
    (Des, "DES-CBC"),
    (Sm4, "SM4"),
    (Aes128Gcm16, "AES128GCM128"),
    (Aes192Gcm16, "AES192GCM128"),
    (Aes256Gcm16, "AES256GCM128"),
]);

/// `PropoAuthenAlgorithm`: SHA-1 is `SHA` here and `SHA1` in phase 2.
pub const IKE_INTEGRITY: Vocabulary = Vocabulary(&[
    (Md5, "MD5"),
    (Sha1, "SHA"),
    (Sha1, "SHA1"),
    (Sha256, "SHA-256"),
    (Sha256, "SHA256"),
    (Sha512, "SHA-512"),
    (Sha512, "SHA512"),
]);

/// `DhGroupName`.
pub const IKE_DH_GROUP: Vocabulary = Vocabulary(&[
    (Group1, "GROUP1"),
    (Group2, "GROUP2"),
    (Group5, "GROUP5"),
    (Group14, "GROUP14"),
    (Group15, "GROUP15"),
    (Group16, "GROUP16"),
    (Group19, "GROUP19"),
    (Group20, "GROUP20"),
    (Group21, "GROUP21"),
    (Group24, "GROUP24"),
]);

/// `LocalIdentity` and `RemoteIdentity`.
pub const IDENTITY: Vocabulary = Vocabulary(&[(Ip, "ADDRESS"), (Fqdn, "FQDN")]);

/// `EncryptAlgorithm`.
pub const IPSEC_ENCRYPTION: Vocabulary = Vocabulary(&[
    (TripleDes, "3DES-CBC"),
    (Aes128, "AES-CBC-128"),
    (Aes192, "AES-CBC-192"),
    (Aes256, "AES-CBC-256"),
    (Des, "DES-CBC"),
    (Sm4, "SM4"),
    (Null, "NULL"),
    (Aes128Gcm16, "AES128GCM128"),
    (Aes192Gcm16, "AES192GCM128"),
    (Aes256Gcm16, "AES256GCM128"),
]);

/// `IntegrityAlgorith`, as the vendor spells it.
pub const IPSEC_INTEGRITY: Vocabulary = Vocabulary(&[
    (Md5, "MD5"),
    (Sha1, "SHA1"),
    (Sha1, "SHA"),
    (Sha256, "SHA-256"),
    (Sha256, "SHA256"),
    (Sha384, "SHA-384"),
    (Sha384, "SHA384"),
    (Sha512, "SHA-512"),
    (Sha512, "SHA512"),
    (Sm3, "SM3"),
]);

/// `PfsDhGroup`.
pub const IPSEC_PFS: Vocabulary = Vocabulary(&[
    (None, "NULL"),
    (Group1, "DH-GROUP1"),
    (Group2, "DH-GROUP2"),
    (Group5, "DH-GROUP5"),
    (Group14, "DH-GROUP14"),
    (Group15, "DH-GROUP15"),
    (Group16, "DH-GROUP16"),
    (Group19, "DH-GROUP19"),
    (Group20, "DH-GROUP20"),
    (Group21, "DH-GROUP21"),
    (Group24, "DH-GROUP24"),
]);

/// `NegotiationType`.
pub const NEGOTIATION: Vocabulary = Vocabulary(&[(Active, "active"), (Passive, "passive"), (OnTraffic, "flowTrigger")]);

/// `DpdAction`.
pub const DPD_ACTION: Vocabulary = Vocabulary(&[(Clear, "clear"), (Restart, "restart")]);

/// `HealthCheckConfig.ProbeType`.
pub const PROBE: Vocabulary = Vocabulary(&[(Nqa, "NQA")]);

/// `NetStatus` and `HealthCheckStatus`.
pub const NET_STATUS: Vocabulary = Vocabulary(&[(Up, "AVAILABLE"), (Down, "UNAVAILABLE")]);

/// `State`.
pub const STATE: Vocabulary = Vocabulary(&[(Settled, "AVAILABLE"), (Changing, "PENDING"), (Gone, "DELETING")]);

/// `exchangeMode` of API 2.0.
pub const V2_IKE_MODE: Vocabulary = Vocabulary(&[(Main, "main"), (Aggressive, "aggressive")]);

/// `propoEncryAlgorithm` of API 2.0.
pub const V2_IKE_ENCRYPTION: Vocabulary =
    Vocabulary(&[(TripleDes, "3des-cbc"), (Aes128, "aes-cbc-128"), (Aes192, "aes-cbc-192"), (Aes256, "aes-cbc-256"), (Des, "des-cbc")]);

/// `propoAuthenAlgorithm` and `integrityAlgorith` of API 2.0. Replies spell phase 2 `sha1`.
pub const V2_INTEGRITY: Vocabulary = Vocabulary(&[(Md5, "md5"), (Sha1, "sha"), (Sha1, "sha1")]);

/// `dhGroupName` of API 2.0.
pub const V2_IKE_DH_GROUP: Vocabulary =
    Vocabulary(&[(Group1, "group1"), (Group2, "group2"), (Group5, "group5"), (Group14, "group14"), (Group24, "group24")]);

/// `localIdentity` and `remoteIdentity` of API 2.0.
pub const V2_IDENTITY: Vocabulary = Vocabulary(&[(Ip, "address"), (Fqdn, "fqdn")]);

/// `encryptAlgorithm` of API 2.0.
pub const V2_IPSEC_ENCRYPTION: Vocabulary = Vocabulary(&[
    (TripleDes, "3des-cbc"),
    (Aes128, "aes-cbc-128"),
    (Aes192, "aes-cbc-192"),
    (Aes256, "aes-cbc-256"),
    (Des, "des-cbc"),
    (Null, "null"),
]);

/// `pfsDhGroup` of API 2.0.
pub const V2_IPSEC_PFS: Vocabulary = Vocabulary(&[
    (None, "null"),
    (Group1, "dh-group1"),
    (Group2, "dh-group2"),
    (Group5, "dh-group5"),
    (Group14, "dh-group14"),
    (Group24, "dh-group24"),
]);

/// `encapMode`, in replies of API 2.0.
pub const V2_ENCAPSULATION: Vocabulary = Vocabulary(&[(Tunnel, "tunnel")]);

/// `securityProto`, in replies of API 2.0.
pub const V2_PROTOCOL: Vocabulary = Vocabulary(&[(Esp, "ESP")]);

/// `vpcConnStatus`: creating and modifying, their failures, deleting, failed deletion, running.
pub const V2_STATE: Vocabulary =
    Vocabulary(&[(Settled, "6"), (Changing, "2"), (Changing, "0"), (Failed, "3"), (Failed, "1"), (Failed, "5"), (Gone, "4")]);

/// Status of a task of API 2.0, where 0 is success.
pub const V2_TASK: Vocabulary = Vocabulary(&[(Settled, "0"), (Failed, "1"), (Changing, "2")]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Word;

    const ALL: &[&Vocabulary] = &[
        &IKE_VERSION,
        &IKE_MODE,
        &IKE_ENCRYPTION,
        &IKE_INTEGRITY,
        &IKE_DH_GROUP,
        &IDENTITY,
        &IPSEC_ENCRYPTION,
        &IPSEC_INTEGRITY,
        &IPSEC_PFS,
        &NEGOTIATION,
        &DPD_ACTION,
        &PROBE,
        &NET_STATUS,
        &STATE,
        &V2_IKE_MODE,
        &V2_IKE_ENCRYPTION,
        &V2_INTEGRITY,
        &V2_IKE_DH_GROUP,
        &V2_IDENTITY,
        &V2_IPSEC_ENCRYPTION,
        &V2_IPSEC_PFS,
        &V2_ENCAPSULATION,
        &V2_PROTOCOL,
        &V2_STATE,
        &V2_TASK,
    ];

    #[test]
    fn every_row_round_trips_in_any_case() {
        for words in ALL {
            for (term, spelling) in words.0 {
                let written = words.write(*term).unwrap();
                assert_eq!(words.read(written), Word::Known(*term));
                for text in [spelling.to_uppercase(), spelling.to_lowercase()] {
                    assert_eq!(words.read(&text), Word::Known(*term), "{text}");
                }
            }
        }
    }

    #[test]
    fn sha1_has_one_name_per_phase_and_sha384_none_in_phase_1() {
        assert_eq!(IKE_INTEGRITY.write(Sha1), Some("SHA"));
        assert_eq!(IPSEC_INTEGRITY.write(Sha1), Some("SHA1"));
        assert_eq!(IKE_INTEGRITY.write(Sha384), Option::None);
        assert_eq!(V2_INTEGRITY.write(Sha256), Option::None);
    }
}
