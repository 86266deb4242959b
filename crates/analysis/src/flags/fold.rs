//! Symbols that look the same: capitals and small letters, letters of other alphabets, digits for letters, what nobody
//! sees.
//!
//! Only whole symbols are compared, and only by letters that are listed here: a symbol beyond the list is taken as it is.

/// Whether two symbols look the same to somebody who reads quickly.
///
/// Two readings are tried: one in which digits are digits, and one in which they stand for the letters they look like, as a
/// small `l` stands for a capital `I`.
#[must_use]
pub fn same_symbol(one: &str, other: &str) -> bool {
    let same = |reading: fn(char) -> char| {
        let (one, other) = (folded(one, reading), folded(other, reading));
        !one.is_empty() && one == other
    };
    same(|letter| letter) || same(digit_as_letter)
}

/// A symbol as capitals of the Latin alphabet, without what stands between letters.
fn folded(symbol: &str, reading: fn(char) -> char) -> String {
    let letters = symbol.chars().map(latin).map(reading);
    letters.flat_map(char::to_uppercase).filter(|letter| letter.is_alphanumeric()).collect()
}

/// The letter that a digit is drawn for.
fn digit_as_letter(letter: char) -> char {
    match letter {
        '0' => 'O',
        '1' | 'l' | '|' => 'I',
        '5' => 'S',
        '8' => 'B',
        other => other,
    }
}

/// Blocks of letters that repeat the alphabet in another style: first capital, last small letter.
const STYLES: [(u32, u32); 13] = [
    (0x1d400, 0x1d433),
    (0x1d434, 0x1d467),
    (0x1d468, 0x1d49b),
    (0x1d49c, 0x1d4cf),
    (0x1d4d0, 0x1d503),
    (0x1d504, 0x1d537),
    (0x1d538, 0x1d56b),
    (0x1d56c, 0x1d59f),
    (0x1d5a0, 0x1d5d3),
    (0x1d5d4, 0x1d607),
    (0x1d608, 0x1d63b),
    (0x1d63c, 0x1d66f),
    (0x1d670, 0x1d6a3),
];

/// Letters of other alphabets, and marks, beside the Latin letters that they are drawn like. By rows of equal length.
const DRAWN_ALIKE: [(&str, &str); 12] = [
    // Cyrillic.
    ("АВЕЅІЈКМНОРСТХУԚԜҮЗԌ", "ABESIJKMHOPCTXYQWY3G"),
    ("аеѕіјорсхуԛԝһԁҽӏкмтвн", "aesijopcxyqwhdelkmtbh"),
    // Greek.
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ", "ABEZHIKMNOPTYXCM"),
    ("αικνορτυχϲ", "aikvoptuxc"),
    // Armenian, Cherokee, Coptic and others that are used for it.
    ("ՕՏՍՑօսոհցզ", "OSUQounhgq"),
    ("ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏚᎢᏙᎳᏃ", "ABCDEHJKLMPSTVWZ"),
    ("ⲞⲤⲦⲨⲬⲘⲚⲔⲎⲈⲂⲀⲢ", "OCTYXMNKHEBAP"),
    // Marks of money, and letters with strokes.
    ("₮Ŧŧ₴₳₿฿€£¥₩₦Đđ", "TTtSABBELYWNDd"),
    ("ØøŁłƗɨƵƶɃƀ", "OoLlIiZzBb"),
    // Small capitals and letters of phonetic scripts.
    ("ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢꜱ", "abcdeghijklmnoprtuvwyzs"),
    ("ɑɡıǀꞮӀƖΙ", "agiIIIII"),
    ("ℂℍℕℙℚℝℤℬℰℱℋℐℒℳℛℭℌℑℜℨ", "CHNPQRZBEFHILMRCHIRZ"),
];

/// The Latin letters that carry marks, by the letter below.
const WITH_MARKS: [(char, &str); 22] = [
    ('A', "ÀÁÂÃÄÅĀĂĄǍ"),
    ('C', "ÇĆĈĊČ"),
    ('D', "Ď"),
    ('E', "ÈÉÊËĒĔĖĘĚ"),
    ('G', "ĜĞĠĢ"),
    ('H', "Ĥ"),
    ('I', "ÌÍÎÏĨĪĬĮİ"),
    ('J', "Ĵ"),
    ('K', "Ķ"),
    ('L', "ĹĻĽ"),
    ('N', "ÑŃŅŇ"),
    ('O', "ÒÓÔÕÖŌŎŐ"),
    ('R', "ŔŖŘ"),
    ('S', "ŚŜŞŠȘ"),
    ('T', "ŢŤȚ"),
    ('U', "ÙÚÛÜŨŪŬŮŰŲ"),
    ('W', "Ŵ"),
    ('Y', "ÝŶŸ"),
    ('Z', "ŹŻŽ"),
    ('B', "ḂḄ"),
    ('M', "ḾṀṂ"),
    ('P', "ṔṖ"),
];

