//! How accounts become what they are: names, mosaics, shared accounts, a remote account that harvests.

use coinhound_chains::nem::tx::{Levy, LevyKind, LinkMode, SupplyDirection};

use crate::nem::body::{self, Issued, mosaic_id};
use crate::nem::coincheck::Stage;
use crate::nem::coincheck::cast::keys_after;
use crate::nem::coincheck::tagging::{FIRST_MARK, MARK, RELEASE};
use crate::nem::coincheck::town::{Id, NETWORK, Town};
use crate::nem::coincheck::truth::Purpose;
use crate::nem::fees::Issue;

/// A shop's points, two decimal places: each transfer costs one per cent of them.
pub(crate) const MILES: &str = "halyard:mile";
/// Another shop's tokens: each transfer costs a tenth of a XEM.
pub(crate) const TOKENS: &str = "tamarind.club:token";

impl Stage {
    /// Everything that stands before the theft.
    pub(crate) fn prepare(&mut self) {
        self.lend_importance();
        share(&mut self.town, self.cast.company, keys_after(self.cast.company).collect());
        self.prepare_points();
    }

    fn lend_importance(&mut self) {
        let remote = self.town.accounts[self.cast.remote].key.public();
        self.town.ask(self.cast.lessor, None, body::remote_link(LinkMode::Link, remote), Purpose::Setup);
        self.linked_at = Some(self.town.writer.next_height());
    }

    /// The lessor harvests for himself again.
    pub(crate) fn unlink(&mut self) {
        let remote = self.town.accounts[self.cast.remote].key.public();
        self.town.ask(self.cast.lessor, None, body::remote_link(LinkMode::Unlink, remote), Purpose::Setup);
        self.linked_at = None;
    }

    /// The volunteer makes his mark.
    pub(crate) fn make_first_mark(&mut self) {
        let volunteer = self.cast.volunteer;
        rent(&mut self.town, volunteer, FIRST_MARK);
        issue(&mut self.town, volunteer, mark(FIRST_MARK, false));
    }

    /// The tag desk makes its mark, and what takes it back.
    pub(crate) fn make_marks(&mut self) {
        let desk = self.cast.tag_desk;
        rent(&mut self.town, desk, MARK);
        issue(&mut self.town, desk, mark(RELEASE, true));
        let recipient = self.town.address(desk);
        let levy = Levy { kind: LevyKind::Absolute, recipient, id: mosaic_id(RELEASE), fee: 1 };
        issue(&mut self.town, desk, Issued { levy: Some(levy), ..mark(MARK, true) });
    }

    fn prepare_points(&mut self) {
        let [books, travel] = [self.cast.merchants[1], self.cast.merchants[2]];
        let points = |town: &Town, shop: Id, text: &str, kind, levied: &str, fee| Issued {
            id: mosaic_id(text),
            description: "points of a shop".to_owned(),
            divisibility: 2,
            supply: 500_000,
            mutable: true,
            transferable: true,
            levy: Some(Levy { kind, recipient: town.address(shop), id: mosaic_id(levied), fee }),
        };
        rent(&mut self.town, travel, MILES);
        let miles = points(&self.town, travel, MILES, LevyKind::Percentile, MILES, 100);
        issue(&mut self.town, travel, miles);
        rent(&mut self.town, books, TOKENS);
        let tokens = points(&self.town, books, TOKENS, LevyKind::Absolute, "nem:xem", 100_000);
        issue(&mut self.town, books, tokens);
        let more = body::supply_change(mosaic_id(MILES), SupplyDirection::Increase, 250_000);
        self.town.ask(travel, None, more, Purpose::Setup);
        let fewer = body::supply_change(mosaic_id(TOKENS), SupplyDirection::Decrease, 100_000);
        self.town.ask(books, None, fewer, Purpose::Setup);
    }
}

fn mark(text: &str, transferable: bool) -> Issued {
    Issued {
        id: mosaic_id(text),
        description: "marks accounts that received stolen XEM; says nothing of amounts".to_owned(),
        divisibility: 0,
        supply: 9_000,
        mutable: false,
        transferable,
        levy: None,
    }
}

/// Makes an account one that two of three keys sign for.
pub(crate) fn share(town: &mut Town, account: Id, keys: Vec<Id>) {
    let added: Vec<_> = keys.iter().map(|id| town.accounts[*id].key.public()).collect();
    let body = body::modification(NETWORK, &added, &[], Some(2));
    town.ask(account, None, body, Purpose::Setup).expect("it holds enough for the fee");
    town.accounts[account].signers = keys[..2].to_vec();
}

/// Rents the namespace of a mosaic, root first.
fn rent(town: &mut Town, account: Id, mosaic: &str) {
    let mut parent: Option<String> = None;
    for part in mosaic_id(mosaic).namespace.split('.') {
        let body = body::namespace(NETWORK, part, parent.as_deref());
        town.ask(account, None, body, Purpose::Setup).expect("it began with enough for a name");
        parent = Some(parent.map_or_else(|| part.to_owned(), |above| format!("{above}.{part}")));
    }
}

fn issue(town: &mut Town, account: Id, issued: Issued) {
    let creator = town.accounts[account].key.public();
    let known = Issue { supply: issued.supply, divisibility: issued.divisibility };
    town.ask(account, None, body::definition(NETWORK, creator, &issued), Purpose::Setup).expect("it began with enough");
    town.writer.issue(issued.id, known);
}
