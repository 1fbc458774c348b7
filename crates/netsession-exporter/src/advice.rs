//! What to do about an error, for the people who run an exporter: it goes on, so that nothing is started again.

use netsession::{Error, ErrorKind};

use crate::settings::Settings;

/// The usual cause and what to do.
pub(crate) fn advice(error: &Error, settings: &Settings) -> Option<String> {
    let of_library = error.advice();
    match error.kind() {
        // It says that the account is not tried again, and not what ends that here.
        ErrorKind::LogOnRefused => {
            of_library.map(|advice| format!("{advice} Correct it, then {}.", lift(settings)))
        }
        kind => log_on_advice(kind, settings).or(of_library),
    }
}

/// What the log-on guard holds back. The library's own words are for a program that ends.
fn log_on_advice(kind: ErrorKind, settings: &Settings) -> Option<String> {
    match kind {
        ErrorKind::LogOnBlocked => Some(format!(
            "So that the account is not locked, one refusal ends its log-ons: correct user, domain and password, then \
             {}.",
            lift(settings)
        )),
        ErrorKind::LogOnUnanswered => Some(format!(
            "A log-on without an answer may have been a wrong one, and at most two of them are sent: look at the server \
             that does not answer. The account is used again when an answer comes, after 35 minutes, or \
             after a reload {RELOAD_WAY}.",
        )),
        _ => None,
    }
}

/// How the administrator of the machine has the exporter reload, which uses every account again.
pub(crate) const RELOAD_WAY: &str = if cfg!(windows) {
    "by the service manager (sc.exe control NAME paramchange), or start it again if it is no service"
} else {
    "by SIGHUP"
};

/// How the block of an account is lifted: what an HTTP client may do only where that is enabled.
pub(crate) fn lift(settings: &Settings) -> String {
    if settings.restart_for_passwords {
        return "restart the exporter: the service manager hands it the password at its start alone"
            .to_owned();
    }
    // A reload by HTTP lifts it as well, but only where the secret has changed.
    let request =
        if settings.lifecycle { ", or lift the block by POST /-/unblock?account=ACCOUNT" } else { "" };
    format!("reload the exporter {RELOAD_WAY}{request}")
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn what_is_blocked_is_lifted_by_what_an_exporter_takes() {
        let blocked = |lifecycle| {
            log_on_advice(ErrorKind::LogOnBlocked, &Settings { lifecycle, ..Settings::default() }).unwrap()
        };
        assert!(blocked(false).ends_with("then reload the exporter by SIGHUP."), "{}", blocked(false));
        assert!(
            blocked(true).ends_with("by SIGHUP, or lift the block by POST /-/unblock?account=ACCOUNT."),
            "{}",
            blocked(true)
        );
        let of_systemd = Settings { restart_for_passwords: true, lifecycle: true, ..Settings::default() };
        let blocked = log_on_advice(ErrorKind::LogOnBlocked, &of_systemd).unwrap();
        assert!(blocked.contains("then restart the exporter: "), "{blocked}");
        assert!(!blocked.contains("SIGHUP") && !blocked.contains("unblock"), "{blocked}");
        let held = log_on_advice(ErrorKind::LogOnUnanswered, &Settings::default()).unwrap();
        assert!(held.ends_with("after 35 minutes, or after a reload by SIGHUP."), "{held}");
        let refused =
            advice(&Error::for_testing(ErrorKind::LogOnRefused, "fs1"), &Settings::default()).unwrap();
        assert!(refused.ends_with(" Correct it, then reload the exporter by SIGHUP."), "{refused}");
    }
}
