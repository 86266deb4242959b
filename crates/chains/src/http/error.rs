//! How a question to a node can end without an answer to use.

use std::io;
use std::time::Duration;

/// Why there is no answer, or none that is read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// No connection.
    #[error("there is no connection")]
    Unreachable {
        /// Why.
        source: io::Error,
    },
    /// The connection broke before the answer was whole.
    #[error("the answer broke off")]
    BrokenOff {
        /// Why.
        source: io::Error,
    },
    /// The time for an answer is over.
    #[error("no answer came within {:.1} s", within.as_secs_f64())]
    Timeout {
        /// The time it had.
        within: Duration,
    },
    /// The answer trickles.
    #[error(
        "the answer is too slow: {got} bytes in {:.1} s, at least {floor} bytes per second are expected", after.as_secs_f64()
    )]
    TooSlow {
        /// Bytes that came.
        got: u64,
        /// Since the answer began.
        after: Duration,
        /// The least, in bytes per second.
        floor: u64,
    },
    /// The answer sends us elsewhere.
    #[error("the answer is a redirection (HTTP {status}) to {}", to.as_deref().unwrap_or("nowhere"))]
    Redirect {
        /// The HTTP status.
        status: u16,
        /// Where to.
        to: Option<String>,
    },
    /// What answers does not speak HTTP.
    #[error("what answers does not speak HTTP")]
    NotHttp {
        /// Why.
        source: io::Error,
    },
    /// The answer is longer than any true one.
    #[error("the answer is longer than the {limit} bytes that it may have")]
    TooLong {
        /// The most it may have, in bytes.
        limit: u64,
        /// The length it announces, in bytes, where it does.
        told: Option<u64>,
    },
}

impl HttpError {
    /// Whether waiting and asking again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::BrokenOff { .. } | Self::Timeout { .. } | Self::TooSlow { .. })
    }

    /// Whether it took its whole time, so that repeating it often would take hours.
    pub(crate) fn took_its_time(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::TooSlow { .. })
    }
}
