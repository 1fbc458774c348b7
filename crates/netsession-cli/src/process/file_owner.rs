//! Whose files are trusted: the owner of a file can write it whatever its mode says.

/// Whether root or the user of this process is the owner.
pub(crate) fn is_mine_or_root(owner: u32) -> bool {
    owner == 0 || owner == rustix::process::geteuid().as_raw()
}

/// Whether this process runs for the owner, by sudo. The user who gets root that way has chosen the file as well.
pub(crate) fn is_of_sudo_user(owner: u32) -> bool {
    is_named_by_sudo(owner, rustix::process::geteuid().is_root(), std::env::var_os("SUDO_UID").as_deref())
}

/// Only root may trust the variable: `sudo -u bob` sets it as well, and alice must not choose the password of bob's programs.
fn is_named_by_sudo(owner: u32, is_root: bool, variable: Option<&std::ffi::OsStr>) -> bool {
    let named = variable.and_then(std::ffi::OsStr::to_str).and_then(|uid| uid.parse().ok());
    is_root && named == Some(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sudo_names_one_user_to_root() {
        let is_named = |is_root, variable: &str| is_named_by_sudo(1_000, is_root, Some(variable.as_ref()));
        assert!(is_named(true, "1000"));
        assert!(!is_named(true, "1001") && !is_named(true, "") && !is_named(true, "alice"));
        assert!(!is_named(false, "1000") && !is_named_by_sudo(1_000, true, None));
    }

    #[test]
    fn own_files_and_those_of_root() {
        assert!(is_mine_or_root(0) && is_mine_or_root(rustix::process::geteuid().as_raw()));
    }
}
