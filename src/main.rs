//! The program: everything is in the library.

fn main() -> std::process::ExitCode {
    attestry::cli::main()
}
