//! Who is who, and what they begin with. All names are made.

use std::ops::Range;

use crate::nem::coincheck::Size;
use crate::nem::coincheck::plan::XEM;
use crate::nem::coincheck::town::{Id, Town, number};
use crate::nem::coincheck::truth::{Customer, Purpose, Role, Use};
use crate::rng::Quantiles;

/// All XEM there is, in millionths.
pub(crate) const SUPPLY: u64 = 8_999_999_999 * XEM;

/// What buyers begin with, in XEM. Many who bought were traders already: their own XEM and the loot lie in one account.
const BUYER_SAVINGS: Quantiles = Quantiles(&[(0, 20_000), (400, 400_000), (800, 5_000_000), (1000, 15_000_000)]);

/// An exchange, or whoever else takes deposits at one account and tells customers apart by messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) owner: u32,
    pub(crate) deposit: Id,
    pub(crate) hot: Id,
    /// Whether it reads encrypted messages too.
    pub(crate) reads_encrypted: bool,
}

/// Somebody with an account and customer numbers.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) main: Id,
    /// Some have a second account.
    pub(crate) second: Option<Id>,
    /// Customers that they pay in for, by number.
    pub(crate) customers: Vec<usize>,
}

/// Who is who, by account.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    pub(crate) origin: Id,
    pub(crate) harvesters: Vec<Id>,
    pub(crate) lessor: Id,
    pub(crate) remote: Id,
    /// The robbed exchange: one account of one key for everything.
    pub(crate) victim: Service,
    pub(crate) exchanges: [Service; 3],
    pub(crate) swap: Service,
    /// Who marks first, by hand.
    pub(crate) volunteer: Id,
    /// Who marks by program.
    pub(crate) tag_desk: Id,
    pub(crate) company: Id,
    pub(crate) merchants: Vec<Id>,
    pub(crate) people: Vec<Person>,
    pub(crate) buyers: Vec<Person>,
    /// The account that received the theft.
    pub(crate) thief: Id,
    /// The nine, then those opened later.
    pub(crate) stashes: Vec<Id>,
    /// Who gets rents, and fees for making mosaics; by party, since their keys are nobody's here.
    pub(crate) sinks: [u32; 2],
    /// The account that three keys sign for, and its keys.
    pub(crate) vault: Id,
    pub(crate) vault_keys: [Id; 3],
    pub(crate) customers: Vec<Customer>,
    /// The customer under whose false name the thief pays in.
    pub(crate) false_name: usize,
}

impl Cast {
    /// Fills an empty town and writes its first block.
    pub(crate) fn new(town: &mut Town, size: Size) -> Self {
        let origin = single(town, "origin", Role::Origin);
        let harvesters = (1..=3).map(|nth| single(town, &format!("harvester {nth}"), Role::Harvester)).collect();
        let lessor = single(town, "lessor", Role::Harvester);
        let remote = town.open(town.accounts[lessor].owner, Use::Remote);
        let exchanges = [
            service(town, "Northgate Exchange", Role::Exchange, false),
            service(town, "Kitazawa Exchange", Role::Exchange, true),
            service(town, "Osprey Markets", Role::Exchange, false),
        ];
        let victim = town.join("Minato Exchange", Role::Victim);
        let hot = town.open(victim, Use::Hot);
        let victim = Service { owner: victim, deposit: hot, hot, reads_encrypted: false };
        let thief_owner = town.join("thief", Role::Thief);
        let thief = town.open(thief_owner, Use::Main);
        let stashes: Vec<_> = (0..9).map(|_| town.open(thief_owner, Use::Stash)).collect();
        let vault = town.open(thief_owner, Use::Multisig);
        // One of the nine signs for the shared account: what ties the two together on the chain.
        let vault_keys =
            [town.open(thief_owner, Use::Cosignatory), stashes[3], town.open(thief_owner, Use::Cosignatory)];
        let mut cast = Self {
            origin,
            harvesters,
            lessor,
            remote,
            victim,
            exchanges,
            swap: service(town, "Ferrylight Swap", Role::Swap, false),
            volunteer: single(town, "a volunteer", Role::Tagger),
            tag_desk: single(town, "Larch Foundation tag desk", Role::Tagger),
            company: company(town),
            merchants: shops(town),
            people: crowd(town, "person", Role::Person, size.people()),
            buyers: crowd(town, "buyer", Role::Buyer, size.buyers()),
            thief,
            stashes,
            sinks: ["namespace sink", "mosaic sink"].map(|name| town.join(name, Role::Sink)),
            vault,
            vault_keys,
            customers: vec![],
            false_name: 0,
        };
        cast.register(town);
        cast.first_block(town);
        cast
    }

    /// The services that people pay in at, but for the one that is robbed.
    pub(crate) fn service_of(&self, customer: usize) -> Service {
        let owner = self.customers[customer].service;
        let all = self.exchanges.iter().chain([&self.victim, &self.swap]);
        *all.into_iter().find(|service| service.owner == owner).expect("customers are of these")
    }

    fn register(&mut self, town: &mut Town) {
        for nth in 0..self.people.len() {
            let owner = town.accounts[self.people[nth].main].owner;
            let service = *town.rng.pick(&self.exchanges);
            let customers = vec![self.customer(town, service, owner), self.customer(town, self.victim, owner)];
            self.people[nth].customers = customers;
        }
        for nth in 0..self.buyers.len() {
            let owner = town.accounts[self.buyers[nth].main].owner;
            let service = *town.rng.pick(&self.exchanges);
            self.buyers[nth].customers = vec![self.customer(town, service, owner)];
        }
        self.share_customers(town);
        self.false_name = self.customer(town, self.exchanges[2], town.accounts[self.thief].owner);
    }

