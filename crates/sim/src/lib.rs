//! Writes chains whose truth is known.
