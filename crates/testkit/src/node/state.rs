//! What a scripted node has in its head: chain, manner, the lie it tells, and what it was asked.

use std::collections::BTreeMap;

use coinhound_chains::bitcoin::Params;
use coinhound_model::BlockHash;

use crate::loopback::wire::{Incoming, Outgoing, WireLie};
use crate::loopback::{Answers, Garble};
use crate::node::chain::Chain;
use crate::node::envelope::envelope;
use crate::node::lie::{Lie, Script};
use crate::node::truth::{Asked, Manner, truth};
use crate::node::twist::twist;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) chain: Chain,
    pub(crate) manner: Manner,
    /// `NAME:PASSWORD`, where it asks for one.
    pub(crate) credentials: Option<String>,
    pub(crate) reversed: bool,
    pub(crate) garble: Option<Garble>,
    pub(crate) requests: u64,
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) largest_batch: usize,
    script: Option<Script>,
    /// Requests in which the lie could have been told.
    fitting: u32,
    /// The true chain, while a lie is told by another.
    true_chain: Option<Vec<BlockHash>>,
}

impl State {
    pub(crate) fn new(params: &'static Params, blocks: &[Vec<u8>]) -> Self {
        Self {
            chain: Chain::new(params, blocks),
            manner: Manner::default(),
            credentials: None,
            reversed: false,
            garble: None,
            requests: 0,
            calls: BTreeMap::new(),
            largest_batch: 0,
            script: None,
            fitting: 0,
            true_chain: None,
        }
    }

    pub(crate) fn set_chain(&mut self, blocks: &[Vec<u8>]) {
        self.true_chain = None;
        self.chain.set(blocks);
    }

    pub(crate) fn push(&mut self, block: &[u8]) {
        let tip = self.chain.tip();
        self.reorg_to(tip, &[block.to_vec()]);
    }

    pub(crate) fn reorg_to(&mut self, height: u32, blocks: &[Vec<u8>]) {
        self.restore();
        let kept = &self.chain.active()[..=height as usize];
        let kept = kept.iter().map(|&hash| self.chain.block(hash).expect("what is active is known").to_vec());
        let all: Vec<Vec<u8>> = kept.chain(blocks.iter().cloned()).collect();
        self.chain.set(&all);
    }

    pub(crate) fn forget_displaced(&mut self) {
        self.restore();
        self.chain.forget_aside();
    }

    pub(crate) fn tell(&mut self, script: Option<Script>) {
        self.restore();
        self.script = script;
        self.fitting = 0;
    }

    fn restore(&mut self) {
        if let Some(active) = self.true_chain.take() {
            self.chain.set_active(active);
        }
    }

    fn lets_in(&self, incoming: &Incoming) -> bool {
        let Some(credentials) = &self.credentials else { return true };
        let shown = incoming.authorization.as_deref().and_then(|shown| shown.strip_prefix("Basic "));
        shown == Some(base64(credentials.as_bytes()).as_str())
    }

    /// The lie for this request, if it is one for a lie.
    fn lie_for(&mut self, asked: &[Asked]) -> Option<Lie> {
        let script = self.script?;
        if script.method.is_some_and(|method| asked.iter().all(|call| call.method != method)) {
            return None;
        }
        let nth = u64::from(self.fitting);
        self.fitting += 1;
        script.is_due(nth).then_some(script.lie)
    }

    fn change_chain(&mut self, lie: Option<Lie>) {
        let Some(lie) = lie.filter(|lie| lie.is_of_the_chain()) else { return };
        match lie {
            Lie::ShrinkingChain => {
                let mut active = self.chain.active().to_vec();
                self.true_chain.get_or_insert_with(|| active.clone());
                active.truncate((active.len() - 1).max(1));
                self.chain.set_active(active);
            }
            Lie::ReorgOnEveryCall => {
                self.restore();
                self.true_chain = Some(self.chain.active().to_vec());
                self.chain.vary(lie, self.chain.tip(), self.fitting + 1);
            }
            lie if self.true_chain.is_none() => {
                self.true_chain = Some(self.chain.active().to_vec());
                let height = self.script.map_or(1, |script| script.from_height);
                self.chain.vary(lie, height, 0);
            }
            _ => {}
        }
    }

    fn outgoing(&mut self, lie: Option<Lie>, asked: &[Asked]) -> Outgoing {
        let from_height = self.script.map_or(0, |script| script.from_height);
        let mut outcomes = Vec::with_capacity(asked.len());
        for call in asked {
            let told = truth(&mut self.chain, &self.manner, call);
            let fits = call.height(&self.chain).is_none_or(|height| height >= from_height);
            outcomes.push(match lie.filter(|_| fits) {
                Some(Lie::WarmingUp) => Err((-28, "Loading block index…")),
                Some(lie) => twist(&mut self.chain, lie, call, told),
                None => told,
            });
        }
        let mut asked = asked.to_vec();
        if self.reversed {
            asked.reverse();
            outcomes.reverse();
        }
        let text = envelope(lie, &asked, outcomes);
        match lie.and_then(Lie::on_the_wire) {
            Some(lie) => Outgoing::Lie(lie, text),
            None => Outgoing::Json("200 OK", Garble::apply(self.garble.as_mut(), text)),
        }
    }
}

impl Answers for State {
    fn answer(&mut self, incoming: &Incoming) -> Outgoing {
        self.requests += 1;
        if !self.lets_in(incoming) {
            return Outgoing::Lie(WireLie::Unauthorised, String::new());
        }
        let Some(asked) = Asked::parse(&incoming.body).filter(|asked| !asked.is_empty()) else {
            return Outgoing::Json(
                "400 Bad Request",
                r#"{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}"#.into(),
            );
        };
        for call in &asked {
            *self.calls.entry(call.method.clone()).or_default() += 1;
        }
        self.largest_batch = self.largest_batch.max(asked.len());
        let lie = self.lie_for(&asked);
        self.change_chain(lie);
        self.outgoing(lie, &asked)
    }
}

/// Base 64 as HTTP wants it (RFC 4648); written out, so that the client's own is tested by another.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_u32, |number, &byte| number << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for nth in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * nth) & 63) as usize];
            text.push(if nth > group.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::made::name;

    #[test]
    fn base_64_is_that_of_rfc_4648() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_varied_chain_is_put_right_again() {
        let blocks = crate::node::made::chain(5);
        let params = coinhound_chains::bitcoin::Network::Regtest.params();
        let mut state = State::new(params, &blocks);
        let true_tip = name(&blocks[5]);
        for lie in Lie::ALL.iter().copied().filter(|lie| lie.is_of_the_chain()) {
            state.tell(Some(Script::from(lie).from_height(3)));
            state.change_chain(Some(lie));
            assert_ne!(state.chain.active().last(), Some(&true_tip), "{lie:?}");
            state.tell(None);
            assert_eq!(state.chain.active().last(), Some(&true_tip), "{lie:?}");
        }
    }
}
