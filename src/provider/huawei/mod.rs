//! Stub, replaced whole.
use super::*;
/// Data.
pub static PROVIDER: Registration = Registration {
    id: "huawei",
    title: "huawei",
    kinds: &[],
    environment: Environment {
        id: &[],
        secret: &[],
        token: &[],
        bearer: &[],
        region: &[],
        project: &[],
        identity_endpoint: &[],
        endpoint: "X",
    },
    signatures: &[],
    regions: &[],
    connect: |_| Box::new(Stub),
    emulation: Emulation { credentials: ("", ""), seed: |_| {}, handle: |_, _| Reply::default(), refuse: |_, _| Reply::default() },
};
struct Stub;
impl Provider for Stub {
    fn registration(&self) -> &'static Registration {
        &PROVIDER
    }
    fn sign(&self, _: &Request, _: &Credentials, _: &Stamp) -> Signature {
        loop {}
    }
    fn error(&self, _: &Reply) -> Option<ApiError> {
        None
    }
    fn show(&self, _: &Target) -> Call<Connection> {
        loop {}
    }
    fn rules(&self, _: &Edit<'_>) -> Findings {
        Findings::default()
    }
    fn modify(&self, _: &Edit<'_>) -> Result<Call<Accepted>, Vec<Violation>> {
        Err(vec![])
    }
    fn progress(&self, _: &Target, _: Option<&str>, _: Option<&Accepted>) -> Call<Progress> {
        loop {}
    }
}
