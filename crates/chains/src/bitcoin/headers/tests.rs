//! Orders of small regtest chains.
