//! Bytes as text: UTF-8 with or without a byte order mark, or UTF-16 as Windows shells write it.

use std::borrow::Cow;

use super::fault::Fault;

/// The text of a file.
///
/// # Errors
/// That it is not text.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0x1f, 0x8b, ..] => Err(Fault::new("it is compressed with gzip: decompress it first")),
        [0xef, 0xbb, 0xbf, rest @ ..] => plain(rest),
        _ => plain(bytes),
    }
}

fn plain(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|cause| {
        let head = bytes.get(..cause.valid_up_to()).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default();
        let byte = bytes.get(cause.valid_up_to()).copied().unwrap_or_default();
        Fault::at(
            head,
            head.len(),
            format!("byte 0x{byte:02x} is not UTF-8: the file is binary, truncated inside a character, or in another encoding"),
        )
    })?;
    match text.find('\0') {
        Some(place) => Err(Fault::at(text, place, "it is binary: it contains a zero byte")),
        None => Ok(Cow::Borrowed(text)),
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, Fault> {
    let units = bytes.as_chunks::<2>();
    if !units.1.is_empty() {
        return Err(Fault::new("it is UTF-16, but truncated inside a character"));
    }
    let text: Result<String, _> = char::decode_utf16(units.0.iter().map(|pair| unit(*pair))).collect();
    text.map(Cow::Owned).map_err(|_| Fault::new("it starts like UTF-16, but is not valid UTF-16"))
}