    /// One customer is used by three buyers; another buyer uses two.
    fn share_customers(&mut self, town: &mut Town) {
        let shared = self.buyers[1].customers[0];
        self.buyers[4].customers = vec![shared];
        self.buyers[7].customers.push(shared);
        let owner = town.accounts[self.buyers[2].main].owner;
        let elsewhere = *town.rng.pick(&self.exchanges);
        let second = self.customer(town, elsewhere, owner);
        self.buyers[2].customers.push(second);
    }

    fn customer(&mut self, town: &mut Town, service: Service, holder: u32) -> usize {
        let digits = town.rng.next_u64();
        let id = match service.owner {
            owner if owner == self.exchanges[0].owner => format!("NG{:08}", digits % 100_000_000),
            owner if owner == self.exchanges[1].owner => format!("{digits:016x}"),
            owner if owner == self.victim.owner => format!("m{:010x}", digits >> 24),
            _ => format!("{:09}", digits % 1_000_000_000),
        };
        self.customers.push(Customer { service: service.owner, id, holder });
        self.customers.len() - 1
    }

    /// A new customer number at the swap service: it gives one to every order.
    pub(crate) fn order(&mut self, town: &mut Town, holder: u32) -> usize {
        let id = format!("FL-{:08x}", town.rng.next_u64() >> 32);
        self.customers.push(Customer { service: self.swap.owner, id, holder });
        self.customers.len() - 1
    }

    /// Everything there is goes from the origin to those who begin with something.
    fn first_block(&self, town: &mut Town) {
        let origin = town.address(self.origin);
        town.ledger.endow(origin, SUPPLY);
        let mut shares: Vec<(Id, u64)> = vec![(self.victim.hot, 530_000_000 * XEM)];
        shares.extend(self.exchanges.iter().map(|service| (service.hot, 600_000_000 * XEM)));
        shares.extend([(self.swap.hot, 40_000_000 * XEM), (self.company, 25_000_000 * XEM)]);
        shares.extend([(self.volunteer, 9_000 * XEM), (self.tag_desk, 90_000 * XEM)]);
        shares.extend(self.harvesters.iter().map(|id| (*id, 400_000_000 * XEM)));
        shares.push((self.lessor, 300_000_000 * XEM));
        shares.extend(self.merchants.iter().map(|id| (*id, 300_000 * XEM)));
        for person in &self.people {
            shares.push((person.main, town.rng.range(2_000, 400_000) * XEM));
        }
        for buyer in &self.buyers {
            shares.push((buyer.main, town.rng.draw(BUYER_SAVINGS) * XEM));
        }
        let given: u64 = shares.iter().map(|(_, units)| units).sum();
        shares.push((self.harvesters[0], SUPPLY - given));
        for (to, units) in shares {
            town.endow(self.origin, to, units);
        }
        let now = town.now;
        town.close_block(self.origin, now);
        assert_eq!(town.xem(self.origin), 0, "the origin gave everything away");
    }
}

impl Town {
    /// A transfer of the first block, which costs nothing.
    fn endow(&mut self, from: Id, to: Id, units: u64) {
        let body = crate::nem::body::transfer(self.address(to), units, None);
        let key = &self.accounts[from].key;
        let head = self.writer.head(key, self.now, 0);
        let signed = crate::nem::writer::sign(key, coinhound_chains::nem::Transaction { head, body });
        self.book(signed, from, Some(to), Purpose::Endowment).expect("the origin has all there is");
    }
}

fn single(town: &mut Town, name: &str, role: Role) -> Id {
    let owner = town.join(name, role);
    town.open(owner, Use::Main)
}

fn service(town: &mut Town, name: &str, role: Role, reads_encrypted: bool) -> Service {
    let owner = town.join(name, role);
    Service { owner, deposit: town.open(owner, Use::Deposit), hot: town.open(owner, Use::Hot), reads_encrypted }
}

fn company(town: &mut Town) -> Id {
    let owner = town.join("Copperfield Hosting", Role::Company);
    let shared = town.open(owner, Use::Multisig);
    for _ in 0..3 {
        town.open(owner, Use::Cosignatory);
    }
    shared
}

fn shops(town: &mut Town) -> Vec<Id> {
    let names = ["Larch Street Market", "Tamarind Books", "Halyard Travel", "Saltmarsh Tea"];
    names.iter().map(|name| single(town, name, Role::Merchant)).collect()
}

fn crowd(town: &mut Town, name: &str, role: Role, count: usize) -> Vec<Person> {
    let person = |nth: usize| {
        let owner = town.join(format!("{name} {}", nth + 1), role);
        let main = town.open(owner, Use::Main);
        let second = (nth % 4 == 3).then(|| town.open(owner, Use::Second));
        Person { main, second, customers: vec![] }
    };
    (0..count).map(person).collect()
}

/// The numbers of an account's cosignatories, where they were opened right after it.
pub(crate) fn keys_after(shared: Id) -> Range<Id> {
    shared + 1..shared + 4
}

/// The numbers of accounts, for the truth.
pub(crate) fn numbers(ids: &[Id]) -> Vec<u32> {
    ids.iter().map(|id| number(*id)).collect()
}
