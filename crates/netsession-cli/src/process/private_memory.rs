//! The memory of this process has passwords and keys in it, and is shown to no one.

/// No core dump, and no other process of the same user may read this one's memory (`/proc/PID/mem`, ptrace); root still
/// may. Where a system refuses it, the program goes on: none is known that does.
#[cfg(unix)]
pub(crate) fn keep_memory_private() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    // A pipe in core_pattern gets a dump even at this limit (core(5)): on Linux the second call is what counts.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Windows writes no dump of a program by default, and another user cannot read its memory.
#[cfg(not(unix))]
pub(crate) fn keep_memory_private() {}
