//! The store's test suites as functions: the everyday tests call them with small counts, `cargo xtask`
//! with large ones. Compiled only with the feature `campaign`.

pub mod toy;
