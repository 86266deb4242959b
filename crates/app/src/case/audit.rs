//! The audit log: who changed what, when; append-only and chained by hashes.
//!
//! The chain shows a changed, inserted or missing line. That the end was cut off it cannot show: for
//! that, keep the last hash elsewhere.

use rusqlite::Transaction;
use serde_json::Value;

use super::file::{Case, CaseError};
use crate::out::json;

/// Who makes a change and when: given by the caller, never read from a clock here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// RFC 3339, UTC.
    pub at: String,
    /// The user's name on this machine.
    pub who: String,
}

/// One line of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// From one, without gaps.
    pub seq: i64,
    /// Who and when.
    pub stamp: Stamp,
    /// What was done.
    pub action: String,
    /// To what, as JSON.
    pub detail: String,
    /// Hash of the line before; empty for the first.
    pub prev: String,
    /// Hash of this line.
    pub hash: String,
}

impl AuditEntry {
    /// The hash that the line should have.
    fn expected_hash(&self) -> String {
        let claim = serde_json::json!([self.seq, self.stamp.at, self.stamp.who, self.action, self.detail, self.prev]);
        let mut hasher = blake3::Hasher::new_derive_key("coinhound 2026 case audit v1");
        hasher.update(json::canonical(&claim).as_bytes());
        hasher.finalize().to_hex().to_string()
    }
}

pub(super) fn next_seq(tx: &Transaction<'_>) -> rusqlite::Result<i64> {
    let exists: bool =
        tx.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'audit')", [], |row| row.get(0))?;
    if !exists {
        return Ok(1);
    }
    tx.query_row("SELECT coalesce(max(seq), 0) + 1 FROM audit", [], |row| row.get(0))
}

pub(super) fn append(
    tx: &Transaction<'_>,
    seq: i64,
    stamp: &Stamp,
    action: &str,
    detail: &Value,
) -> rusqlite::Result<()> {
    let prev = match seq {
        1 => String::new(),
        _ => tx.query_row("SELECT hash FROM audit WHERE seq = ?1", [seq - 1], |row| row.get(0))?,
    };
    let detail = json::canonical(detail);
    let mut entry =
        AuditEntry { seq, stamp: stamp.clone(), action: action.to_owned(), detail, prev, hash: String::new() };
    entry.hash = entry.expected_hash();
    tx.execute(
        "INSERT INTO audit (seq, at, who, action, detail, prev, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (seq, &stamp.at, &stamp.who, action, &entry.detail, &entry.prev, &entry.hash),
    )?;
    Ok(())
}

impl Case {
    /// The whole log, oldest first, its chain checked.
    ///
    /// # Errors
    /// [`CaseError::Damaged`] names the first line that does not fit the chain.
    pub fn audit(&self) -> Result<Vec<AuditEntry>, CaseError> {
        let entries = self.ask(|db| {
            let mut rows = db.prepare("SELECT seq, at, who, action, detail, prev, hash FROM audit ORDER BY seq")?;
            rows.query_map([], |row| {
                Ok(AuditEntry {
                    seq: row.get(0)?,
                    stamp: Stamp { at: row.get(1)?, who: row.get(2)? },
                    action: row.get(3)?,
                    detail: row.get(4)?,
                    prev: row.get(5)?,
                    hash: row.get(6)?,
                })
            })?
            .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        self.check_chain(&entries)?;
        Ok(entries)
    }

    fn check_chain(&self, entries: &[AuditEntry]) -> Result<(), CaseError> {
        let mut prev = "";
        for (entry, seq) in entries.iter().zip(1..) {
            if entry.seq != seq || entry.prev != prev || entry.hash != entry.expected_hash() {
                let what = format!("line {seq} of the audit log was changed or is missing");
                return Err(CaseError::Damaged { path: self.path().to_owned(), what });
            }
            prev = &entry.hash;
        }
        Ok(())
    }
}
