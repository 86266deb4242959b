//! What users of other indexers ran into, each a named test here: `eNN` is the row of the project's list of 34
//! field failures.
//!
//! | row | failure | where |
//! |---|---|---|
//! | 1 | killed while committing | `e02_..` on a simulated disk; `store` (crash, power loss); real kills: `cargo xtask kill` |
//! | 2 | stopped in the first load | `stores::e02_..` |
//! | 3, 19 | out of memory | the cost of a load: `cargo xtask bench` |
//! | 4 | interrupted upgrade | with the first upgrade: there is one format so far |
//! | 5, 6 | full disk, damaged store | `stores::e05_..`, `stores::e06_..`; `store` (damage, bit flips) |
//! | 7-10, 12-16, 18, 23 | block files | `files` |
//! | 9 | growing tail | also `files_under_us` |
//! | 11 | a node's corrupt answer | `node::lies` |
//! | 17 | bech32 instead of bech32m | `chains` (address vectors) |
//! | 20-22 | updates after crashes and reorganisations | `stores::e20_..`, `reorganisation` |
//! | 24 | keys that share a prefix | inline in `txs`; `store` (look-ups verify the whole hash) |
//! | 25, 26, 29, 31, 32 | progress, contiguity, second writer, empty chain, retry loops | `stores` |
//! | 27, 28 | missing traces and logs | with the EVM feed |
//! | 30 | broken tag packs | `app` (tag import) |
//! | 33, 34 | NIS1 nodes, messages | with the NEM feed |

mod files;
mod stores;
