//! What an input's bytes show about how it was signed, without running any script.

use coinhound_model::KeyHash;
use coinhound_model::print::InputPrint;

use crate::bitcoin::script::{Op, Ops, is_key};

const OP_CHECKMULTISIG: u8 = 0xae;
const OP_CHECKMULTISIGVERIFY: u8 = 0xaf;
/// First byte of a taproot annex (BIP 341).
const ANNEX: u8 = 0x50;
/// Below this, the first byte of a control block is no leaf version in use (BIP 341).
const LEAF_VERSION_MIN: u8 = 0xc0;

/// What was seen so far of one input.
#[derive(Default)]
struct Look {
    print: InputPrint,
    high_r: bool,
    ecdsa: bool,
}

/// The print of an input (its sequence not counted), and the key that a nested witness program names.
///
/// A key is reported only beside a witness of the form that unlocks it, since consensus then has
/// checked that the lock was this program's hash.
pub(crate) fn input_print(script_sig: &[u8], witness: &[&[u8]]) -> (InputPrint, Option<KeyHash>) {
    let mut look = Look::default();
    let mut nested = None;
    if !script_sig.is_empty() {
        look.print |= InputPrint::SCRIPT_SIG;
        nested = look.signature_script(script_sig, witness);
    }
    if !witness.is_empty() {
        look.print |= InputPrint::WITNESS;
        if !(script_sig.is_empty() && look.taproot(witness)) {
            look.items(witness);
        }
    }
    (look.finish(), nested)
}

impl Look {
    fn finish(mut self) -> InputPrint {
        self.print.set(InputPrint::LOW_R, self.ecdsa && !self.high_r);
        self.print
    }

    /// Looks at each push; the last may be a script. Returns the key of a nested program.
    fn signature_script(&mut self, script_sig: &[u8], witness: &[&[u8]]) -> Option<KeyHash> {
        if let Some(program) = nested_program(script_sig) {
            self.print |= InputPrint::NESTED;
            let unlocked = matches!(witness, [_, key] if is_key(key));
            return program.try_into().ok().filter(|_| unlocked).map(KeyHash);
        }
        let mut last: &[u8] = &[];
        for Op { data, .. } in Ops::new(script_sig) {
            last = data.unwrap_or_default();
            if self.item(last) {
                last = &[];
            }
        }
        self.revealed_script(last);
        None
    }

    /// Looks at the items of a version 0 witness; the last may be a script.
    fn items(&mut self, witness: &[&[u8]]) {
        let known_last = witness.iter().fold(true, |_, item| self.item(item));
        if !known_last {
            self.revealed_script(witness.last().copied().unwrap_or_default());
        }
    }

    /// Recognises a taproot spend: one signature alone, or a script with its control block.
    fn taproot(&mut self, witness: &[&[u8]]) -> bool {
        let without_annex = match witness {
            [rest @ .., last] if !rest.is_empty() && last.first() == Some(&ANNEX) => rest,
            _ => witness,
        };
        match without_annex {
            [signature] if matches!(signature.len(), 64 | 65) => {
                self.sighash(signature.get(64).copied().unwrap_or(0));
                true
            }
            [.., _, control] if is_control_block(control) => {
                self.print |= InputPrint::TAPSCRIPT;
                true
            }
            _ => false,
        }
    }

    /// Notes a signature or key; false when the item is neither.
    #[inline]
    fn item(&mut self, item: &[u8]) -> bool {
        if is_key(item) {
            self.key(item);
            return true;
        }
        let Some((r_len, sighash)) = ecdsa_signature(item) else { return false };
        self.ecdsa = true;
        self.high_r |= r_len > 32;
        self.sighash(sighash);
        true
    }

    fn key(&mut self, key: &[u8]) {
        let form = if key.len() == 33 { InputPrint::KEY_COMPRESSED } else { InputPrint::KEY_UNCOMPRESSED };
        self.print |= form;
    }

    fn sighash(&mut self, sighash: u8) {
        self.print |= InputPrint::SIGNED;
        // The low five bits choose, as in Core's SignatureHash: 2 is NONE, 3 is SINGLE, all else is ALL.
        match sighash & 0x1f {
            2 => self.print |= InputPrint::SIGHASH_NONE,
            3 => self.print |= InputPrint::SIGHASH_SINGLE,
            _ => {}
        }
        if sighash & 0x80 != 0 {
            self.print |= InputPrint::SIGHASH_ANYONE;
        }
    }

    /// Notes the keys of a revealed script, and whether it is a multisig.
    fn revealed_script(&mut self, script: &[u8]) {
        for op in Ops::new(script) {
            match op.data {
                Some(data) if is_key(data) => self.key(data),
                None if matches!(op.code, OP_CHECKMULTISIG | OP_CHECKMULTISIGVERIFY) => {
                    self.print |= InputPrint::MULTISIG
                }
                _ => {}
            }
        }
    }
}

/// The program, when a signature script is one push of a version 0 witness program.
fn nested_program(script_sig: &[u8]) -> Option<&[u8]> {
    match script_sig {
        [22, 0, 20, program @ ..] if program.len() == 20 => Some(program),
        [34, 0, 32, program @ ..] if program.len() == 32 => Some(program),
        _ => None,
    }
}

