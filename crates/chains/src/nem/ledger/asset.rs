//! A mosaic as it was last defined.

use coinhound_model::Token;
use ruint::aliases::U256;
use serde::{Deserialize, Serialize};

use crate::nem::address::Address;
use crate::nem::tx::{Levy, LevyKind, MosaicDefinition, MosaicId};

/// The most units of a mosaic that there can be, in its smallest one.
pub(super) const UNITS_MAX: u64 = 9_000_000_000_000_000;
/// The most decimal places that a mosaic can have.
const DIVISIBILITY_MAX: u8 = 6;

/// A mosaic as it was last defined, and how much of it there is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Asset {
    /// What rows call it.
    pub(super) id: String,
    /// Who made it.
    pub(super) creator: Address,
    /// What it says of itself that counts.
    pub(super) terms: Terms,
    /// How much of it there is, in its smallest unit.
    pub(super) supply: u64,
}

/// What a definition says that counts: two definitions with equal terms differ in words only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Terms {
    /// Decimal places.
    pub(super) divisibility: u8,
    /// Whole units made with it.
    pub(super) initial: u64,
    /// Whether its supply can change.
    pub(super) mutable: bool,
    /// Whether others than its maker can pass it on.
    pub(super) transferable: bool,
    /// What each transfer costs its sender besides.
    pub(super) levy: Option<Charge>,
}

/// A levy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Charge {
    /// In ten-thousandths of what is sent; otherwise in smallest units of the mosaic it is paid in.
    pub(super) percentile: bool,
    /// Who gets it.
    pub(super) recipient: Address,
    /// The name of the mosaic it is paid in.
    pub(super) mosaic: String,
    /// How much.
    pub(super) fee: u64,
}

impl Asset {
    pub(super) fn token(&self, name: &str) -> Token {
        Token { id: self.id.clone(), ticker: name.to_owned(), decimals: Some(self.terms.divisibility) }
    }
}

/// Which property cannot be, what was looked for, and what is there.
pub(super) type Misfit = (&'static str, &'static str, String);

impl Terms {
    /// What a definition says; what it does not say is as the chain has it by itself. Of a property said twice, the
    /// last counts.
    pub(super) fn of(definition: &MosaicDefinition) -> Result<Self, Misfit> {
        let said = |name: &str| definition.properties.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let terms = Self {
            divisibility: number(said("divisibility"), "divisibility", 0)?,
            initial: number(said("initialSupply"), "initialSupply", 1_000)?,
            mutable: said("supplyMutable").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            transferable: said("transferable").is_none_or(|value| value.eq_ignore_ascii_case("true")),
            levy: definition.levy.as_ref().map(Charge::of),
        };
        match terms {
            Self { divisibility, .. } if divisibility > DIVISIBILITY_MAX => {
                Err(("divisibility", "at most 6", divisibility.to_string()))
            }
            Self { initial, .. } if terms.units(initial).is_none() => {
                Err(("initialSupply", "at most 9,000,000,000,000,000 smallest units", initial.to_string()))
            }
            terms => Ok(terms),
        }
    }

    /// Holds what was read against what is relied on.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let fits = self.divisibility <= DIVISIBILITY_MAX && self.units(self.initial).is_some();
        fits.then_some(()).ok_or("terms that no definition has")
    }

    /// Whole units in smallest ones, if there can be as many.
    pub(super) fn units(&self, whole: u64) -> Option<u64> {
        let units = whole.checked_mul(10_u64.checked_pow(self.divisibility.into())?)?;
        (units <= UNITS_MAX).then_some(units)
    }
}

fn number<T: std::str::FromStr>(said: Option<&str>, property: &'static str, unsaid: T) -> Result<T, Misfit> {
    let Some(text) = said else { return Ok(unsaid) };
    text.parse().map_err(|_| (property, "a number that is not negative", text.chars().take(40).collect()))
}

impl Charge {
    fn of(levy: &Levy) -> Self {
        let percentile = levy.kind == LevyKind::Percentile;
        Self { percentile, recipient: levy.recipient, mosaic: name_of(&levy.id), fee: levy.fee }
    }

    /// What the transfer of so many units costs; none where no node can count it.
    ///
    /// NIS multiplies in 64 bits with sign: a product beyond that wraps around, and a negative one is refused.
    pub(super) fn of_units(&self, units: U256) -> Option<U256> {
        if !self.percentile {
            return Some(U256::from(self.fee));
        }
        let product = (units * U256::from(self.fee)).wrapping_to::<u64>().cast_signed();
        u64::try_from(product / 10_000).ok().filter(|_| product >= 0).map(U256::from)
    }
}

/// A mosaic's name on the chain: `namespace:name`.
pub(super) fn name_of(id: &MosaicId) -> String {
    format!("{}:{}", id.namespace, id.name)
}

/// Whether its name can stand for it: no other has the same, and it prints.
pub(super) fn is_name(id: &MosaicId) -> bool {
    is_name_of(&id.namespace, &id.name)
}

/// Whether this is `namespace:name` of a name that can stand for a mosaic.
pub(super) fn is_full_name(text: &str) -> bool {
    text.split_once(':').is_some_and(|(namespace, name)| is_name_of(namespace, name))
}

fn is_name_of(namespace: &str, name: &str) -> bool {
    let plain = |text: &str, more: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    plain(namespace, "_-'.") && plain(name, "_-' ") && namespace.len() <= 146 && name.len() <= 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_levy_by_the_ten_thousand_is_counted_as_nodes_count_it() {
        let recipient = Address([0; 25]);
        let levy = |fee, units: u64| {
            let charge = Charge { percentile: true, recipient, mosaic: "dim:coin".into(), fee };
            charge.of_units(U256::from(units))
        };
        assert_eq!(levy(25, 1_000), Some(U256::from(2)));
        assert_eq!(levy(10_000, 7), Some(U256::from(7)));
        assert_eq!(levy(1_024, UNITS_MAX), Some(U256::from(921_600_000_000_000_u64)), "the last that fits 63 bits");
        assert_eq!(levy(2_000, UNITS_MAX), None, "negative: no node takes it");
        let wrapped = (u128::from(UNITS_MAX) * 2_100 - (1 << 64)) / 10_000;
        assert_eq!(levy(2_100, UNITS_MAX), Some(U256::from(wrapped)));
    }
}
