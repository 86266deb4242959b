//! The coinhound binary.
fn main() {}
