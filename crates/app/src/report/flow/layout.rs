//! Places for the boxes and ribbons of a flow picture.
//!
//! Long ribbons get a lane of their own in every column they pass, so that they run between boxes, not over them.

use ruint::aliases::U256;

use super::graph::{Edge, Graph, Kind};

/// Width of a box.
pub(super) const BAR: f64 = 12.0;
/// Height that the whole loot takes.
const LOOT_HEIGHT: f64 = 230.0;
/// Room above a box of transactions, for its label.
const HOP_GAP: f64 = 30.0;
/// Room for an end with its label.
const END_PITCH: f64 = 46.0;
/// Room between lanes.
const LANE_GAP: f64 = 4.0;
/// Where the first column starts.
const LEFT: f64 = 16.0;
/// Where the ends' column starts; labels stand to its right.
const RIGHT: f64 = 720.0;
/// Room at the top.
const TOP: f64 = 34.0;
/// How often the order in the columns is improved.
const SWEEPS: usize = 12;
/// How often places are drawn towards their neighbours once the order stands.
const SETTLES: usize = 24;

/// A box or a lane with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// Which node; none for a lane.
    pub node: Option<usize>,
    pub x: f64,
    pub y: f64,
    pub height: f64,
    column: usize,
}

/// A ribbon: its edge, how thick, and the points its middle runs through, in pairs (leave, arrive).
#[derive(Clone, Debug)]
pub(super) struct Ribbon {
    pub edge: usize,
    pub thick: f64,
    pub points: Vec<(f64, f64)>,
}

/// A picture's places.
pub(super) struct Layout {
    pub spots: Vec<Spot>,
    pub ribbons: Vec<Ribbon>,
    pub height: f64,
}

/// A piece of a ribbon between neighbouring columns.
struct Piece {
    from: usize,
    to: usize,
    thick: f64,
    edge: usize,
}

/// Gives every box and ribbon its place.
pub(super) fn place(graph: &Graph) -> Layout {
    let mut plan = Plan::of(graph);
    for sweep in 0..SWEEPS {
        plan.sweep(sweep % 2 == 0);
    }
    plan.settle();
    let ribbons = plan.ribbons(graph.edges.len());
    let height = plan.spots.iter().map(|spot| spot.y + spot.height).fold(0.0, f64::max) + 40.0;
    Layout { spots: plan.spots, ribbons, height }
}

/// How much of a whole something is, as near as a picture needs; of nothing, none.
fn ratio(units: U256, whole: U256) -> f64 {
    let shift = whole.bit_len().saturating_sub(52);
    let small = |number: U256| u64::try_from(number >> shift).unwrap_or(u64::MAX);
    #[expect(clippy::cast_precision_loss, reason = "a height on the page, not an amount")]
    let ratio = small(units) as f64 / small(whole).max(1) as f64;
    ratio.min(1.0)
}

/// Spots of a column that are placed together.
#[derive(Clone, Copy)]
struct Pool {
    wanted: f64,
    weight: f64,
    count: usize,
}

impl Pool {
    fn with(self, other: Self) -> Self {
        let weight = self.weight + other.weight;
        let wanted = (self.wanted * self.weight + other.wanted * other.weight) / weight;
        Self { wanted, weight, count: self.count + other.count }
    }
}

struct Plan {
    spots: Vec<Spot>,
    pieces: Vec<Piece>,
    /// The neighbours of each spot, with the thickness of the ribbon between.
    near: Vec<Vec<(usize, f64)>>,
    /// Spots of each column, top to bottom.
    order: Vec<Vec<usize>>,
}

