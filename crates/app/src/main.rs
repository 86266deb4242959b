//! The `coinhound` program: everything it does lies in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    coinhound_app::run()
}
