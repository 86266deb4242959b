//! The traces a case has run: parameters, the block they hold at, and the findings they made.

use coinhound_model::{BlockHash, ChainId, Height};

use super::audit::Stamp;
use super::file::{Case, CaseError};
use super::seeds::parsed;

/// A trace that was run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// On which chain.
    pub chain: ChainId,
    /// The height its answers hold at.
    pub height: Height,
    /// The block at that height.
    pub block: BlockHash,
    /// Everything that shaped the result, as canonical JSON.
    pub parameters: String,
    /// What it found.
    pub findings: Vec<FindingLine>,
}

/// A finding by its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindingLine {
    /// 64 hexadecimal digits: the hash of the claim.
    pub id: String,
    /// The rule that made it.
    pub rule: String,
    /// The claim as canonical JSON.
    pub claim: String,
}

impl Case {
    /// Keeps a run and gives its number.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn record_run(&mut self, run: &Run, stamp: &Stamp) -> Result<i64, CaseError> {
        self.change(stamp, "trace", |tx, seq| {
            tx.execute(
                "INSERT INTO runs (chain, height, block, parameters, made) VALUES (?1, ?2, ?3, ?4, ?5)",
                (&run.chain.0, run.height.0, run.block.to_string(), &run.parameters, seq),
            )?;
            let id = tx.last_insert_rowid();
            let mut insert = tx.prepare("INSERT INTO findings (run, id, rule, claim) VALUES (?1, ?2, ?3, ?4)")?;
            for finding in &run.findings {
                insert.execute((id, &finding.id, &finding.rule, &finding.claim))?;
            }
            let detail = serde_json::json!({
                "run": id, "chain": run.chain.0, "height": run.height.0, "block": run.block.to_string(),
                "parameters_blake3": blake3::hash(run.parameters.as_bytes()).to_hex().to_string(),
                "findings": run.findings.len(),
            });
            Ok((id, detail))
        })
    }

    /// The runs with their numbers, oldest first.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn runs(&self) -> Result<Vec<(i64, Run)>, CaseError> {
        let mut runs = self.ask(|db| {
            let mut rows = db.prepare("SELECT id, chain, height, block, parameters FROM runs ORDER BY id")?;
            rows.query_map([], |row| {
                let run = Run {
                    chain: ChainId(row.get(1)?),
                    height: Height(row.get(2)?),
                    block: parsed(row, 3)?,
                    parameters: row.get(4)?,
                    findings: Vec::new(),
                };
                Ok((row.get(0)?, run))
            })?
            .collect::<rusqlite::Result<Vec<(i64, Run)>>>()
        })?;
        for (id, run) in &mut runs {
            run.findings = self.findings(*id)?;
        }
        Ok(runs)
    }

    fn findings(&self, run: i64) -> Result<Vec<FindingLine>, CaseError> {
        self.ask(|db| {
            let mut rows = db.prepare("SELECT id, rule, claim FROM findings WHERE run = ?1 ORDER BY rowid")?;
            rows.query_map([run], |row| Ok(FindingLine { id: row.get(0)?, rule: row.get(1)?, claim: row.get(2)? }))?
                .collect()
        })
    }
}
