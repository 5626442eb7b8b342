//! The exchange at which a tunnel fails.

/// The exchange that failed, by what the starter wrote.
pub fn stage(log: &str) -> &'static str {
    let any = |signs: &[&str]| signs.iter().any(|sign| log.contains(sign));
    let aggressive = any(&["initiating Aggressive Mode", "initiating IKEv1 Aggressive Mode"]);
    let v1 = aggressive || any(&["initiating Main Mode", "initiating IKEv1 Main Mode"]);
    match (v1, any(&["established between", "IKE SA established", "ISAKMP SA established", "initiator established IKE SA"])) {
        (true, true) => "quick_mode",
        (true, false) if aggressive => "aggressive_mode",
        (true, false) => "main_mode",
        (false, true) => "ike_auth",
        (false, false) if any(&["generating IKE_AUTH request", "sent IKE_AUTH request"]) => "ike_auth",
        (false, false) => "ike_sa_init",
    }
}
