//! The access key that the emulator accepts.

/// The key pair: id and secret.
pub const CREDENTIALS: (&str, &str) = ("AKIDemulatedSecretId000000000000001", "emulatedTencentSecretKey00000001");

/// The secret of an id.
pub(super) fn secret_of(id: &str) -> Option<String> {
    (id == CREDENTIALS.0).then(|| CREDENTIALS.1.to_owned())
}
