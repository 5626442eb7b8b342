use super::*;
use crate::provider::tencent::sign::vectors::{text, vectors};

fn secret(id: &str) -> Option<String> {
    let key = match id {
        "AKIDFAKEfakeFAKEfakeFAKEfake00000000" => "FAKEfakeFAKEkeyNOTrealNOTreal000",
        "AKIDFAKEtmpFAKEtmp0000000000000000" => "FAKEtmpKEYfakeTMPkeyFAKE00000000",
        _ => return None,
    };
    Some(key.to_owned())
}

fn incoming(vector: &Json) -> Incoming {
    let headers = vector["http"]["headers"].as_object().unwrap();
    let (path, query) = (text(vector, "/http/path"), text(vector, "/http/raw_query"));
    Incoming {
        method: text(vector, "/http/method").to_owned(),
        target: if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") },
        headers: headers.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
        body: text(vector, "/http/body").as_bytes().to_vec(),
        at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn every_vector_of_the_vendor_is_valid() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 25);
    for vector in &vectors {
        let signed = verify(&incoming(vector), secret).unwrap();
        assert_eq!(signed.action, text(vector, "/call/action"));
        assert_eq!(signed.region, text(vector, "/call/region"));
        assert_eq!(Some(signed.timestamp), vector["chosen"]["timestamp"].as_i64());
        let asked = vector["call"]["params"].as_object().unwrap();
        if signed.typed {
            assert_eq!(&signed.parameters, asked);
        } else {
            assert_eq!(signed.parameters.keys().collect::<Vec<_>>(), asked.keys().collect::<Vec<_>>(), "{}", vector["id"]);
        }
    }
}

#[test]
fn one_changed_byte_is_refused() {
    for vector in &vectors() {
        let good = incoming(vector);
        let mut host = good.clone();
        host.headers.iter_mut().filter(|(name, _)| name == "host").for_each(|(_, value)| value.push('x'));
        let mut body = good.clone();
        body.body = String::from_utf8(body.body).unwrap().replacen("vpnx-", "vpny-", 1).into_bytes();
        let mut target = good.clone();
        target.target = target.target.replacen("vpnx-", "vpny-", 1);
        for changed in [host, body, target] {
            if format!("{changed:?}") != format!("{good:?}") {
                assert_eq!(verify(&changed, secret).unwrap_err(), Wrong::Mismatch, "{}", vector["id"]);
            }
        }
        assert_eq!(verify(&good, |_| None).unwrap_err(), Wrong::Id);
        assert_eq!(verify(&good, |_| Some("other".to_owned())).unwrap_err(), Wrong::Mismatch);
    }
}

#[test]
fn values_that_start_with_an_at_sign_need_not_be_signed_in_a_post_to_api_2_0() {
    let pairs: Pairs = [
        ("Action", "ModifyVpnConnEx"),
        ("Nonce", "1"),
        ("SecretId", "AKIDFAKEfakeFAKEfakeFAKEfake00000000"),
        ("Timestamp", "1700000000"),
        ("preSharedKey", "@home"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for (path, count, accepted) in [(V2_PATH, 5, true), (V2_PATH, 4, true), ("/", 5, true), ("/", 4, false)] {
        let to_sign = string_to_sign("POST", "h", path, &canonical_parameters(&pairs[..count]));
        let mut sent = pairs.clone();
        sent.push(("Signature".to_owned(), signature(Algorithm::Sha1, "FAKEfakeFAKEkeyNOTrealNOTreal000", &to_sign)));
        let request = Incoming {
            method: "POST".to_owned(),
            target: path.to_owned(),
            headers: vec![("Host".into(), "h".into()), ("Content-Type".into(), "application/x-www-form-urlencoded".into())],
            body: crate::wire::encode_pairs(&sent).into_bytes(),
            at: DateTime::UNIX_EPOCH,
        };
        assert_eq!(verify(&request, secret).is_ok(), accepted, "{path} {count}");
    }
}
