#![no_main]

use netsession_fuzz as _;

libfuzzer_sys::fuzz_target!(|data: &[u8]| netsession_fuzz_bodies::logon_guard(data));
