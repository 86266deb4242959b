//! Text from chains, tag packs and file names is hostile: it may carry terminal escapes, characters
//! that reorder a line, or characters nobody sees.
//!
//! Everything printed for people goes through [`clean`], which shows such characters as escapes.

use std::fmt;

/// Text that somebody else wrote: a label, an address, a file name. Printed with its hidden characters
/// escaped, written to JSON exactly.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Said(pub String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clean(&self.0))
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Whether a character is shown as an escape: control characters (C0, DEL, C1), characters that change
/// the direction of a line, and characters without a shape of their own.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || is_noncharacter(c)
}

/// Code points that are no characters, for example U+FFFE.
fn is_noncharacter(c: char) -> bool {
    matches!(u32::from(c), 0xfdd0..=0xfdef) || u32::from(c) & 0xfffe == 0xfffe
}

/// The text on one line, every hidden character as `\u{..}`.
#[must_use]
pub fn clean(text: &str) -> String {
    escape(text, |_| false)
}

/// The text with its line breaks kept, every other hidden character as `\u{..}`.
#[must_use]
pub fn lines(text: &str) -> String {
    escape(text, |c| c == '\n')
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !keep(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// The text if it has at most `chars_max` characters, else its beginning and how much was left out.
#[must_use]
pub fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} ... +{} characters", &text[..end], grouped(text[end..].chars().count())),
    }
}

/// Bytes from a chain as text: printable ASCII as it is, every other byte as `\xNN`.
#[must_use]
pub fn bytes(raw: &[u8]) -> String {
    let show =
        |&byte: &u8| if (0x20..0x7f).contains(&byte) { char::from(byte).to_string() } else { format!("\\x{byte:02x}") };
    raw.iter().map(show).collect()
}

/// An unsigned number with a comma between thousands: `1,234,567`.
#[must_use]
pub fn grouped(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_the_cursor_or_the_line_survives() {
        let hostile = "a\u{1b}]0;x\u{7}\u{9b}31m\r\n\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}\u{fffe}b";
        let shown = clean(hostile);
        assert!(shown.chars().all(|c| !is_hidden(c)), "{shown}");
        assert_eq!(clean("\u{202e}gnp.exe"), "\\u{202e}gnp.exe");
        assert_eq!(lines("a\nb\t"), "a\nb\\u{9}");
    }

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        for text in ["Binance.com", "コインチェック", "Żółć", "₿ 1.5", "<b>&amp;\"'"] {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(
            (grouped(0), grouped(999), grouped(1000), grouped(1_234_567)),
            ("0".into(), "999".into(), "1,000".into(), "1,234,567".into())
        );
    }

    #[test]
    fn long_text_is_cut_between_characters_and_says_by_how_much() {
        assert_eq!(cut("Żółć", 4), "Żółć");
        assert_eq!(cut(&"ż".repeat(1_103), 3), "żżż ... +1,100 characters");
    }

    #[test]
    fn chain_bytes_show_as_ascii() {
        assert_eq!(bytes(b"EXODUS\x00\xff"), "EXODUS\\x00\\xff");
    }
}
