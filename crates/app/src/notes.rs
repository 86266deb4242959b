//! What came with a transaction of an account ledger, ready to be shown: messages are quoted and never believed.

use coinhound_chains::evm::Address;
use coinhound_model::{Account, ContractFact, Note, NoteKind, Saying};
use serde_json::{Value, json};

use crate::report::document::NoteLine;
use crate::text::{self, Said};

/// Most characters of a message that a table or a page shows; JSON holds all of it.
const SHOWN_MAX: usize = 200;

/// A note as answers tell it. That a hash is not known is told by the transaction, not by a line.
#[must_use]
pub fn line(note: &Note) -> Option<NoteLine> {
    let text = match note.kind {
        NoteKind::NoHash => return None,
        NoteKind::Message => readable(&note.bytes),
        NoteKind::Encrypted => format!("{} bytes, readable by its parties alone", note.bytes.len()),
        NoteKind::Contract => contract(&note.bytes),
        _ => String::from_utf8_lossy(&note.bytes).into_owned(),
    };
    Some(NoteLine { kind: note.kind, text: Said(text) })
}

/// `0x.. runs the code of 0x.. (the contract says so)`; bytes that this version cannot read as they stand.
fn contract(bytes: &[u8]) -> String {
    let Ok(ContractFact { subject, says, source }) = ContractFact::decode(bytes) else { return readable(bytes) };
    let what = match &says {
        Saying::Threshold(threshold) => threshold.to_string(),
        other => other.account().map(account).unwrap_or_default(),
    };
    format!("{} {} {what} ({source})", account(&subject), says.name())
}

/// An account of Ethereum with the capitals that serve as a checksum, any other in hexadecimal.
fn account(account: &Account) -> String {
    match account.0.as_slice().try_into() {
        Ok(address) => Address(address).to_string(),
        Err(_) => format!("0x{}", hex(&account.0)),
    }
}

/// Bytes as the text they are, else in hexadecimal.
#[must_use]
pub fn readable(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("0x{}", hex(bytes)),
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a kind of note is called in JSON.
#[must_use]
pub fn name(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Message => "message",
        NoteKind::Encrypted => "encrypted message",
        NoteKind::Row => "row",
        NoteKind::Label => "label",
        NoteKind::Time => "time as supplied",
        NoteKind::NoHash => "no hash",
        NoteKind::Source => "source",
        NoteKind::Flag => "remark",
        NoteKind::Contract => "contract",
    }
}

impl NoteLine {
    /// `message "for customer 7"`, hidden characters shown, long ones cut.
    #[must_use]
    pub fn told(&self) -> String {
        let text = text::cut(&text::clean(&self.text.0), SHOWN_MAX);
        match self.kind {
            NoteKind::Message => format!("message \"{text}\""),
            NoteKind::Encrypted => format!("encrypted message, {text}"),
            NoteKind::Row => format!("row {text}"),
            NoteKind::Label => format!("labelled {text}"),
            NoteKind::Time => format!("time as supplied: {text}"),
            NoteKind::Source => format!("source: {text}"),
            NoteKind::NoHash | NoteKind::Flag | NoteKind::Contract => text,
        }
    }

    /// The same for programs, text exactly as written.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({ "kind": name(self.kind), "text": self.text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: NoteKind, bytes: &[u8]) -> String {
        line(&Note { kind, bytes: bytes.to_vec() }).map(|line| line.told()).unwrap_or_default()
    }

    #[test]
    fn a_message_is_quoted_shown_and_never_obeyed() {
        assert_eq!(told(NoteKind::Message, b"pay \x1b[31mnow"), "message \"pay \\u{1b}[31mnow\"");
        assert_eq!(told(NoteKind::Message, &[0xfe, 0x01]), "message \"0xfe01\"");
        assert_eq!(told(NoteKind::Encrypted, &[0; 64]), "encrypted message, 64 bytes, readable by its parties alone");
        assert!(told(NoteKind::Message, &[b'x'; 1_000]).contains("... +800 characters"));
        assert_eq!(told(NoteKind::NoHash, b""), "");
    }

    #[test]
    fn a_fact_about_a_contract_names_both_and_who_says_so() {
        let (subject, source) = (Account(vec![0x11; 20]), coinhound_model::FactSource::Log);
        let fact = |says| ContractFact { subject: subject.clone(), says, source }.encode();
        let one = "0x1111111111111111111111111111111111111111";
        let other = "0x2222222222222222222222222222222222222222";
        assert_eq!(
            told(NoteKind::Contract, &fact(Saying::RunsCodeOf(Account(vec![0x22; 20])))),
            format!("{one} runs the code of {other} (the contract says so)")
        );
        assert_eq!(
            told(NoteKind::Contract, &fact(Saying::Threshold(3))),
            format!("{one} needs so many owners: 3 (the contract says so)")
        );
        assert_eq!(told(NoteKind::Contract, &[0xff, 0xff]), "0xffff");
    }
}
