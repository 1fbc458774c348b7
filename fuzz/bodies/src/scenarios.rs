use std::sync::LazyLock;

use netsession_testserver::Scenario;
use netsession_testserver::scenario::{
    CipherName, CompoundReplies, DialectNumber, Encryption, SHIPPED, SigningName, shipped,
};

use crate::input::Input;

/// Those that come with the double.
static SHIPPED_SCENARIOS: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    SHIPPED.iter().map(|name| shipped(name).expect("what is shipped is a scenario")).collect()
});

/// A server without faults.
pub(crate) fn scenario(input: &mut Input<'_>) -> Scenario {
    let all = &*SHIPPED_SCENARIOS;
    let mut scenario = all[usize::from(input.u8()) % all.len()].clone();
    let dialect = input.pick(&[
        None,
        Some(DialectNumber::Smb202),
        Some(DialectNumber::Smb210),
        Some(DialectNumber::Smb300),
        Some(DialectNumber::Smb302),
        Some(DialectNumber::Smb311),
    ]);
    let knows_validation = input.one_in(2);
    if let Some(dialect) = dialect {
        scenario.smb.dialects = vec![dialect];
        // Servers of the time before 3.0 do not know the question.
        let old = matches!(dialect, DialectNumber::Smb202 | DialectNumber::Smb210);
        scenario.smb.validates_negotiation = !old || knows_validation;
    }
    let protection = input.u8();
    scenario.smb.encryption =
        [Encryption::Offered, Encryption::Off, Encryption::Required][usize::from(protection % 3)];
    let ciphers =
        [CipherName::Aes128Ccm, CipherName::Aes128Gcm, CipherName::Aes256Ccm, CipherName::Aes256Gcm];
    scenario.smb.ciphers = vec![ciphers[usize::from(protection / 3 % 4)]];
    let signing = [SigningName::HmacSha256, SigningName::AesCmac, SigningName::AesGmac];
    scenario.smb.signing = signing.get(usize::from(protection / 12 % 4)).copied().into_iter().collect();
    scenario.smb.compound_replies = input.pick(&[
        CompoundReplies::Joined,
        CompoundReplies::Separate,
        CompoundReplies::Reversed,
        CompoundReplies::FirstAlone,
    ]);
    scenario.rpc.overflow_between_fragments = input.one_in(2);
    scenario.session_enum.page_size = [None, Some(1), Some(2), Some(7)][usize::from(input.u8() % 4)];
    let many = [0, 0, 0, 5, 30, 90][usize::from(input.u8() % 6)];
    if let Some(one) = scenario.sessions().first().cloned() {
        let mut sessions = scenario.sessions().to_vec();
        sessions.extend(std::iter::repeat_n(one, many));
        scenario = scenario.with_sessions(sessions);
    }
    scenario.rpc.max_fragment = if input.one_in(2) { 1432 } else { 5840 };
    scenario
}
