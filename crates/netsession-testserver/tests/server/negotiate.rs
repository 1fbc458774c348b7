//! \[MS-SMB2\] 3.3.5.4.

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::*;

use crate::raw::{Raw, scenario};

/// The answer to a NEGOTIATE of 3.1.1 that was changed.
fn negotiate(change: impl FnOnce(&mut NegotiateRequest)) -> NtStatus {
    let mut raw = Raw::with(scenario(), Dialect::Smb311);
    let mut request = raw.negotiate_request();
    change(&mut request);
    raw.one(&request).0.status
}

#[test]
fn negotiate_without_a_dialect_is_an_invalid_parameter() {
    assert_eq!(negotiate(|request| request.dialects.clear()), NtStatus::INVALID_PARAMETER);
    assert_eq!(negotiate(|request| request.dialects = vec![0x0400]), NtStatus::NOT_SUPPORTED);
}

#[test]
fn negotiate_has_each_context_once() {
    for index in 0..3 {
        let twice = |request: &mut NegotiateRequest| {
            let context = request.contexts[index].clone();
            request.contexts.push(context);
        };
        assert_eq!(negotiate(twice), NtStatus::INVALID_PARAMETER, "{index}");
    }
    assert_eq!(negotiate(|request| drop(request.contexts.remove(0))), NtStatus::INVALID_PARAMETER);
    assert_eq!(negotiate(|request| request.contexts.truncate(1)), NtStatus::SUCCESS);
}

#[test]
fn negotiate_without_a_common_hash_algorithm_says_so() {
    let other_hash = |request: &mut NegotiateRequest| {
        request.contexts[0] = NegotiateContext::Preauth { hashes: vec![0x77], salt: vec![1; 32] };
    };
    assert_eq!(negotiate(other_hash), NtStatus::SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP);
}
