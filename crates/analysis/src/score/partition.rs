//! How well clusters fit entities.
//!
//! With `n_ij` addresses of entity `j` in cluster `i`, `a_i` in the cluster and `b_j` of the entity, `n` in all:
//! BCubed precision is `1/n sum_ij n_ij^2 / a_i`, recall the same over `b_j`. Pairs and ARI are ruled by the
//! largest entities; the false-merge rate is what a court should ask for.

use crate::score::contingency::{Cell, Contingency};
use crate::score::share::{Share, log2};

/// What a clustering is worth on labelled addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartitionScore {
    /// Labelled addresses.
    pub addresses: u64,
    /// Clusters that hold one.
    pub clusters: u64,
    /// Entities that have one.
    pub entities: u64,
    /// BCubed precision: of what lies in an address's cluster, how much is of its owner.
    pub precision: Share,
    /// BCubed recall: of what an address's owner has, how much lies in its cluster.
    pub recall: Share,
    /// BCubed precision, each address by its value; `None` where nothing has value.
    pub value_precision: Option<Share>,
    /// BCubed recall, each address by its value.
    pub value_recall: Option<Share>,
    /// Of the joins that make the clusters (addresses less clusters), those that joined two entities; `None` where
    /// nothing was joined.
    pub false_merges: Option<Share>,
    /// Of the pairs that lie in one cluster, those of one owner.
    pub pair_precision: Option<Share>,
    /// Of the pairs of one owner, those in one cluster.
    pub pair_recall: Option<Share>,
    /// Agreement of pairs beyond chance (adjusted Rand index); `None` where chance explains everything.
    pub adjusted_rand: Option<Share>,
    /// V-measure: harmonic mean of homogeneity and completeness.
    pub v_measure: Share,
}

/// What a clustering is worth for one entity: its best cluster, the one that holds most of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntityScore {
    /// Which.
    pub entity: u32,
    /// Its addresses.
    pub addresses: u64,
    /// Clusters that hold one.
    pub clusters: u64,
    /// The share of it that its best cluster holds.
    pub coverage: Share,
    /// The share of that cluster's labelled addresses that is of others.
    pub foreign: Share,
}

impl Contingency {
    /// The scores over all labelled addresses; `None` where there is none.
    #[must_use]
    pub fn score(&self) -> Option<PartitionScore> {
        let turned = self.turned();
        let addresses: u64 = self.cells().iter().map(|cell| cell.count).sum();
        let (clusters, entities) = (self.clusters().count() as u64, turned.clusters().count() as u64);
        let [count, value] = [|cell: &Cell| cell.count, |cell: &Cell| cell.value];
        let false_merges = (self.cells().len() as u64 - clusters, addresses - clusters);
        let (both, in_clusters, in_entities) =
            (pairs_in(self.cells()), pairs_of_rows(self.clusters()), pairs_of_rows(turned.clusters()));
        Some(PartitionScore {
            addresses,
            clusters,
            entities,
            precision: self.b_cubed(count)?,
            recall: turned.b_cubed(count)?,
            value_precision: self.b_cubed(value),
            value_recall: turned.b_cubed(value),
            false_merges: Share::of_counts(false_merges.0.into(), false_merges.1.into()),
            pair_precision: Share::of_counts(both, in_clusters),
            pair_recall: Share::of_counts(both, in_entities),
            adjusted_rand: adjusted_rand(both, in_clusters, in_entities, pairs(addresses)),
            v_measure: v_measure(self, &turned, addresses),
        })
    }

    /// What the clustering is worth for each entity, ascending.
    #[must_use]
    pub fn by_entity(&self) -> Vec<EntityScore> {
        let sizes: Vec<(u32, u64)> = self.clusters().map(|row| (row[0].cluster, total(row))).collect();
        let size_of = |cluster: u32| sizes[sizes.partition_point(|size| size.0 < cluster)].1;
        self.turned().clusters().map(|row| entity_score(row, size_of)).collect()
    }

