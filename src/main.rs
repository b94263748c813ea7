//! The program: everything it does is in [`lumbard::commands`].

use std::process::ExitCode;

fn main() -> ExitCode {
    lumbard::commands::main()
}
