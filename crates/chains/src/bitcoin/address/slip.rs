//! What was meant: texts one slip away whose checksum matches.
//!
//! A checksum of 30 or 32 bits makes a false match among the few thousand texts tried here less likely
//! than one in 100,000.

use std::fmt;

/// A slip of the hand or eye. Positions are counted from one.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Slip {
    /// One character in place of another.
    Replaced {
        /// Where.
        position: usize,
        /// What stands there.
        typed: char,
        /// What should.
        meant: char,
    },
    /// Two neighbours in the wrong order.
    Swapped {
        /// Where the first stands.
        position: usize,
    },
    /// A character too many.
    Extra {
        /// Where.
        position: usize,
    },
    /// A character too few.
    Missing {
        /// Where it belongs.
        position: usize,
        /// Which.
        meant: char,
    },
    /// Several characters that look like others.
    LookAlikes,
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replaced { position, typed, meant } => {
                write!(f, "character {position} is `{typed}`, it should be `{meant}`")
            }
            Self::Swapped { position } => write!(f, "characters {position} and {} are swapped", position + 1),
            Self::Extra { position } => write!(f, "character {position} is one too many"),
            Self::Missing { position, meant } => write!(f, "`{meant}` is missing as character {position}"),
            Self::LookAlikes => f.write_str("characters that look alike were confused"),
        }
    }
}

impl Slip {
    /// Moves its position by the length of a beginning that was left out.
    pub(super) fn shift(&mut self, by: usize) {
        match self {
            Self::Replaced { position, .. }
            | Self::Swapped { position }
            | Self::Extra { position }
            | Self::Missing { position, .. } => *position += by,
            Self::LookAlikes => {}
        }
    }
}

/// A text that is sound, and how what was given differs from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Correction {
    /// What was probably meant.
    pub text: String,
    /// The difference.
    pub slip: Slip,
}

/// The one text a single slip away that `sound` accepts; none when there are several or none.
pub(crate) fn correct(text: &str, alphabet: &str, sound: &dyn Fn(&str) -> bool) -> Option<Correction> {
    if !text.is_ascii() {
        return None;
    }
    let mut found: Option<Correction> = None;
    for (candidate, slip) in slips(text.as_bytes(), alphabet.as_bytes()) {
        let Ok(candidate) = String::from_utf8(candidate) else { continue };
        if sound(&candidate) {
            match &found {
                Some(other) if other.text != candidate => return None,
                Some(_) => {}
                None => found = Some(Correction { text: candidate, slip }),
            }
        }
    }
    found
}

fn slips<'a>(text: &'a [u8], alphabet: &'a [u8]) -> impl Iterator<Item = (Vec<u8>, Slip)> + 'a {
    let edit = |at: usize, removed: usize, put: &[u8]| [&text[..at], put, &text[at + removed..]].concat();
    let replaced = (0..text.len()).flat_map(move |at| {
        let others = alphabet.iter().filter(move |other| **other != text[at]);
        others.map(move |&meant| {
            let slip = Slip::Replaced { position: at + 1, typed: char::from(text[at]), meant: char::from(meant) };
            (edit(at, 1, &[meant]), slip)
        })
    });
    let swapped = (1..text.len()).filter(move |at| text[at - 1] != text[*at]);
    let swapped = swapped.map(move |at| (edit(at - 1, 2, &[text[at], text[at - 1]]), Slip::Swapped { position: at }));
    let extra = (0..text.len()).map(move |at| (edit(at, 1, &[]), Slip::Extra { position: at + 1 }));
    let missing = (0..=text.len()).flat_map(move |at| {
        alphabet.iter().map(move |&meant| {
            let slip = Slip::Missing { position: at + 1, meant: char::from(meant) };
            (edit(at, 0, &[meant]), slip)
        })
    });
    replaced.chain(swapped).chain(extra).chain(missing)
}

/// How many ways of reading look-alikes are tried at most.
const READINGS_MAX: usize = 4_096;

/// Reads characters that `alphabet` lacks as ones that look like them, all at once.
pub(super) fn read_look_alikes(text: &str, alphabet: &str, sound: &dyn Fn(&str) -> bool) -> Option<Correction> {
    let mut readings = vec![String::new()];
    let mut strangers = Vec::new();
    for (at, typed) in text.chars().enumerate() {
        let options: Vec<char> = if alphabet.contains(typed) {
            vec![typed]
        } else {
            strangers.push((at + 1, typed));
            look_alikes(typed).chars().filter(|option| alphabet.contains(*option)).collect()
        };
        readings =
            readings.iter().flat_map(|start| options.iter().map(move |option| format!("{start}{option}"))).collect();
        if readings.len() > READINGS_MAX {
            return None;
        }
    }
    let mut sound = readings.into_iter().filter(|reading| sound(reading));
    let (text, None) = (sound.next()?, sound.next()) else { return None };
    let slip = match strangers.as_slice() {
        [(position, typed)] => {
            let meant = text.chars().nth(position - 1).unwrap_or(*typed);
            Slip::Replaced { position: *position, typed: *typed, meant }
        }
        _ => Slip::LookAlikes,
    };
    Some(Correction { text, slip })
}

fn look_alikes(typed: char) -> &'static str {
    match typed {
        '0' | 'O' => "oQDC0",
        'o' => "0",
        'I' | 'l' | '|' | '!' => "1iLjl",
        'i' | '1' => "lj",
        'b' => "68h",
        _ => "",
    }
}
