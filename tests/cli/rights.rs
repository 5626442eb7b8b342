//! Accounts that may write but not read, or list only some kinds.

use crate::harness::World;

const ALIBABA: &str = "alibaba@cn-shanghai/vco-bp1bbi27hojx80nck9k1i";

/// A cloud at which an account may write but not read; it serves until the test ends.
fn write_only() -> String {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(&stream);
            let (mut head, mut length) = (String::new(), 0);
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {
                let line = head.lines().last().unwrap_or_default().to_ascii_lowercase();
                length = line.strip_prefix("content-length:").map_or(length, |text| text.trim().parse().unwrap());
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let writes = head.contains("Action=Modify") || head.contains("Action=Update");
            let (status, body) = if writes {
                ("200 OK", r#"{"RequestId":"r-1"}"#)
            } else {
                ("403 Forbidden", r#"{"RequestId":"r-2","Code":"Forbidden.RAM","Message":"User not authorized"}"#)
            };
            let reply = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = (&stream).write_all(reply.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn an_account_that_may_only_write_can_change_a_connection() {
    let world = World::new();
    let endpoint = write_only();
    let keys = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret-of-the-user")];
    for (reference, more) in [
        (ALIBABA, [].as_slice()),
        ("alibaba@cn-hangzhou/attachment/vco-p0w5112fgnl2ihlmf", &[]),
        ("alibaba@cn-shanghai/ipsec-server/iss-bp1bo3xuvcxo7ixll", &["--gateway", "vpn-bp1q8bgx4xnkm2ogj0fiu"]),
    ] {
        let words = ["modify", reference, "--name", "x", "--yes", "--no-read", "-o", "json", "--endpoint", &endpoint];
        let ran = world.run_with(&[words.as_slice(), more].concat(), &keys, "").expect(0);
        for part in ["accepted the change", "may not read", "Forbidden.RAM", "tunnelctl wait"] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        assert_eq!(ran.json()["outcome"], "accepted");
        // Without `--no-read` the refused read is reported, and nothing is sent.
        world.run_with(&["modify", reference, "--name", "x", "--yes", "--endpoint", &endpoint], &keys, "").expect(1);
    }
}

#[test]
fn a_kind_that_may_not_be_listed_hides_no_other_kind() {
    let keys = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret-of-the-user")];
    let ran = World::new().run_with(&["list", "alibaba@cn-shanghai", "--endpoint", &write_only()], &keys, "").expect(1);
    for kind in ["connection", "attachment", "ipsec-server"] {
        assert!(ran.stderr.contains(&format!("refused to list the {kind}s in cn-shanghai")), "{kind}: {}", ran.stderr);
    }
}
