//! The page's one style sheet and the hash by which its content policy admits it and nothing else.

use sha2::{Digest, Sha256};

/// The style sheet.
pub const CSS: &str = include_str!("../../../templates/report.css");

/// The sheet's hash as a content security policy writes it.
#[must_use]
pub fn csp_hash() -> String {
    format!("sha256-{}", base64(&Sha256::digest(CSS.as_bytes())))
}

/// Base64 with padding, for 32 bytes a dependency too many.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit) & 63) as usize;
            out.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[index]) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_follows_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
