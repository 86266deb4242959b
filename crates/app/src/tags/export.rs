//! Tags written as a tag pack that any GraphSense tool reads.

use serde::Serialize;

use super::pack::{Subject, Tag};

#[derive(Serialize)]
struct PackOut<'a> {
    title: &'a str,
    creator: &'a str,
    tags: Vec<TagOut<'a>>,
}

#[derive(Serialize)]
struct TagOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tx_hash: Option<&'a str>,
    label: &'a str,
    source: &'a str,
    currency: &'a str,
    network: &'a str,
    confidence: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lastmod: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    abuse: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    concepts: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    is_cluster_definer: bool,
}

/// The tags as a pack. Reading it back gives the same tags.
///
/// # Panics
/// Never: text and flags always have a YAML form.
#[must_use]
pub fn to_yaml(title: &str, creator: &str, tags: &[Tag]) -> String {
    let pack = PackOut { title, creator, tags: tags.iter().map(tag_out).collect() };
    let options = serde_saphyr::ser_options! { quote_all: true };
    serde_saphyr::to_string_with_options(&pack, options).expect("text and flags always have a YAML form")
}

fn tag_out(tag: &Tag) -> TagOut<'_> {
    let (address, tx_hash) = match &tag.subject {
        Subject::Address(text) => (Some(text.as_str()), None),
        Subject::Tx(text) => (None, Some(text.as_str())),
    };
    TagOut {
        address,
        tx_hash,
        label: &tag.label,
        source: &tag.source,
        currency: &tag.currency,
        network: &tag.network.name,
        confidence: tag.confidence.id,
        lastmod: tag.lastmod.as_deref(),
        category: tag.category.as_deref(),
        abuse: tag.abuse.as_deref(),
        concepts: &tag.concepts,
        actor: tag.actor.as_deref(),
        context: tag.context.as_deref(),
        is_cluster_definer: tag.is_cluster_definer,
    }
}