fn is_control_block(item: &[u8]) -> bool {
    item.len() % 32 == 1 && item.len() >= 33 && item[0] >= LEAF_VERSION_MIN
}

/// Length of r and the sighash byte of an ECDSA signature in DER with its sighash behind it.
#[inline]
fn ecdsa_signature(item: &[u8]) -> Option<(usize, u8)> {
    let [0x30, len, 2, r_len, rest @ .., sighash] = item else { return None };
    let r_len = usize::from(*r_len);
    let s = rest.get(r_len..)?;
    let [2, s_len, s @ ..] = s else { return None };
    let fits = usize::from(*len) + 3 == item.len() && usize::from(*s_len) == s.len() && r_len > 0 && !s.is_empty();
    fits.then_some((r_len, *sighash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(r_len: u8, sighash: u8) -> Vec<u8> {
        let mut bytes = vec![0x30, r_len + 32 + 4, 2, r_len];
        bytes.extend(vec![1; usize::from(r_len)]);
        bytes.extend([2, 32]);
        bytes.extend([1; 32]);
        bytes.push(sighash);
        bytes
    }

    fn key() -> Vec<u8> {
        [vec![2], vec![5; 32]].concat()
    }

    fn push(items: &[&[u8]]) -> Vec<u8> {
        items.iter().flat_map(|item| [&[u8::try_from(item.len()).expect("short")], *item].concat()).collect()
    }

    fn of_script(script_sig: &[u8]) -> InputPrint {
        input_print(script_sig, &[]).0
    }

    #[test]
    fn a_p2pkh_spend_shows_signature_and_key() {
        let expected = InputPrint::SCRIPT_SIG | InputPrint::SIGNED | InputPrint::KEY_COMPRESSED;
        assert_eq!(of_script(&push(&[&signature(33, 1), &key()])), expected);
        assert_eq!(of_script(&push(&[&signature(32, 1), &key()])), expected | InputPrint::LOW_R);
        let old = [vec![4], vec![5; 64]].concat();
        let print = of_script(&push(&[&signature(33, 0x83), &old]));
        let class = InputPrint::SIGHASH_SINGLE | InputPrint::SIGHASH_ANYONE;
        assert_eq!(print, InputPrint::SCRIPT_SIG | InputPrint::SIGNED | InputPrint::KEY_UNCOMPRESSED | class);
    }

    #[test]
    fn one_high_r_among_several_signatures_is_not_low_r() {
        let script = [&[0x51, 33][..], &key(), &[0x51, OP_CHECKMULTISIG]].concat();
        let spend = |r: u8| [vec![0], push(&[&signature(32, 1), &signature(r, 2), &script])].concat();
        let expected = InputPrint::SCRIPT_SIG
            | InputPrint::SIGNED
            | InputPrint::SIGHASH_NONE
            | InputPrint::MULTISIG
            | InputPrint::KEY_COMPRESSED;
        assert_eq!(of_script(&spend(33)), expected);
        assert_eq!(of_script(&spend(31)), expected | InputPrint::LOW_R);
    }

    #[test]
    fn a_nested_key_is_told_only_beside_its_witness() {
        let nested = [&[22, 0, 20][..], &[8; 20]].concat();
        let (sig, key) = (signature(32, 1), key());
        let (print, reveal) = input_print(&nested, &[&sig, &key]);
        assert_eq!(reveal, Some(KeyHash([8; 20])));
        assert!(print.contains(InputPrint::NESTED | InputPrint::WITNESS | InputPrint::SIGNED | InputPrint::LOW_R));
        assert_eq!(input_print(&nested, &[]).1, None);
        let script_hash = [&[34, 0, 32][..], &[8; 32]].concat();
        assert_eq!(input_print(&script_hash, &[&sig, &key]).1, None);
    }

    #[test]
    fn taproot_spends_are_told_from_version_0() {
        let both = |witness: &[&[u8]]| input_print(&[], witness).0 - InputPrint::WITNESS;
        assert_eq!(both(&[&[1; 64]]), InputPrint::SIGNED);
        assert_eq!(
            both(&[&[0x83; 65], &[ANNEX, 1]]),
            InputPrint::SIGNED | InputPrint::SIGHASH_SINGLE | InputPrint::SIGHASH_ANYONE
        );
        let control = [vec![0xc1], vec![9; 64]].concat();
        assert_eq!(both(&[&[1; 64], &[0xac], &control]), InputPrint::TAPSCRIPT);
        let (sig, key) = (signature(33, 1), key());
        assert_eq!(both(&[&sig, &key]), InputPrint::SIGNED | InputPrint::KEY_COMPRESSED);
    }

    #[test]
    fn arbitrary_bytes_are_no_signature() {
        for bytes in [&[][..], &[0x30], &[0x30, 6, 2, 1, 1, 2, 1, 1], &[0x30, 6, 2, 0, 2, 2, 1, 1, 1]] {
            assert_eq!(ecdsa_signature(bytes), None, "{bytes:02x?}");
        }
        assert_eq!(ecdsa_signature(&[0x30, 6, 2, 1, 9, 2, 1, 9, 1]), Some((1, 1)));
    }
}
