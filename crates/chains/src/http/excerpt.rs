//! The beginning of what a stranger wrote, harmless to print.

/// Characters of an answer that an error repeats, at most.
const EXCERPT_CHARS: usize = 120;

/// The beginning of what a stranger wrote, on one line, harmless to print.
pub(crate) fn excerpt(text: &str) -> String {
    let mut characters = text.trim().chars();
    let start: String = characters.by_ref().take(EXCERPT_CHARS).map(printable).collect();
    if characters.next().is_some() { start + "…" } else { start }
}

/// As [`excerpt`], of bytes.
pub(crate) fn excerpt_of(bytes: &[u8]) -> String {
    // Four bytes make a character at most.
    let start = &bytes[..bytes.len().min(4 * EXCERPT_CHARS + 4)];
    excerpt(&String::from_utf8_lossy(start))
}

/// Control characters move cursors and change colours; marks of direction turn text around.
fn printable(character: char) -> char {
    let turns =
        matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if character.is_control() || turns { '\u{fffd}' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_harmless() {
        assert_eq!(excerpt(" a\x1b[31m\u{202e}b\n"), "a\u{fffd}[31m\u{fffd}b");
        assert_eq!(excerpt(&"é".repeat(500)).chars().count(), EXCERPT_CHARS + 1);
        assert_eq!(excerpt_of(&[0xff; 4_000]).chars().count(), EXCERPT_CHARS + 1);
    }
}
