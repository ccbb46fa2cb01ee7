//! The program: everything is in the library.

/// Millions of small values are made and dropped on all cores: that is what this allocator is for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    attestry::cli::main()
}
