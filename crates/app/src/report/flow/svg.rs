//! A laid-out flow as an SVG element: no scripts, no styles of its own, every text escaped.

use std::fmt::Write;

use coinhound_model::Terminal;
use ruint::aliases::U256;

use super::graph::{Graph, Kind, Node};
use super::layout::{BAR, Layout, Ribbon, Spot, is_end};
use crate::money::{AssetLine, Money};
use crate::report::html::escaped;

/// How many characters stand beside an end, amount and name together.
const END_CHARS: usize = 50;

/// How many characters of an amount stand above a box; it stands in full in the tables, and as a tooltip.
const BOX_CHARS: usize = 12;

/// Width of the picture in its own units.
const WIDTH: u32 = 1080;

/// The picture.
pub(super) fn draw(layout: &Layout, graph: &Graph, asset: &AssetLine) -> String {
    let mut svg = format!(
        "<svg class=\"flow\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"Flow of the stolen value\">\n",
        layout.height
    );
    for ribbon in &layout.ribbons {
        draw_ribbon(ribbon, graph, asset, &mut svg);
    }
    let units = graph.units();
    for spot in &layout.spots {
        if let Some(node) = spot.node {
            draw_node(spot, &graph.nodes[node], units[node], asset, &mut svg);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// One smooth line as wide as its value, with its value as a tooltip.
fn draw_ribbon(ribbon: &Ribbon, graph: &Graph, asset: &AssetLine, svg: &mut String) {
    let edge = graph.edges[ribbon.edge];
    let mut path = String::new();
    for pair in ribbon.points.chunks_exact(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let bend = (x1 - x0) / 2.0;
        let start = if path.is_empty() { 'M' } else { 'L' };
        write!(path, "{start}{x0:.1} {y0:.1}C{:.1} {y0:.1} {:.1} {y1:.1} {x1:.1} {y1:.1}", x0 + bend, x1 - bend)
            .expect("a string takes every write");
    }
    let class = class(&graph.nodes[edge.to].kind);
    let amount = escaped(&asset.amount(edge.units).to_string());
    let _ = writeln!(
        svg,
        "<path class=\"ribbon {class}\" d=\"{path}\" stroke-width=\"{:.1}\"><title>{amount}</title></path>",
        ribbon.thick
    );
}

fn draw_node(spot: &Spot, node: &Node, units: U256, asset: &AssetLine, svg: &mut String) {
    let class = class(&node.kind);
    let _ = writeln!(
        svg,
        "<rect class=\"bar {class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{BAR}\" height=\"{:.1}\" rx=\"1.5\"/>",
        spot.x, spot.y, spot.height
    );
    let amount = short(asset.amount(units));
    if is_end(&node.kind) {
        draw_end_label(spot, &node.kind, &amount, svg);
    } else {
        draw_hop_label(spot, &node.kind, &amount, svg);
    }
}

fn draw_end_label(spot: &Spot, kind: &Kind, amount: &str, svg: &mut String) {
    let Kind::End { name, address, places, .. } = kind else { return };
    let x = spot.x + BAR + 8.0;
    let y = spot.y + 11.0;
    let name = shortened(&name.to_string(), 36);
    // Beside the amount where both fit, else below it.
    let is_wide = amount.len() + name.chars().count() > END_CHARS;
    let (beside, below) = if is_wide { (String::new(), escaped(&name)) } else { (escaped(&name), String::new()) };
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\"><tspan class=\"amount\">{amount}</tspan> {beside}</text>");
    let y = if is_wide {
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\">{below}</text>", y + 13.0);
        y + 12.0
    } else {
        y
    };
    let place = match address {
        Some(address) => address.to_string(),
        None if *places > 1 => format!("{places} addresses"),
        None => return,
    };
    for (row, part) in wrapped(&place, 45).iter().enumerate() {
        let y = y + if row == 0 { 14.0 } else { 26.0 };
        let _ = writeln!(svg, "<text class=\"place\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(part));
    }
}

fn draw_hop_label(spot: &Spot, kind: &Kind, amount: &str, svg: &mut String) {
    let name = match kind {
        Kind::Hops(numbers) if numbers.len() == 1 => format!("#{}", numbers[0]),
        Kind::Hops(numbers) => format!("{} transactions", numbers.len()),
        Kind::Accounts { name: Some(name), .. } => escaped(&middle(&name.0)),
        Kind::Accounts { numbers, .. } => format!("{} accounts", numbers.len()),
        Kind::Opened(asset) => escaped(&shortened(&format!("from {asset}"), BOX_CHARS)),
        _ => "stolen".to_owned(),
    };
    let amount = shortened(amount, BOX_CHARS);
    let (x, anchor) = if spot.x < 40.0 { (spot.x, "start") } else { (spot.x + BAR / 2.0, "middle") };
    let y = spot.y - 5.0;
    let _ =
        writeln!(svg, "<text class=\"hop\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{:.1}\">{name}</text>", y - 12.0);
    let _ =
        writeln!(svg, "<text class=\"hop amount\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{amount}</text>");
}

/// An amount without the zeros at its end: still exact.
fn short(amount: Money<'_>) -> String {
    let number = amount.number();
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.').to_owned() } else { number }
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// An account by its beginning and its end; it stands in full in the tables.
fn middle(account: &str) -> String {
    let chars: Vec<char> = account.chars().collect();
    match chars.len() {
        0..=12 => account.to_owned(),
        length => chars[..6].iter().chain(&['…']).chain(&chars[length - 4..]).collect(),
    }
}

/// The text in at most two rows; what does not fit is shown as cut, and stands in full in the tables.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let chars: Vec<char> = shortened(text, 2 * width).chars().collect();
    chars.chunks(width).map(|row| row.iter().collect()).collect()
}

/// The colour's class, the same as in the tables.
pub(crate) fn class(kind: &Kind) -> &'static str {
    match kind {
        Kind::Theft => "theft",
        Kind::Opened(_) => "converted",
        Kind::Hops(_) | Kind::Accounts { .. } => "hops",
        Kind::End { terminal, .. } => terminal_class(*terminal),
    }
}

/// The class of a terminal.
pub(crate) fn terminal_class(terminal: Terminal) -> &'static str {
    match terminal {
        Terminal::AtRest => "rest",
        Terminal::AtService(_) => "service",
        Terminal::Mixed => "mixed",
        Terminal::Fee | Terminal::Lost => "fee",
        Terminal::Burned | Terminal::Frozen => "burned",
        Terminal::Converted => "converted",
        _ => "cut",
    }
}
