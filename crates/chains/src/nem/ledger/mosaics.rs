//! Mosaics are made, made anew, and their supply changes.

use coinhound_model::MoveKind;
use ruint::aliases::U256;

use crate::nem::address::Address;
use crate::nem::fork;
use crate::nem::ledger::LedgerError;
use crate::nem::ledger::asset::{Asset, Misfit, Terms, UNITS_MAX, is_name, name_of};
use crate::nem::ledger::booking::Booking;
use crate::nem::ledger::names::{XEM, xem};
use crate::nem::ledger::taking::Taking;
use crate::nem::tx::{MosaicDefinition, MosaicId, SupplyChange, SupplyDirection};

/// What a definition does to an older one of the same name.
enum Anew {
    /// Nothing that counts: balances and supply stay.
    Reworded,
    /// Its maker, who must hold all of it, begins again.
    Exchanged,
    /// What anybody holds is void.
    Voided,
}

impl Taking<'_> {
    pub(super) fn definition(
        &mut self,
        sender: &Address,
        definition: &MosaicDefinition,
        booking: &mut Booking,
    ) -> Result<(), LedgerError> {
        booking.pays(MoveKind::Rental, xem(), (sender, &definition.sink), U256::from(definition.creation_fee));
        let name = self.name(&definition.id)?;
        let terms = Terms::of(definition).map_err(|misfit| self.misfit(&name, misfit))?;
        let Some(before) = self.state.mosaic(&name).cloned() else {
            return self.first(sender, name, terms, booking);
        };
        match self.anew(&before, sender, &terms) {
            Anew::Reworded => Ok(()),
            Anew::Exchanged => {
                booking.spends(MoveKind::Burn, before.token(&name), sender, U256::from(before.supply));
                self.make(self.id_anew(&name), sender, name, terms, booking)
            }
            Anew::Voided => {
                booking.flag(&format!(
                    "this definition voids all balances of {}: they stand here as they were",
                    before.id
                ));
                self.make(self.id_anew(&name), sender, name, terms, booking)
            }
        }
    }

    /// NIS looks at the maker of the older definition, at its terms, and before a fork at nothing else.
    fn anew(&self, before: &Asset, sender: &Address, terms: &Terms) -> Anew {
        if before.creator != *sender {
            return Anew::Voided; // the namespace ran out, and somebody else rented it
        }
        match before.terms == *terms {
            false => Anew::Exchanged,
            true if self.height >= fork::kept_balances(self.network) => Anew::Reworded,
            true => Anew::Voided,
        }
    }

    /// The first definition of a name that this ledger sees. What moved under this name before is of an older one, or may
    /// be: it is not counted with what is made here.
    fn first(
        &mut self,
        sender: &Address,
        name: String,
        terms: Terms,
        booking: &mut Booking,
    ) -> Result<(), LedgerError> {
        if !self.is_complete {
            booking.flag(&format!(
                "unknown whether {name} existed before this ledger begins: then this definition voids what was held of it, or \
                 its words alone change and nothing is made"
            ));
        }
        let id = if self.state.is_used(&name) { self.id_anew(&name) } else { name.clone() };
        self.make(id, sender, name, terms, booking)
    }

    /// The asset of a definition that makes a name anew, told apart by its place.
    fn id_anew(&self, name: &str) -> String {
        format!("{name}@{}/{}", self.height, self.index)
    }

    fn make(
        &mut self,
        id: String,
        sender: &Address,
        name: String,
        terms: Terms,
        booking: &mut Booking,
    ) -> Result<(), LedgerError> {
        let supply = terms.units(terms.initial).expect("checked when the definition was read");
        let asset = Asset { id, creator: *sender, terms, supply };
        booking.gains(MoveKind::Mint, asset.token(&name), sender, U256::from(supply));
        let change = self.state.put_mosaic(name, asset);
        self.changes.push(change);
        Ok(())
    }

    pub(super) fn supply_change(
        &mut self,
        sender: &Address,
        change: &SupplyChange,
        booking: &mut Booking,
    ) -> Result<(), LedgerError> {
        let name = self.name(&change.id)?;
        let Some(mut asset) = self.state.mosaic(&name).cloned() else {
            return self.unknown_supply(&name, change, booking);
        };
        if asset.creator != *sender {
            let (expected, got) = (asset.creator, *sender);
            return Err(LedgerError::NotMaker { height: self.height, index: self.index, mosaic: name, expected, got });
        }
        let (supply, units) = changed(&asset, change).map_err(|why| LedgerError::Supply {
            height: self.height,
            index: self.index,
            mosaic: name.clone(),
            why,
        })?;
        match change.direction {
            SupplyDirection::Increase => booking.gains(MoveKind::Mint, asset.token(&name), sender, U256::from(units)),
            SupplyDirection::Decrease => booking.spends(MoveKind::Burn, asset.token(&name), sender, U256::from(units)),
        }
        asset.supply = supply;
        let change = self.state.put_mosaic(name, asset);
        self.changes.push(change);
        Ok(())
    }

    /// Supply changes are told in whole units: without the definition nobody knows how many smallest ones.
    fn unknown_supply(&self, name: &str, change: &SupplyChange, booking: &mut Booking) -> Result<(), LedgerError> {
        if self.is_complete {
            return Err(self.unknown(name));
        }
        let direction = match change.direction {
            SupplyDirection::Increase => "grows",
            SupplyDirection::Decrease => "shrinks",
        };
        booking.flag(&format!(
            "not booked: the supply of {name} {direction} by {} whole units; it was defined before this ledger begins, with \
             unknown decimals",
            change.delta
        ));
        Ok(())
    }

    /// A name that a mosaic can be made with.
    fn name(&self, id: &MosaicId) -> Result<String, LedgerError> {
        let mosaic = name_of(id);
        if !is_name(id) || mosaic == XEM {
            return Err(LedgerError::Name { height: self.height, index: self.index, mosaic });
        }
        Ok(mosaic)
    }

    fn misfit(&self, name: &str, (property, expected, got): Misfit) -> LedgerError {
        let (height, index, mosaic) = (self.height, self.index, name.to_owned());
        LedgerError::Property { height, index, mosaic, property, expected, got }
    }
}

/// The supply after a change, and how many smallest units the change is.
fn changed(asset: &Asset, change: &SupplyChange) -> Result<(u64, u64), &'static str> {
    if !asset.terms.mutable {
        return Err("its definition says that it does not change");
    }
    let units = asset.terms.units(change.delta).ok_or("there cannot be as much")?;
    let supply = match change.direction {
        SupplyDirection::Increase => asset.supply.checked_add(units).filter(|supply| *supply <= UNITS_MAX),
        SupplyDirection::Decrease => asset.supply.checked_sub(units),
    };
    supply.map(|supply| (supply, units)).ok_or("there would be more than there can be, or less than nothing")
}
