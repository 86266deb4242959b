//! Balances of Ethereum's block 0, which no block holds: a genesis file, or lines of account and wei.

use std::collections::BTreeMap;
use std::path::Path;

use coinhound_chains::evm::Address;
use coinhound_ingest::evm::Opening;
use ruint::aliases::U256;
use serde::Deserialize;

use crate::ethereum::parse_evm;
use crate::exit::{Attempt, Exit, Failure, OrFail, OrName, Outcome};

/// A longer file than this is no genesis: that of Ethereum has a megabyte.
const LENGTH_MAX: u64 = 256 << 20;

/// The part of a genesis file that says who owned what.
#[derive(Deserialize)]
struct Genesis {
    alloc: BTreeMap<String, Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    balance: String,
}

/// Reads balances from a file: JSON with `alloc`, as nodes have it, or lines of `account,wei`.
///
/// # Errors
/// Names the file, and the line or account that does not read or stands there twice.
pub fn read(path: &Path) -> Outcome<Vec<Opening>> {
    let length = std::fs::metadata(path).or_name(Exit::Input, Attempt::Read, path)?.len();
    if length > LENGTH_MAX {
        return Err(Failure::new(
            Exit::Input,
            format!("`{}` has {length} bytes and is no list of balances", path.display()),
        ));
    }
    let text = std::fs::read_to_string(path).or_name(Exit::Input, Attempt::Read, path)?;
    let named = |failure: Failure| Failure { message: format!("`{}`: {}", path.display(), failure.message), ..failure };
    let mut openings = if text.trim_start().starts_with('{') { genesis(&text) } else { lines(&text) }.map_err(named)?;
    openings.sort_by_key(|opening| opening.account);
    let twice = openings.windows(2).find(|pair| pair[0].account == pair[1].account);
    match twice {
        Some(pair) => Err(named(Failure::new(Exit::Input, format!("{} stands there twice", pair[0].account)))),
        None => Ok(openings),
    }
}

fn genesis(text: &str) -> Outcome<Vec<Opening>> {
    let genesis: Genesis = serde_json::from_str(text)
        .or_hint(Exit::Input, "a genesis file has `alloc`: accounts, each with its `balance`")?;
    let of = |(account, state): (&String, &Account)| {
        let wei = if state.balance.is_empty() { U256::ZERO } else { amount(&state.balance)? };
        Ok(Opening { account: address(account)?, wei })
    };
    genesis.alloc.iter().map(of).collect()
}

fn lines(text: &str) -> Outcome<Vec<Opening>> {
    let mut openings = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || (number == 1 && line.eq_ignore_ascii_case("account,wei")) {
            continue;
        }
        let at = |failure: Failure| Failure { message: format!("line {number}: {}", failure.message), ..failure };
        let (account, wei) = line.split_once(',').ok_or_else(|| {
            at(Failure::new(Exit::Input, "expected `account,wei`").hint("wei in digits, or in hexadecimal after 0x"))
        })?;
        openings.push(Opening { account: address(account.trim()).map_err(at)?, wei: amount(wei.trim()).map_err(at)? });
    }
    Ok(openings)
}

fn address(text: &str) -> Outcome<Address> {
    let with_mark = if text.starts_with("0x") { text.to_owned() } else { format!("0x{text}") };
    parse_evm(&with_mark).or_exit(Exit::Input)
}

fn amount(text: &str) -> Outcome<U256> {
    let (digits, base) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let units = U256::from_str_radix(digits, base).ok().filter(|_| plain);
    units.ok_or_else(|| Failure::new(Exit::Input, format!("`{text}` is no amount of wei")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    fn read_text(text: &str) -> Outcome<Vec<Opening>> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("openings");
        std::fs::write(&path, text).expect("writable");
        read(&path)
    }

    #[test]
    fn a_genesis_file_and_lines_say_the_same() {
        let lines = read_text(&format!("account,wei\n# one\n{ONE},0x10\n0x{:040x},7\n", 1)).expect("readable");
        let plain = ONE[2..].to_lowercase();
        let json =
            format!(r#"{{"config":{{}},"alloc":{{"{plain}":{{"balance":"16"}},"{:040x}":{{"balance":"0x7"}}}}}}"#, 1);
        assert_eq!(lines, read_text(&json).expect("readable"));
        assert_eq!((lines.len(), lines[0].wei), (2, U256::from(7)));
    }

    #[test]
    fn what_does_not_read_or_stands_twice_is_named() {
        for (text, said) in [
            (format!("{ONE},1\n{ONE},2\n"), "stands there twice"),
            (format!("{ONE};1\n"), "line 1"),
            (format!("{ONE},1.5\n"), "no amount of wei"),
            (format!("{ONE},0x\n"), "no amount of wei"),
            ("x,1\n".to_owned(), "line 1"),
            (format!("{},1\n", ONE.replace('B', "b")), "checksum"),
            ("{}".to_owned(), "alloc"),
        ] {
            let told = read_text(&text).expect_err(&text).to_string();
            assert!(told.contains(said), "{text}: {told}");
        }
    }
}
