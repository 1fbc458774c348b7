//! What all targets have in common: a limit of memory. libFuzzer's own one for a single allocation works only with a
//! sanitizer, and its limit for the whole process counts the inputs that it keeps.

use std::alloc::System;

use cap::Cap;

/// The client's limits in the targets are 256 KiB of answer and 128 KiB of frame: who needs more than this has
/// allocated what the wire said.
const BYTES: usize = 16 << 20;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, BYTES);
