//! HTTP as nodes speak it, whatever their chain: one question, one answer, of a length and in a time that are bounded
//! before.
//!
//! In reading order: where a node listens ([`Endpoint`]), how a question ends without an answer ([`HttpError`]), how
//! much time that may take ([`Limits`]), the way there and back (`wire`), and how much of what a stranger wrote is repeated (`excerpt`).

mod endpoint;
mod error;
pub(crate) mod excerpt;
mod limits;
mod wire;

pub(crate) use crate::http::endpoint::SECRET_LEN_MAX;
pub use crate::http::endpoint::{Auth, Endpoint, EndpointError};
pub use crate::http::error::HttpError;
pub use crate::http::limits::{Limits, POLITE};
pub(crate) use crate::http::wire::{Http, Pace, authorization_of, explanation, redirection};