    /// `1/w sum over clusters of (sum of w_ij^2) / w_i`.
    fn b_cubed(&self, weight: impl Fn(&Cell) -> u64) -> Option<Share> {
        /// Bits behind the point of what the divisions leave.
        const BITS: u32 = 60;
        let (mut all, mut whole, mut rest) = (0_u128, 0_u128, 0_u128);
        for row in self.clusters() {
            let size: u128 = row.iter().map(|cell| u128::from(weight(cell))).sum();
            let squares: u128 = row.iter().map(|cell| u128::from(weight(cell)).pow(2)).sum();
            all += size;
            whole += squares.checked_div(size).unwrap_or(0);
            rest += ((squares.checked_rem(size).unwrap_or(0)) << BITS).checked_div(size).unwrap_or(0);
        }
        Share::of_counts(whole + (rest >> BITS), all)
    }
}

fn entity_score(row: &[Cell], size_of: impl Fn(u32) -> u64) -> EntityScore {
    let addresses = total(row);
    // In a turned table the clusters stand where the entities did; of equal ones the first is the best.
    let best = row.iter().rev().max_by_key(|cell| cell.count).expect("an entity has a cell");
    let size = size_of(best.entity);
    let share = |part: u64, whole: u64| Share::of_counts(part.into(), whole.into()).expect("a cell is never empty");
    EntityScore {
        entity: best.cluster,
        addresses,
        clusters: row.len() as u64,
        coverage: share(best.count, addresses),
        foreign: share(size - best.count, size),
    }
}

fn total(row: &[Cell]) -> u64 {
    row.iter().map(|cell| cell.count).sum()
}

fn pairs(count: u64) -> u128 {
    u128::from(count) * u128::from(count.saturating_sub(1)) / 2
}

fn pairs_in(cells: &[Cell]) -> u128 {
    cells.iter().map(|cell| pairs(cell.count)).sum()
}

fn pairs_of_rows<'a>(rows: impl Iterator<Item = &'a [Cell]>) -> u128 {
    rows.map(|row| pairs(total(row))).sum()
}

/// `(S - E) / ((Sa + Sb) / 2 - E)` with `E = Sa Sb / N`, over `2 N`.
fn adjusted_rand(both: u128, in_clusters: u128, in_entities: u128, all: u128) -> Option<Share> {
    let [both, a, b, all] = [both, in_clusters, in_entities, all].map(|pairs| i128::try_from(pairs).ok());
    let (both, a, b, all) = (both?, a?, b?, all?);
    let chance = a.checked_mul(b)?.checked_mul(2)?;
    Share::of(both.checked_mul(all)?.checked_mul(2)? - chance, (a + b).checked_mul(all)? - chance)
}

