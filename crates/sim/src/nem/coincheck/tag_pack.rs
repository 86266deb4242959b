//! What an investigator may know of the story's services, as a GraphSense TagPack.

use std::fmt::Write;

use crate::nem::coincheck::truth::{Role, Truth, Use};

const HEADER: &str = "\
title: Services of a made NIS1 chain
creator: coinhound-sim
description: Accounts that the services of a made chain name as theirs. All names, sources and accounts are made.
is_public: true
currency: XEM
network: nem:96
confidence: service_data
lastmod: 2018-03-26
tags:
";

/// The accounts of the services in TagPack YAML. Nothing in it tells the thief or a buyer from anybody else.
pub(crate) fn tag_pack(truth: &Truth) -> String {
    let mut yaml = String::from(HEADER);
    for account in &truth.accounts {
        let owner = &truth.owners[account.owner as usize];
        let Some(category) = category(owner.role).filter(|_| is_public(account.usage)) else { continue };
        let slug = owner.name.to_lowercase().replace(' ', "-");
        let _ = write!(
            yaml,
            "- address: \"{}\"\n  label: {} (made)\n  source: https://services.example/{slug}\n  category: {category}\n",
            account.address, owner.name
        );
    }
    yaml
}

/// The category of the INTERPOL taxonomy that a service belongs to; `None` for those who publish nothing.
fn category(role: Role) -> Option<&'static str> {
    match role {
        Role::Victim | Role::Exchange | Role::Swap => Some("exchange"),
        Role::Merchant => Some("market"),
        _ => None,
    }
}

fn is_public(usage: Use) -> bool {
    matches!(usage, Use::Main | Use::Deposit | Use::Hot)
}
