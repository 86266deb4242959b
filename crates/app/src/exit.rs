//! How a run ends: exit codes that scripts can rely on, and errors a person can act on.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;

/// What the program's exit status means. The numbers are part of the interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Success = 0,
    /// Failed for a reason no other code names.
    Failure = 1,
    /// The command line itself is wrong.
    Usage = 2,
    /// Done, but not for everything that was asked: a gap, skipped rows, a spent budget.
    Partial = 3,
    /// What was asked for is not in the store or the case, or lies in or behind a gap in the blocks.
    NotFound = 4,
    /// The store or the case is damaged, of a newer format, or held by another writer.
    Store = 5,
    /// What was given is not acceptable: an address with a wrong checksum, a tag pack without sources.
    Input = 6,
    /// The node does not answer, or cannot yet: trying again may help.
    Node = 7,
}

/// The table of exit codes, as `--help` prints it.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong command line
  3  done in part: a gap in the blocks, skipped rows, a spent budget
  4  not found in the store or the case, or behind a gap in the blocks
  5  store or case damaged, of a newer format, or in use by another writer
  6  input refused: a wrong address, an incomplete tag pack, a node that is not what it should be
  7  the node does not answer, or cannot yet: try again";

/// Why a command failed, for the person who ran it.
#[derive(Debug)]
pub struct Failure {
    /// The status the program ends with.
    pub exit: Exit,
    /// What went wrong, in one sentence.
    pub message: String,
    /// The causes, outermost first.
    pub causes: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What a command gives back.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A failure with this status and message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), causes: Vec::new(), hint: None }
    }

    /// A failure told by an error and its sources.
    pub fn because(exit: Exit, error: &dyn Error) -> Self {
        let mut causes = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        Self { exit, message: error.to_string(), causes, hint: None }
    }

    /// The same failure with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    /// `error: ...`, the causes, a blank line, `hint: ...`. Text from outside is shown with its
    /// control characters escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", crate::text::lines(&self.message))?;
        for cause in &self.causes {
            writeln!(f, "  caused by: {}", crate::text::lines(cause))?;
        }
        match &self.hint {
            Some(hint) => writeln!(f, "\nhint: {}", crate::text::lines(hint)),
            None => Ok(()),
        }
    }
}

/// Which work on a file or folder failed: the verb of the message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attempt {
    /// Making a folder or a file.
    Create,
    /// Reading.
    Read,
    /// Filling a file.
    Write,
    /// Taking away.
    Remove,
}

impl Attempt {
    fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Write => "write",
            Self::Remove => "remove",
        }
    }
}

/// Names the file or folder that an input or output error is about.
pub trait OrName<T> {
    /// Fails with ``cannot write `path` ``, the cause, and what to do.
    ///
    /// # Errors
    /// The error, told with the path.
    fn or_name(self, exit: Exit, attempt: Attempt, path: &Path) -> Outcome<T>;
}

impl<T> OrName<T> for io::Result<T> {
    fn or_name(self, exit: Exit, attempt: Attempt, path: &Path) -> Outcome<T> {
        self.map_err(|error| {
            let message = format!("cannot {} `{}`", attempt.verb(), path.display());
            let failure = Failure { causes: vec![error.to_string()], ..Failure::new(exit, message) };
            match path_advice(error.kind()) {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        })
    }
}

/// What to do where the system refuses a path, as far as its answer tells.
pub(crate) fn path_advice(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::PermissionDenied => "name another place, or ask its owner for the right to use this one",
        io::ErrorKind::NotFound => "check the path: a folder above it does not exist",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free space on that disk, or name another place",
        io::ErrorKind::ReadOnlyFilesystem => "that disk is read-only: name another place",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
            "something else stands there or above it: name another place"
        }
        _ => return None,
    })
}

/// Turns any error into a [`Failure`] with a chosen status.
pub trait OrFail<T> {
    /// Fails with this status.
    ///
    /// # Errors
    /// The error, told with its sources.
    fn or_exit(self, exit: Exit) -> Outcome<T>;

    /// Fails with this status and advice.
    ///
    /// # Errors
    /// The error, told with its sources and the hint.
    fn or_hint(self, exit: Exit, hint: &str) -> Outcome<T>;
}

impl<T, E: Error> OrFail<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Outcome<T> {
        self.map_err(|error| Failure::because(exit, &error))
    }

    fn or_hint(self, exit: Exit, hint: &str) -> Outcome<T> {
        self.map_err(|error| Failure::because(exit, &error).hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_error_then_hint_and_cannot_drive_the_terminal() {
        let failure = Failure::new(Exit::Input, "bad \u{1b}[31mlabel\u{202e}").hint("look at line 3");
        assert_eq!(failure.to_string(), "error: bad \\u{1b}[31mlabel\\u{202e}\n\nhint: look at line 3\n");
    }
}