impl Plan {
    fn of(graph: &Graph) -> Self {
        let through = graph.units();
        let total = through[0];
        let scale = |units: U256| ratio(units, total) * LOOT_HEIGHT;
        let columns = graph.columns();
        let mut plan =
            Self { spots: Vec::new(), pieces: Vec::new(), near: Vec::new(), order: vec![Vec::new(); columns] };
        for (node, content) in graph.nodes.iter().enumerate() {
            plan.spot(Some(node), content.column, scale(through[node]).max(3.0), columns);
        }
        for (number, edge) in graph.edges.iter().enumerate() {
            plan.lanes(graph, number, edge, scale(edge.units).max(1.2), columns);
        }
        plan.near = vec![Vec::new(); plan.spots.len()];
        for piece in &plan.pieces {
            plan.near[piece.from].push((piece.to, piece.thick));
            plan.near[piece.to].push((piece.from, piece.thick));
        }
        plan.stack();
        plan
    }

    fn spot(&mut self, node: Option<usize>, column: usize, height: f64, columns: usize) -> usize {
        #[expect(clippy::cast_precision_loss, reason = "a column's number, not an amount")]
        let x = LEFT + (RIGHT - LEFT) * column as f64 / (columns.max(2) - 1) as f64;
        self.spots.push(Spot { node, x, y: 0.0, height, column });
        self.order[column].push(self.spots.len() - 1);
        self.spots.len() - 1
    }

    fn lanes(&mut self, graph: &Graph, number: usize, edge: &Edge, thick: f64, columns: usize) {
        let mut from = edge.from;
        for column in graph.nodes[edge.from].column + 1..graph.nodes[edge.to].column {
            let lane = self.spot(None, column, thick, columns);
            self.pieces.push(Piece { from, to: lane, thick, edge: number });
            from = lane;
        }
        self.pieces.push(Piece { from, to: edge.to, thick, edge: number });
    }

