//! Loads blocks into the store: stages, unwinding, progress.
