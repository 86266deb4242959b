//! What a scripted Ethereum node has in its head: its chain, the lie it tells, and what it was asked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::evm::Served;
use crate::evm::lie::{EvmLie, EvmScript};
use crate::evm::questions::{Asked, Known, Outcome, at};
use crate::evm::tell::{Seen, Telling};
use crate::loopback::wire::{Incoming, Outgoing};
use crate::loopback::{Answers, Garble};

#[derive(Debug)]
pub(crate) struct State {
    chain: Served,
    /// A branch beside it.
    pub(crate) aside: Served,
    /// Blocks of a chain with another number.
    pub(crate) foreign: Served,
    /// How many blocks below the newest the finalized and the safe one are.
    pub(crate) depths: (u64, u64),
    /// Methods that it says it does not know.
    pub(crate) hidden: Vec<&'static str>,
    pub(crate) garble: Option<Garble>,
    pub(crate) questions: BTreeMap<String, u64>,
    /// How often the lie was told.
    pub(crate) told: u64,
    script: Option<EvmScript>,
    /// Questions in which the lie could have been told.
    fitting: u64,
}

impl State {
    pub(crate) fn new(chain: Served) -> Self {
        assert!(!chain.is_empty(), "a node has one block at least");
        let (aside, foreign, hidden) = (Vec::new(), Vec::new(), Vec::new());
        let (questions, depths) = (BTreeMap::new(), (0, 0));
        Self { chain, aside, foreign, depths, hidden, garble: None, questions, told: 0, script: None, fitting: 0 }
    }

    pub(crate) fn set_chain(&mut self, chain: Served) {
        assert!(!chain.is_empty(), "a node has one block at least");
        self.chain = chain;
    }

    pub(crate) fn chain_id(&self) -> u64 {
        self.chain[0].chain
    }

    pub(crate) fn tell(&mut self, script: Option<EvmScript>) {
        (self.script, self.fitting, self.told) = (script, 0, 0);
    }

    /// The lie for this question, if it is one for a lie.
    fn lie_for(&mut self, asked: &Asked) -> Option<EvmLie> {
        let script = self.script?;
        let height = self.known().about(asked).map(|block| block.header.number);
        let is_asked = script.method.is_none_or(|method| method == asked.method);
        let is_there = !script.lie.is_of_the_tip() || asked.is_for_the_tip();
        // Who lies about blocks tells the truth about the newest, or the lie would always be about that one.
        let is_about = !script.lie.is_of_blocks()
            || !asked.is_for_the_tip() && height.is_none_or(|height| height >= script.from_height);
        if !is_asked || !is_there || !is_about {
            return None;
        }
        let nth = self.fitting;
        self.fitting += 1;
        script.is_due(nth).then_some(script.lie)
    }

    fn known(&self) -> Known<'_> {
        Known { chain: &self.chain, depths: self.depths }
    }

    fn truth(&self, asked: &Asked) -> Outcome {
        if self.hidden.iter().any(|hidden| *hidden == asked.method) {
            return Err((-32_601, "the method does not exist/is not available"));
        }
        self.known().answer(asked)
    }

    /// Exchanges its chain for the branch beside it, and back.
    fn change_chain(&mut self, lie: Option<EvmLie>) {
        if lie == Some(EvmLie::ForkAtEveryQuestion) && !self.aside.is_empty() {
            self.told += 1;
            std::mem::swap(&mut self.chain, &mut self.aside);
        }
    }

    fn say(&mut self, asked: &Asked, lie: Option<EvmLie>) -> Outgoing {
        let truth = self.truth(asked);
        let telling = lie.map(Telling::of);
        let said = match (telling, truth) {
            (Some(Telling::Result(_, twist)), Ok(mut result)) => {
                let (known, block) = (self.known(), self.known().about(asked).cloned());
                let height = block.as_ref().map_or(0, |block| block.header.number);
                let seen = Seen {
                    below: known.at(height.wrapping_sub(1)).map(|block| &**block),
                    aside: at(&self.aside, height).map(|block| &**block),
                    foreign: at(&self.foreign, height).map(|block| &**block),
                    block: block.as_deref(),
                    nth: self.fitting,
                };
                let is_twisted = twist(&mut result, &seen);
                self.told += u64::from(is_twisted);
                told(&asked.id, &Ok(result))
            }
            (Some(Telling::Text(_, change)), Ok(result)) => {
                let (text, changed) = (result.to_string(), change(&result.to_string()));
                self.told += u64::from(text != changed);
                format!(r#"{{"jsonrpc":"2.0","id":{},"result":{changed}}}"#, asked.id)
            }
            (Some(Telling::Envelope(envelope)), truth) => {
                self.told += 1;
                envelope(&asked.id, &truth.unwrap_or(Value::Null))
            }
            (Some(Telling::Wire(lie)), truth) => {
                self.told += 1;
                return Outgoing::Lie(lie, told(&asked.id, &truth));
            }
            (Some(Telling::Http(status, body)), _) => {
                self.told += 1;
                return Outgoing::Json(status, body.to_vec());
            }
            (_, truth) => told(&asked.id, &truth),
        };
        Outgoing::Json("200 OK", Garble::apply(self.garble.as_mut(), said))
    }
}

/// A whole answer.
fn told(id: &Value, outcome: &Outcome) -> String {
    match outcome {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err((code, message)) => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
        }
    }
    .to_string()
}

impl Answers for State {
    fn answer(&mut self, incoming: &Incoming) -> Outgoing {
        let Some(asked) = Asked::parse(&incoming.body) else {
            let error = json!({ "code": -32_600, "message": "one question at a time" });
            return Outgoing::Json("400 Bad Request", json!({ "id": null, "error": error }).to_string().into_bytes());
        };
        *self.questions.entry(asked.method.clone()).or_default() += 1;
        let lie = self.lie_for(&asked);
        self.change_chain(lie);
        self.say(&asked, lie)
    }
}
