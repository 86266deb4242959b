//! A few threads over a list of independent pieces of work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does pieces `0..count` of work, in any order, and returns the results in order.
///
/// With one thread the pieces are done in order on the caller's.
///
/// # Errors
/// The error of the lowest-numbered piece that failed; pieces after a failure may be left out.
pub(super) fn run<T: Send, E: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    if threads <= 1 || count <= 1 {
        return (0..count).map(work).collect();
    }
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| worker(&next, count, &work, &done));
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(piece, _)| *piece);
    done.into_iter().map(|(_, result)| result).collect()
}

fn worker<T, E>(
    next: &AtomicUsize,
    count: usize,
    work: &impl Fn(usize) -> Result<T, E>,
    done: &Mutex<Vec<(usize, Result<T, E>)>>,
) {
    loop {
        let piece = next.fetch_add(1, Ordering::Relaxed);
        if piece >= count {
            return;
        }
        let result = work(piece);
        if result.is_err() {
            next.store(count, Ordering::Relaxed);
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).push((piece, result));
    }
}
