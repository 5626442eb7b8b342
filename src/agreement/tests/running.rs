//! What happens to a tunnel that is up.

use super::*;

#[test]
fn on_a_running_tunnel_faults_wait_for_the_next_authentication() {
    let running = Options { running: true, ..Options::default() };
    let run = |mode: (Term, Term), change: fn(&mut End)| {
        let (left, mut right) = base(mode.0, mode.1);
        change(&mut right);
        check(&left, &right, &running).verdict.word()
    };
    for mode in MODES {
        assert_eq!(run(mode, |end| end.psk = key("x")), "up-fails-at-reauth");
        assert_eq!(run(mode, |end| end.ike = ike("aes128-sha256-modp2048")), "up-fails-at-reauth");
    }
    assert_eq!(run(V2, |end| end.esp = esp("aes128-sha256-modp2048")), "up-fails-at-reauth");
    assert_eq!(run(V1, |end| end.esp = esp("aes128-sha256-modp2048")), "up-fails-at-rekey");
    assert_eq!(run(V2, |end| end.esp = esp("aes256-sha256")), "up-fails-at-rekey");
}
