//! What gatherers of both kinds of ledger share: a terminal in words, the height of the answers, and the tags that a
//! report shows.

use coinhound_model::{AsOf, Terminal};

use super::Question;
use super::tag_book::TagBook;
use crate::ethereum;
use crate::report::document::AsOfLine;
use crate::text::Said;

/// Puts terminals into words and numbers the tags that are shown.
pub(super) struct Clerk<'a> {
    question: &'a Question<'a>,
    pub(super) tags: TagBook<'a>,
}

impl<'a> Clerk<'a> {
    pub(super) fn new(question: &'a Question<'a>) -> Self {
        Self { question, tags: TagBook::new(question.tags) }
    }

    /// A terminal in words, a service by its label.
    pub(super) fn kind(&self, terminal: Terminal) -> Said {
        let Terminal::AtService(number) = terminal else { return terminal.name().into() };
        let service = self.question.parameters.service(number);
        Said(service.map_or_else(|| terminal.name().to_owned(), |service| format!("at service: {}", service.told())))
    }

    /// The point of the ledger that answers refer to, and the time of its last block.
    pub(super) fn as_of(&self, as_of: &AsOf, time: u32) -> AsOfLine {
        AsOfLine {
            chain: as_of.chain.0.clone(),
            network: self.question.network.to_owned(),
            first: as_of.first.0,
            height: as_of.height.0,
            block: ethereum::hash(&as_of.chain, &as_of.block),
            time,
        }
    }

    /// Lists the tags that a stop by cluster rests on, although they stand on another address than the end's.
    pub(super) fn cite_cluster(&mut self, terminal: Terminal) {
        let Terminal::AtService(number) = terminal else { return };
        if let Some(address) = self.question.parameters.service(number).and_then(|service| service.cluster_of) {
            self.tags.on(address);
        }
    }
}
