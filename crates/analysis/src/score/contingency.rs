//! Which cluster holds how much of which entity.

/// One labelled address: only these are counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Labelled {
    /// The cluster that was found for it, by any number.
    pub cluster: u32,
    /// Whose it is, by any number.
    pub entity: u32,
    /// What it weighs where value counts: what it received, in smallest units.
    pub value: u64,
}

/// What a cluster and an entity have in common; of those that have anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cell {
    /// The cluster.
    pub cluster: u32,
    /// The entity.
    pub entity: u32,
    /// Addresses.
    pub count: u64,
    /// Their value together.
    pub value: u64,
}

/// The table of clusters against entities, sparse; by cluster, then by entity.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Contingency {
    cells: Vec<Cell>,
}

impl Contingency {
    /// The table of these addresses.
    ///
    /// # Panics
    /// When a cell's value leaves 64 bits: more than any asset here has units.
    #[must_use]
    pub fn of(addresses: impl IntoIterator<Item = Labelled>) -> Self {
        let mut sorted: Vec<_> = addresses.into_iter().collect();
        sorted.sort_unstable();
        let cells = sorted.chunk_by(|a, b| (a.cluster, a.entity) == (b.cluster, b.entity)).map(cell);
        Self { cells: cells.collect() }
    }

    /// The cells, by cluster, then by entity.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cells of each cluster, ascending by cluster.
    pub fn clusters(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunk_by(|a, b| a.cluster == b.cluster)
    }

    /// The same table seen from the entities: clusters and entities change places.
    #[must_use]
    pub fn turned(&self) -> Self {
        let turn = |cell: &Cell| Cell { cluster: cell.entity, entity: cell.cluster, ..*cell };
        let mut cells: Vec<_> = self.cells.iter().map(turn).collect();
        cells.sort_unstable();
        Self { cells }
    }
}

fn cell(same: &[Labelled]) -> Cell {
    let value = same.iter().try_fold(0_u64, |sum, address| sum.checked_add(address.value));
    let Labelled { cluster, entity, .. } = same[0];
    Cell { cluster, entity, count: same.len() as u64, value: value.expect("no asset here has as many units") }
}
