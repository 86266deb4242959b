//! Jobs shared out over threads; how many there are never shows in what comes back.

use std::thread;

/// Does every job, thread `t` of `n` the jobs `t, t + n, ..`, each thread with a worker of its own; the results stand in
/// the order of the jobs.
pub(crate) fn share<J: Sync, T: Send, W: FnMut(&J) -> T>(
    jobs: &[J],
    threads: usize,
    worker: impl Fn() -> W + Sync,
) -> Vec<T> {
    let threads = threads.clamp(1, jobs.len().max(1));
    if threads == 1 {
        return jobs.iter().map(worker()).collect();
    }
    let mut finished: Vec<Option<T>> = jobs.iter().map(|_| None).collect();
    thread::scope(|scope| {
        let worker = &worker;
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                let own = jobs.iter().enumerate().skip(first).step_by(threads);
                scope.spawn(move || {
                    let mut work = worker();
                    own.map(|(at, job)| (at, work(job))).collect::<Vec<_>>()
                })
            })
            .collect();
        for worker in workers {
            let done = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            done.into_iter().for_each(|(at, result)| finished[at] = Some(result));
        }
    });
    finished.into_iter().map(|result| result.expect("every job has its thread")).collect()
}