/// Homogeneity `1 - H(entity | cluster) / H(entity)`, completeness the other way round, and their harmonic mean.
fn v_measure(table: &Contingency, turned: &Contingency, addresses: u64) -> Share {
    let weigh = |count: u64| u128::from(count) * u128::from(log2(count));
    let cells: u128 = table.cells().iter().map(|cell| weigh(cell.count)).sum();
    let rows = |table: &Contingency| -> u128 { table.clusters().map(|row| weigh(total(row))).sum() };
    let (clusters, entities) = (rows(table), rows(turned));
    let all = weigh(addresses);
    // Rounding may leave the smaller difference a hair above the larger.
    let share = |unknown: u128, of: u128| Share::of_counts(of.saturating_sub(unknown), of).unwrap_or(Share::ONE);
    let homogeneity = share(clusters.saturating_sub(cells), all.saturating_sub(entities));
    let completeness = share(entities.saturating_sub(cells), all.saturating_sub(clusters));
    homogeneity.harmonic(completeness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::contingency::Labelled;

    fn table(addresses: &[(u32, u32, u64)]) -> Contingency {
        Contingency::of(addresses.iter().map(|&(cluster, entity, value)| Labelled { cluster, entity, value }))
    }

    fn score(addresses: &[(u32, u32, u64)]) -> PartitionScore {
        table(addresses).score().expect("there are addresses")
    }

    fn parts(share: Option<Share>) -> i64 {
        share.expect("there is a share").parts_per_billion()
    }

    /// Clusters {a a b}, {b b}, {b}: worked by hand.
    const MIXED: [(u32, u32, u64); 6] = [(1, 7, 10), (1, 7, 10), (1, 8, 80), (2, 8, 5), (2, 8, 5), (3, 8, 0)];

    #[test]
    fn the_right_clustering_scores_one_everywhere() {
        let right = score(&[(1, 10, 3), (1, 10, 4), (2, 20, 5), (2, 20, 0), (3, 30, 1)]);
        assert_eq!((right.precision, right.recall, right.v_measure), (Share::ONE, Share::ONE, Share::ONE));
        assert_eq!((right.value_precision, right.value_recall), (Some(Share::ONE), Some(Share::ONE)));
        assert_eq!((right.false_merges, right.adjusted_rand), (Some(Share::ZERO), Some(Share::ONE)));
        assert_eq!((right.addresses, right.clusters, right.entities), (5, 3, 3));
    }

    #[test]
    fn b_cubed_and_pairs_are_those_worked_by_hand() {
        let mixed = score(&MIXED);
        // (4/3 + 1/3 + 2 + 1) / 6 and (2 + 1/4 + 1 + 1/4) / 6.
        assert_eq!(mixed.precision.parts_per_billion(), 666_666_666, "4 of 6: {:?}", mixed.precision);
        assert_eq!(mixed.recall.parts_per_billion(), 500_000_000, "3 of 6: {:?}", mixed.recall);
        // One pair of a, one of b; four pairs in clusters; one and six pairs of owners.
        assert_eq!((parts(mixed.pair_precision), parts(mixed.pair_recall)), (500_000_000, 285_714_285));
        // One of three joins joined strangers.
        assert_eq!(parts(mixed.false_merges), 333_333_333);
        // (2 - 28/15) / (11/2 - 28/15) = 4/109.
        assert_eq!(parts(mixed.adjusted_rand), 36_697_247);
    }

    #[test]
    fn value_weighs_addresses() {
        // (20^2 + 80^2) / 100 + 10 of 110 for the clusters.
        assert_eq!(parts(score(&MIXED).value_precision), 709_090_909);
        assert_eq!(score(&[(1, 1, 0), (2, 1, 0)]).value_precision, None);
    }

    #[test]
    fn one_cluster_of_all_is_complete_and_not_homogeneous() {
        let one = score(&[(1, 1, 1), (1, 2, 1), (1, 3, 1), (1, 4, 1)]);
        assert_eq!((one.v_measure, one.recall), (Share::ZERO, Share::ONE));
        assert_eq!(one.precision, Share::of_parts(250_000_000));
        assert_eq!(one.false_merges, Some(Share::ONE));
        let alone = score(&[(1, 1, 1), (2, 1, 1), (3, 2, 1)]);
        assert_eq!((alone.precision, alone.false_merges), (Share::ONE, None));
    }

    #[test]
    fn the_v_measure_of_a_known_table_is_known() {
        // Homogeneity: H(e|c) = 1/2 * H(1/3), H(e) = H(1/3); completeness: H(c|e) = 2/3 * 1.5, H(c) = 1.459147917...
        // V = 2 * 0.5 * 0.314667... / (0.5 + 0.314667...) = 0.386253...
        let v = score(&MIXED).v_measure.parts_per_billion();
        assert!(v.abs_diff(386_253_000) < 1_000, "{v}");
    }

    #[test]
    fn each_entity_has_its_best_cluster() {
        let rows = table(&MIXED).by_entity();
        let [a, b] = rows.as_slice() else { panic!("two entities: {rows:?}") };
        assert_eq!((a.entity, a.addresses, a.clusters, a.coverage), (7, 2, 1, Share::ONE));
        assert_eq!(a.foreign.parts_per_billion(), 333_333_333);
        assert_eq!((b.entity, b.clusters, b.coverage.parts_per_billion()), (8, 3, 500_000_000));
        assert_eq!(b.foreign, Share::ZERO);
    }

    #[test]
    fn nothing_labelled_has_no_score() {
        assert_eq!(table(&[]).score(), None);
        assert!(table(&[]).by_entity().is_empty());
    }
}
