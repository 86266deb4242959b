//! What an investigator may know of the town's services, as a GraphSense TagPack.

use std::fmt::Write;

use crate::theft::truth::{OwnedScript, Role, Truth};

/// The addresses of the town's services in TagPack YAML: exchanges and the broker with their deposit
/// addresses, shops with their main one. Nothing in it tells the thief from anybody else.
#[must_use]
pub fn tag_pack(truth: &Truth) -> String {
    let mut yaml = String::from(HEADER);
    for (number, owner) in (0..).zip(&truth.owners) {
        let Some(category) = category(owner.role) else { continue };
        let slug = owner.name.to_lowercase().replace(' ', "-");
        for script in truth.scripts.iter().filter(|script| script.owner == number && is_public(owner.role, script)) {
            let _ = write!(
                yaml,
                "- address: \"{}\"\n  label: {}\n  source: https://services.example/{slug}\n  category: {category}\n",
                script.address, owner.name
            );
        }
    }
    yaml
}

const HEADER: &str = "\
title: Services of a simulated town
creator: coinhound-sim
description: Addresses that the services of a simulated town name as theirs. All names are fictional.
is_public: true
currency: BTC
network: REGTEST
confidence: service_data
lastmod: 2018-01-27
tags:
";

/// The category of the INTERPOL taxonomy that a service belongs to; `None` for those who publish nothing.
fn category(role: Role) -> Option<&'static str> {
    match role {
        Role::Victim | Role::Exchange | Role::Broker => Some("exchange"),
        Role::Merchant => Some("market"),
        Role::Miner | Role::Thief | Role::Person | Role::Maker | Role::Coordinator => None,
    }
}

fn is_public(role: Role, script: &OwnedScript) -> bool {
    matches!(role, Role::Victim | Role::Exchange | Role::Broker) || script.main
}
