//! The format of a journal: how a line is written, checked and found.

use std::io::{self, Write};

use crc::{CRC_32_ISCSI, Crc, Table};
use sha2::{Digest, Sha256};

use crate::model::hex;

/// Bytes before the JSON: length, checksum and hash, each with the space behind it.
pub(super) const HEAD: usize = 9 + 9 + 65;
/// Bytes before the text that the checksum covers.
const CHECKED: usize = 9 + 9;
/// CRC-32C by a large table: byte by byte it would be half the cost of reading a journal.
pub(super) static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// What stands for the hash in the first line, which has no line before it: the number of the format.
pub(super) fn format() -> String {
    format!("{:064x}", 1)
}

/// Writes a line that holds these records and follows the line of this hash.
pub(super) fn compose(records: &[u8], previous: &str) -> io::Result<Vec<u8>> {
    let mut line = Vec::with_capacity(HEAD + records.len() + 1);
    write!(line, "{:08x} {:08x} {previous} ", records.len(), 0)?;
    line.extend_from_slice(records);
    let checksum = CRC.checksum(line.get(CHECKED..).unwrap_or_default());
    line.splice(9..17, format!("{checksum:08x}").into_bytes());
    line.push(b'\n');
    Ok(line)
}

/// The hash and the JSON of a line, if its length and checksum are right.
fn text(line: &[u8]) -> Result<(&[u8], &[u8]), &'static str> {
    let whole = line.strip_suffix(b"\n").ok_or("is cut short")?;
    let (head, json) = whole.split_at_checked(HEAD).ok_or("is cut short")?;
    let checksum = CRC.checksum(whole.get(CHECKED..).unwrap_or_default());
    // Compared as text: the same number in another spelling is a change too.
    if head.get(..CHECKED) != Some(format!("{:08x} {checksum:08x} ", json.len()).as_bytes()) {
        return Err("does not match its checksum");
    }
    Ok((head.get(CHECKED..HEAD - 1).unwrap_or_default(), json))
}

/// Whether the first line of a journal, its plan, is intact, so that the ends in it can be trusted.
pub fn begins_well(bytes: &[u8]) -> bool {
    first_line(bytes).2.is_ok()
}

/// A line, what follows it, and the line's hash and JSON.
pub(super) type First<'a> = (&'a [u8], &'a [u8], Result<(&'a [u8], &'a [u8]), &'static str>);

/// Splits off the first line, with its line feed.
pub(super) fn first_line(bytes: &[u8]) -> First<'_> {
    // Try the length that the line states: to search for the line feed costs as much as the checksum.
    if let Some((line, behind)) = said_end(bytes).and_then(|end| bytes.split_at_checked(end + 1))
        && let Ok(found) = text(line)
    {
        return (line, behind, Ok(found));
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |place| place + 1);
    let (line, behind) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    (line, behind, text(line))
}

/// Whether a line was never written whole: it has no line feed, and is shorter than it states. In any other line that is
/// wrong, something has changed since.
pub(super) fn is_torn(line: &[u8]) -> bool {
    !line.ends_with(b"\n") && said_end(line).is_none_or(|end| line.len() <= end)
}

/// Whether zeros follow the last line of this journal, by the hash in its first line.
pub(super) fn has_end(first: &[u8]) -> bool {
    first.iter().any(|byte| *byte != b'0')
}

/// The position of the line feed by the length that the line states.
fn said_end(line: &[u8]) -> Option<usize> {
    Some(HEAD + usize::from_str_radix(std::str::from_utf8(line.get(..8)?).ok()?, 16).ok()?)
}

/// Whether this is the hash of the previous line.
pub(super) fn follows(hash: &[u8], previous: Option<&[u8]>) -> bool {
    match previous {
        None => hash.iter().all(|byte| *byte == b'0') || hash == format().as_bytes(),
        Some(line) => hash == sum(line).as_bytes(),
    }
}

/// The SHA-256 of a line, in hex.
pub(super) fn sum(line: &[u8]) -> String {
    hex(&Sha256::digest(line))
}
