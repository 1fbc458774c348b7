//! The fuzz targets without libFuzzer: the fuzzer runs these functions, and `cargo test` runs them over the corpus and
//! over every finding.
//!
//! A broken property is a panic. Everything is a function of the input: random numbers are fixed, and the
//! clock is the input's.
//!
//! | target | what it holds |
//! |---|---|
//! | [`decoders`] | no decoder panics, and a value is the same after encoding and decoding |
//! | [`client_raw`] | the client under any bytes, from a server with or without the keys |
//! | [`client_structured`] | the client in a live conversation with the double, with an attacker in between |
//! | [`answer`] | queries, the answers of which come in fragments in any order and with lying hints |
//! | [`rpc_pipe`] | the pipe alone: any call, and protected replies of all kinds |
//! | [`server`] | the double's core under any client's bytes |
//! | [`ntlm_exchange`] | the log-on, with changes to each token |
//! | [`logon_guard`] | the log-on guard: the bounds over what reaches a server |
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is how a fuzz target reports; an index that is wrong is a finding in here"
)]

mod answer;
mod client;
mod decoders;
mod input;
mod ntlm;
mod opening;
mod peer;
mod pipe_server;
mod queries;
mod raw;
pub mod record;
mod rpc_pipe;
mod scenarios;
mod server;
mod structured;

/// A target.
pub type Target = fn(&[u8]);

/// Each target with its name, which is also the name of its folder of inputs.
pub const TARGETS: [(&str, Target); 8] = [
    ("decoders", decoders),
    ("client_raw", client_raw),
    ("client_structured", client_structured),
    ("answer", answer),
    ("rpc_pipe", rpc_pipe),
    ("server", server),
    ("ntlm_exchange", ntlm_exchange),
    ("logon_guard", logon_guard),
];

/// Every decoder; the first byte chooses.
pub fn decoders(data: &[u8]) {
    decoders::run(data);
}

/// The client's state machine under a server that sends anything.
pub fn client_raw(data: &[u8]) {
    drop(raw::run(data));
}

/// The double's core under a client that sends anything.
pub fn server(data: &[u8]) {
    server::run(data);
}

/// The client in conversations with the double that are changed on the way.
pub fn client_structured(data: &[u8]) {
    drop(structured::run(data));
}

/// A query whose answer comes in fragments, from a server that is honest or is not.
pub fn answer(data: &[u8]) {
    answer::run(data);
}

/// Calls over a pipe, from a server that is honest or is not.
pub fn rpc_pipe(data: &[u8]) {
    rpc_pipe::run(data);
}

/// The log-on with NTLM.
pub fn ntlm_exchange(data: &[u8]) {
    ntlm::run(data);
}

/// The log-on guard under sequences of events and times.
pub fn logon_guard(data: &[u8]) {
    netsession::fuzz_logon_guard(data);
}
