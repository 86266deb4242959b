//! Ctrl-C, and a system that asks the program to end: the first time work ends where it stands well, the second time
//! at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::{Exit, OrFail, Outcome};

/// The status of a program that a second signal ended, as shells count it.
const ENDED_AT_ONCE: i32 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on the first signal only asks; see [`asked`].
///
/// # Errors
/// When the system takes no handler.
pub fn heed() -> Outcome<()> {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(ENDED_AT_ONCE);
        }
        super::tell("stopping: what was read is being written; once more ends at once");
    };
    ctrlc::set_handler(handler).or_hint(Exit::Failure, "the system refuses a thread: is there memory for one?")
}

/// Ends the program where nothing was begun that could be kept.
pub fn leave_unchanged() -> ! {
    super::tell("stopped while finding blocks: the store is as it was; run the same command again to begin anew");
    std::process::exit(Exit::Partial as i32)
}

/// Whether the program was asked to end.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