    /// Orders every column by where its neighbours to one side lie.
    fn sweep(&mut self, rightwards: bool) {
        let columns: Vec<usize> =
            if rightwards { (1..self.order.len()).collect() } else { (0..self.order.len() - 1).rev().collect() };
        for column in columns {
            let mut keyed: Vec<(f64, usize)> =
                self.order[column].iter().map(|&spot| (self.pull(spot, rightwards), spot)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            self.order[column] = keyed.into_iter().map(|(_, spot)| spot).collect();
            self.stack_column(column);
        }
    }

    /// The mean middle of a spot's neighbours to one side, weighted by ribbon; its own where it has none.
    fn pull(&self, spot: usize, from_left: bool) -> f64 {
        let ends = |piece: &Piece| if from_left { (piece.from, piece.to) } else { (piece.to, piece.from) };
        let near = self.pieces.iter().map(|piece| (ends(piece), piece.thick)).filter(|((_, to), _)| *to == spot);
        let (sum, weight) = near
            .fold((0.0, 0.0), |(sum, weight), ((other, _), thick)| (sum + self.middle(other) * thick, weight + thick));
        if weight > 0.0 { sum / weight } else { self.middle(spot) }
    }

    fn middle(&self, spot: usize) -> f64 {
        self.spots[spot].y + self.spots[spot].height / 2.0
    }

    fn stack(&mut self) {
        (0..self.order.len()).for_each(|column| self.stack_column(column));
    }

    /// Draws every column towards its neighbours, so that ribbons run straight, and starts the picture at its top.
    fn settle(&mut self) {
        for round in 0..SETTLES {
            let columns = self.order.len();
            for step in 0..columns {
                let column = if round % 2 == 0 { step } else { columns - 1 - step };
                self.settle_column(column);
            }
        }
        let highest = self.spots.iter().map(|spot| spot.y).fold(f64::INFINITY, f64::min);
        self.spots.iter_mut().for_each(|spot| spot.y += TOP - highest);
    }

    /// Places a column's spots as near as can be to where their neighbours pull them, in their order and without
    /// overlap: isotonic regression, by pooling neighbours that want to pass each other.
    fn settle_column(&mut self, column: usize) {
        let order = self.order[column].clone();
        let mut offset = 0.0;
        let mut pools: Vec<Pool> = Vec::new();
        for &spot in &order {
            offset += self.room_above(spot);
            let weight = self.spots[spot].height;
            let wanted = self.pull_both(spot) - self.spots[spot].height / 2.0 - offset;
            pools.push(Pool { wanted, weight, count: 1 });
            while let [.., above, below] = pools[..]
                && above.wanted > below.wanted
            {
                pools.truncate(pools.len() - 2);
                pools.push(above.with(below));
            }
            offset += self.spots[spot].height + self.room_below(spot);
        }
        let places: Vec<f64> = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.wanted, pool.count)).collect();
        let mut offset = 0.0;
        for (&spot, place) in order.iter().zip(places) {
            offset += self.room_above(spot);
            self.spots[spot].y = place + offset;
            offset += self.spots[spot].height + self.room_below(spot);
        }
    }

    /// The mean middle of all a spot's neighbours, weighted by ribbon.
    fn pull_both(&self, spot: usize) -> f64 {
        let near = self.near[spot].iter().map(|&(other, thick)| (self.middle(other) * thick, thick));
        let (sum, weight) = near.fold((0.0, 0.0), |(sum, weight), (part, thick)| (sum + part, weight + thick));
        if weight > 0.0 { sum / weight } else { self.middle(spot) }
    }

    fn stack_column(&mut self, column: usize) {
        let mut y = TOP;
        for spot in self.order[column].clone() {
            self.spots[spot].y = y + self.room_above(spot);
            y = self.spots[spot].y + self.spots[spot].height + self.room_below(spot);
        }
    }

    fn is_last(&self, spot: usize) -> bool {
        self.spots[spot].column + 1 == self.order.len()
    }

    fn room_above(&self, spot: usize) -> f64 {
        match self.spots[spot].node {
            None => LANE_GAP,
            Some(_) if self.is_last(spot) => 0.0,
            Some(_) => HOP_GAP,
        }
    }

    fn room_below(&self, spot: usize) -> f64 {
        if self.is_last(spot) { (END_PITCH - self.spots[spot].height).max(14.0) } else { 4.0 }
    }

    /// Lets the ribbons of each box leave and arrive in the order of where they go, without crossing at the box.
    fn ribbons(&self, edges: usize) -> Vec<Ribbon> {
        let mut leave = vec![0.0; self.pieces.len()];
        let mut arrive = vec![0.0; self.pieces.len()];
        for spot in 0..self.spots.len() {
            self.attach(spot, &mut leave, |piece| (piece.from, piece.to));
            self.attach(spot, &mut arrive, |piece| (piece.to, piece.from));
        }
        let mut ribbons: Vec<Ribbon> = (0..edges).map(|edge| Ribbon { edge, thick: 0.0, points: Vec::new() }).collect();
        for (at, piece) in self.pieces.iter().enumerate() {
            let ribbon = &mut ribbons[piece.edge];
            ribbon.thick = piece.thick;
            let width = |spot: usize| if self.spots[spot].node.is_some() { BAR } else { 0.0 };
            ribbon.points.push((self.spots[piece.from].x + width(piece.from), leave[at]));
            ribbon.points.push((self.spots[piece.to].x, arrive[at]));
        }
        ribbons
    }

    fn attach(&self, spot: usize, places: &mut [f64], ends: impl Fn(&Piece) -> (usize, usize)) {
        let mut mine: Vec<usize> = (0..self.pieces.len()).filter(|&at| ends(&self.pieces[at]).0 == spot).collect();
        mine.sort_by(|&a, &b| {
            let far = |at: usize| self.middle(ends(&self.pieces[at]).1);
            far(a).total_cmp(&far(b)).then(a.cmp(&b))
        });
        let mut y = self.spots[spot].y;
        for at in mine {
            places[at] = y + self.pieces[at].thick / 2.0;
            y += self.pieces[at].thick;
        }
    }
}

/// Whether a node is drawn with its label to the right.
pub(super) fn is_end(kind: &Kind) -> bool {
    matches!(kind, Kind::End { .. })
}
