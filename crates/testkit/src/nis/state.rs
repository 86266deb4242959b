//! What a scripted NIS1 node has in its head: its chain, the lie it tells, and what it was asked.

use std::collections::BTreeMap;

use coinhound_chains::nem::Block;
use serde_json::{Value, json};

use crate::loopback::wire::{Incoming, Outgoing};
use crate::loopback::{Answers, Garble};
use crate::nis::json::{explorer, public};
use crate::nis::lie::{NisLie, NisScript};
use crate::nis::made::fork;
use crate::nis::twist::{twist, twist_local};

/// How many blocks a page for local callers has.
const PAGE: usize = 10;
/// How deep a lie nests.
const DEPTH: usize = 100_000;

const NOT_FOUND: &str = "404 Not Found";

#[derive(Debug)]
pub(crate) struct State {
    /// Ascending without a hole; the first has any height.
    pub(crate) chain: Vec<Block>,
    /// Whether it answers local calls.
    pub(crate) local: bool,
    pub(crate) garble: Option<Garble>,
    pub(crate) questions: BTreeMap<String, u64>,
    script: Option<NisScript>,
    /// Questions in which the lie could have been told.
    fitting: u64,
}

/// A status with a body.
type Answer = (&'static str, String);

impl State {
    pub(crate) fn new(chain: Vec<Block>) -> Self {
        assert!(!chain.is_empty(), "a node has one block at least");
        Self { chain, local: true, garble: None, questions: BTreeMap::new(), script: None, fitting: 0 }
    }

    pub(crate) fn tell(&mut self, script: Option<NisScript>) {
        self.script = script;
        self.fitting = 0;
    }

    fn tip(&self) -> &Block {
        self.chain.last().expect("a node has one block at least")
    }

    fn block(&self, height: u64) -> Option<&Block> {
        let nth = height.checked_sub(self.chain[0].height)?;
        self.chain.get(usize::try_from(nth).ok()?)
    }

    /// Keeps its chain up to and with a height and puts these on top.
    pub(crate) fn reorg_to(&mut self, height: u64, blocks: Vec<Block>) {
        self.chain.retain(|block| block.height <= height);
        self.chain.extend(blocks);
    }

    /// The lie for this question, if it is one for a lie.
    fn lie_for(&mut self, target: &str, height: Option<u64>) -> Option<NisLie> {
        let script = self.script?;
        let fits = match script.lie {
            NisLie::OtherNetwork | NisLie::NoNetwork => target == "/node/info",
            lie if lie.is_of_a_page() => target == "/local/chain/blocks-after",
            lie if lie.is_of_blocks() => height.is_some(),
            lie if lie < NisLie::TooManyRequests => target == "/chain/height",
            _ => true,
        };
        if !fits {
            return None;
        }
        let nth = self.fitting;
        self.fitting += 1;
        script.is_due(nth).then_some(script.lie)
    }

    fn say(&mut self, lie: Option<NisLie>, target: &str, height: Option<u64>) -> Answer {
        match (target, height) {
            ("/node/info", _) => ("200 OK", self.info(lie).to_string()),
            ("/chain/height", _) => ("200 OK", self.height(lie)),
            ("/chain/last-block", _) => ("200 OK", self.one(lie, self.tip().height).1),
            ("/block/at/public", Some(height)) => {
                self.fork_for(lie);
                self.one(lie, height)
            }
            ("/local/chain/blocks-after", Some(height)) if self.local => {
                self.fork_for(lie);
                self.page(lie, height)
            }
            ("/local/block/at", Some(height)) if self.local => self.local_one(lie, height),
            ("/local/chain/blocks-after" | "/local/block/at", _) => {
                ("401 Unauthorized", error(401, "remote 192.0.2.1 attempted to call local method"))
            }
            _ => (NOT_FOUND, error(404, "no such call")),
        }
    }

    /// Turns the last three blocks into three others.
    fn fork_for(&mut self, lie: Option<NisLie>) {
        if lie == Some(NisLie::ForkAtEveryQuestion) && self.chain.len() > 4 {
            self.chain = fork(&self.chain, self.chain.len() - 3, 3, self.fitting);
        }
    }

    fn info(&self, lie: Option<NisLie>) -> Value {
        let number = |byte: u8| i8::from_le_bytes([byte]);
        let network = match lie {
            Some(NisLie::OtherNetwork) => json!(number(0x98)),
            Some(NisLie::NoNetwork) => Value::Null,
            _ => json!(number(self.chain[0].network.byte())),
        };
        json!({
            "metaData": { "features": 1, "networkId": network, "application": null, "version": "0.6.102", "platform": "" },
            "endpoint": { "protocol": "http", "port": 7_890, "host": "127.0.0.1" },
            "identity": { "name": "made up", "public-key": self.tip().harvester.to_string() },
        })
    }

    fn height(&self, lie: Option<NisLie>) -> String {
        let tip = self.tip().height;
        let told = match lie {
            Some(NisLie::TipNotThere) => json!(tip + 5),
            Some(NisLie::HugeHeight) => json!(u64::MAX),
            Some(NisLie::ZeroHeight) => json!(0),
            Some(NisLie::NegativeHeight) => json!(-1),
            Some(NisLie::FallingHeight) => json!(tip.saturating_sub(self.fitting).max(1)),
            _ => json!(tip),
        };
        json!({ "height": told }).to_string()
    }

    /// The lie, where it is one about a block of this height.
    fn about(&self, lie: Option<NisLie>, height: u64) -> Option<NisLie> {
        lie.filter(|lie| lie.is_of_blocks() && self.script.is_none_or(|script| height >= script.from_height))
    }

    fn one(&self, lie: Option<NisLie>, height: u64) -> Answer {
        let Some(block) = self.block(height) else { return (NOT_FOUND, error(404, "block not found in the db")) };
        let told = match self.about(lie, height) {
            Some(NisLie::DeepAnswer) => return ("200 OK", "[".repeat(DEPTH)),
            Some(lie) => twist(lie, block, self.block(height - 1)),
            None => public(block),
        };
        ("200 OK", as_text(lie, &told))
    }

    fn local_one(&self, lie: Option<NisLie>, height: u64) -> Answer {
        match self.block(height) {
            Some(block) => ("200 OK", as_text(lie, &self.local_form(lie, block))),
            None => (NOT_FOUND, error(404, "block not found in the db")),
        }
    }

    fn local_form(&self, lie: Option<NisLie>, block: &Block) -> Value {
        match self.about(lie, block.height) {
            Some(lie) => {
                let twisted = twist(lie, block, self.block(block.height - 1));
                twist_local(lie, explorer(block), &twisted)
            }
            None => explorer(block),
        }
    }

    fn page(&self, lie: Option<NisLie>, after: u64) -> Answer {
        let most = if lie == Some(NisLie::LongPage) { usize::MAX } else { PAGE };
        let first = if lie == Some(NisLie::PageFromBelow) { after } else { after + 1 };
        let blocks = self.chain.iter().filter(|block| block.height >= first).take(most);
        let mut page: Vec<Value> = blocks.map(|block| self.local_form(lie, block)).collect();
        match lie {
            Some(NisLie::DeepAnswer) => return ("200 OK", "[".repeat(DEPTH)),
            Some(NisLie::LongPage) => {
                let last = page.last().cloned();
                page.extend(std::iter::repeat_n(last, PAGE).flatten());
            }
            Some(NisLie::PageWithHole) if page.len() > 1 => drop(page.remove(1)),
            Some(NisLie::PageRepeats) if page.len() > 1 => page[1] = page[0].clone(),
            Some(NisLie::EmptyPage) => page.clear(),
            _ => {}
        }
        ("200 OK", as_text(lie, &json!({ "data": page })))
    }
}

impl Answers for State {
    fn answer(&mut self, incoming: &Incoming) -> Outgoing {
        *self.questions.entry(incoming.target.clone()).or_default() += 1;
        let asked = serde_json::from_slice::<Value>(&incoming.body).ok();
        let height = asked.and_then(|asked| asked["height"].as_u64());
        let lie = self.lie_for(&incoming.target, height);
        let (status, text) = self.say(lie, &incoming.target, height);
        match lie {
            Some(NisLie::TooManyRequests) => Outgoing::Json("429 Too Many Requests", b"slow down".to_vec()),
            Some(NisLie::ComeBackInAYear) => {
                Outgoing::Json("429 Too Many Requests\r\nRetry-After: 31536000", b"next year".to_vec())
            }
            Some(NisLie::NotText) => Outgoing::Json("200 OK", [&b"{\"height\":\""[..], &[0xff; 9], b"\"}"].concat()),
            Some(lie) if lie.on_the_wire().is_some() => {
                Outgoing::Lie(lie.on_the_wire().expect("tested right here"), text)
            }
            _ => Outgoing::Json(status, Garble::apply(self.garble.as_mut(), text)),
        }
    }
}

/// JSON as text: a number that no type here holds, and a key that stands twice, are put in as text.
fn as_text(lie: Option<NisLie>, told: &Value) -> String {
    let text = told.to_string();
    match lie {
        Some(NisLie::HugeAmount) => text.replace("1.8446744073709552e19", "18446744073709551616"),
        Some(NisLie::TwoAmounts) => text.replace(r#""amount":"#, r#""amount":1,"amount":"#),
        _ => text,
    }
}

/// How a node says that it cannot.
fn error(status: u16, message: &str) -> String {
    let name = if status == 401 { "Unauthorized" } else { "Not Found" };
    json!({ "timeStamp": 9_111_526, "error": name, "message": message, "status": status }).to_string()
}
