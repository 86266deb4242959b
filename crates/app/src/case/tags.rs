//! The tags of a case: imported pack by pack, revocable pack by pack without residue.

use coinhound_model::ChainId;
use rusqlite::Row;

use super::audit::Stamp;
use super::file::{Case, CaseError};
use crate::tags::{Confidence, Pack, Subject, Tag, TagNetwork};

/// An imported pack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackLine {
    /// Number within the case.
    pub id: i64,
    /// What it calls itself.
    pub title: String,
    /// Who made it.
    pub creator: String,
    /// The file it came from, as given.
    pub file: String,
    /// BLAKE3 of the file's bytes.
    pub digest: String,
    /// How many tags of it the case holds.
    pub tags: u64,
}

/// A tag and the pack it came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredTag {
    /// Number of its pack.
    pub pack: i64,
    /// The tag.
    pub tag: Tag,
}

const COLUMNS: &str = "pack, line, kind, subject, network, chain, label, source, confidence, currency, lastmod, category, \
                       abuse, concepts, actor, context, is_cluster_definer";

impl Case {
    /// Imports a pack, all of it or nothing, and gives its number.
    ///
    /// # Errors
    /// [`CaseError::Refused`] when the same file was imported before.
    pub fn import_pack(&mut self, pack: &Pack, file: &str, digest: &str, stamp: &Stamp) -> Result<i64, CaseError> {
        if let Some(old) = self.packs()?.iter().find(|old| old.digest == digest) {
            return Err(CaseError::Refused {
                what: format!("this file is already imported, as pack {} (`{}`)", old.id, old.title),
            });
        }
        self.change(stamp, "import tags", |tx, seq| {
            tx.execute(
                "INSERT INTO packs (title, creator, file, digest, imported) VALUES (?1, ?2, ?3, ?4, ?5)",
                (&pack.title, &pack.creator, file, digest, seq),
            )?;
            let id = tx.last_insert_rowid();
            let places: Vec<String> = (1..=17).map(|at| format!("?{at}")).collect();
            let mut insert = tx.prepare(&format!("INSERT INTO tags ({COLUMNS}) VALUES ({})", places.join(", ")))?;
            pack.tags.iter().try_for_each(|tag| write(&mut insert, id, tag))?;
            let detail = serde_json::json!({
                "pack": id, "title": pack.title, "creator": pack.creator, "file": file, "blake3": digest,
                "tags": pack.tags.len(), "skipped": pack.skipped.len(),
            });
            Ok((id, detail))
        })
    }

    /// Takes a pack and all its tags out again; the log keeps that they were there.
    ///
    /// # Errors
    /// [`CaseError::Refused`] when there is no such pack.
    pub fn revoke_pack(&mut self, id: i64, stamp: &Stamp) -> Result<PackLine, CaseError> {
        let Some(pack) = self.packs()?.into_iter().find(|pack| pack.id == id) else {
            return Err(CaseError::Refused { what: format!("the case has no pack {id}") });
        };
        self.change(stamp, "revoke tags", |tx, _| {
            tx.execute("DELETE FROM packs WHERE id = ?1", [id])?;
            Ok(((), serde_json::json!({ "pack": id, "title": pack.title, "blake3": pack.digest, "tags": pack.tags })))
        })?;
        Ok(pack)
    }

    /// The imported packs in order of import.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn packs(&self) -> Result<Vec<PackLine>, CaseError> {
        self.ask(|db| {
            let mut rows = db.prepare(
                "SELECT id, title, creator, file, digest, (SELECT count(*) FROM tags WHERE pack = packs.id) FROM packs ORDER BY id",
            )?;
            rows.query_map([], |row| {
                let tags = u64::try_from(row.get::<_, i64>(5)?).unwrap_or_default();
                Ok(PackLine { id: row.get(0)?, title: row.get(1)?, creator: row.get(2)?, file: row.get(3)?, digest: row.get(4)?, tags })
            })?
            .collect()
        })
    }

    /// Every tag, by pack and line.
    ///
    /// # Errors
    /// [`CaseError::Sqlite`] when a row does not read back.
    pub fn tags(&self) -> Result<Vec<StoredTag>, CaseError> {
        self.ask(|db| {
            let mut rows = db.prepare(&format!("SELECT {COLUMNS} FROM tags ORDER BY pack, line, rowid"))?;
            rows.query_map([], read)?.collect()
        })
    }
}

fn write(insert: &mut rusqlite::Statement<'_>, pack: i64, tag: &Tag) -> rusqlite::Result<()> {
    let kind = match tag.subject {
        Subject::Address(_) => "address",
        Subject::Tx(_) => "tx",
    };
    insert.execute(rusqlite::params![
        pack,
        tag.line,
        kind,
        tag.subject.text(),
        tag.network.name,
        tag.network.chain.as_ref().map(|chain| &chain.0),
        tag.label,
        tag.source,
        tag.confidence.id,
        tag.currency,
        tag.lastmod,
        tag.category,
        tag.abuse,
        serde_json::Value::from(tag.concepts.clone()).to_string(),
        tag.actor,
        tag.context,
        tag.is_cluster_definer,
    ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredTag> {
    let subject: String = row.get(3)?;
    let subject = if row.get::<_, String>(2)? == "tx" { Subject::Tx(subject) } else { Subject::Address(subject) };
    let bad =
        |at, what: String| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, what.into());
    let confidence: String = row.get(8)?;
    let concepts: String = row.get(13)?;
    let tag = Tag {
        line: row.get(1)?,
        subject,
        network: TagNetwork { name: row.get(4)?, chain: row.get::<_, Option<String>>(5)?.map(ChainId) },
        label: row.get(6)?,
        source: row.get(7)?,
        confidence: Confidence::parse(&confidence)
            .ok_or_else(|| bad(8, format!("unknown confidence `{confidence}`")))?,
        currency: row.get(9)?,
        lastmod: row.get(10)?,
        category: row.get(11)?,
        abuse: row.get(12)?,
        concepts: serde_json::from_str(&concepts).map_err(|error| bad(13, error.to_string()))?,
        actor: row.get(14)?,
        context: row.get(15)?,
        is_cluster_definer: row.get(16)?,
    };
    Ok(StoredTag { pack: row.get(0)?, tag })
}