/// The Latin letter or digit that a letter is drawn like; itself where none is known.
fn latin(letter: char) -> char {
    if letter.is_ascii() {
        return letter;
    }
    let drawn = DRAWN_ALIKE.iter().find_map(|(from, to)| {
        let at = from.chars().position(|other| other == letter)?;
        to.chars().nth(at)
    });
    drawn.or_else(|| styled(letter)).or_else(|| without_marks(letter)).unwrap_or(letter)
}

/// Full-width, circled, squared and mathematical letters and digits.
fn styled(letter: char) -> Option<char> {
    let code = u32::from(letter);
    let nth = |first: char, at: u32| char::from_u32(u32::from(first) + at);
    let in_style = STYLES.iter().find(|style| (style.0..=style.1).contains(&code));
    if let Some((first, _)) = in_style {
        let at = code - first;
        return if at < 26 { nth('A', at) } else { nth('a', at - 26) };
    }
    match code {
        0xff01..=0xff5e => nth('!', code - 0xff01),
        0x24b6..=0x24cf => nth('A', code - 0x24b6),
        0x24d0..=0x24e9 => nth('a', code - 0x24d0),
        0x1f110..=0x1f129 => nth('A', code - 0x1f110),
        0x1f130..=0x1f149 => nth('A', code - 0x1f130),
        0x1f150..=0x1f169 => nth('A', code - 0x1f150),
        0x1f170..=0x1f189 => nth('A', code - 0x1f170),
        0x1f1e6..=0x1f1ff => nth('A', code - 0x1f1e6),
        0x1d7ce..=0x1d7ff => nth('0', (code - 0x1d7ce) % 10),
        0x2080..=0x2089 => nth('0', code - 0x2080),
        _ => None,
    }
}

fn without_marks(letter: char) -> Option<char> {
    let mut upper = letter.to_uppercase();
    let upper = upper.next().filter(|_| upper.len() == 0)?;
    WITH_MARKS.iter().find(|(_, marked)| marked.contains(upper)).map(|(plain, _)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_pair_letter_for_letter() {
        for (from, to) in DRAWN_ALIKE {
            assert_eq!(from.chars().count(), to.chars().count(), "{from}");
            assert!(to.is_ascii() && from.chars().all(|letter| !letter.is_ascii()), "{from}");
        }
        assert!(STYLES.iter().all(|(first, last)| last - first == 51));
    }

    #[test]
    fn what_reads_the_same_is_the_same() {
        for (real, fake) in [
            ("USDT", "usdt"),
            ("USDT", "USDТ"),
            ("USDT", "U\u{200b}SD\u{feff}T"),
            ("USDT", "ＵＳＤＴ"),
            ("USDT", "$USDT"),
            ("USDT", " USD T. "),
            ("USDT", "U5DT"),
            ("USDT", "USD₮"),
            ("USDT", "𝐔𝐒𝐃𝐓"),
            ("USDT", "🅄🅂🄳🅃"),
            ("USDC", "UЅDС"),
            ("USDC", "USDČ"),
            ("USDC", "U\u{301}SDC"),
            ("ETH", "ΕΤΗ"),
            ("LINK", "LlNK"),
            ("LINK", "link"),
            ("LINK", "L1NK"),
            ("UNI", "UNl"),
            ("WBTC", "WBТС"),
            ("1INCH", "IINCH"),
            ("stETH", "ѕtETH"),
        ] {
            assert!(same_symbol(real, fake) && same_symbol(fake, real), "{real} {fake}");
        }
    }

    #[test]
    fn what_reads_otherwise_is_not() {
        for (one, other) in [
            ("USDT", "USDC"),
            ("USDT", "USDT0"),
            ("UNI", "UNL"),
            ("ETH", "WETH"),
            ("ETH", "ETH2"),
            ("DAI", "SAI"),
            ("", ""),
            (".", "$"),
        ] {
            assert!(!same_symbol(one, other), "{one} {other}");
        }
    }
}
